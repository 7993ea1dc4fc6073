"""Headless Chromium, and the way to the first case of the reading room by keys, in a page or in JupyterLab."""

import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
OPEN_LAB = ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", "--allow-root"]  # no token, no password


def run_all_cells(page):
    """Run > Run All Cells, once the notebook is shown and its kernel is there."""
    page.locator(".jp-Notebook").wait_for()
    page.get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def begin(page):
    """From the first page to the first case: agree, read the instructions, see both squares of the ramp; a sitting that
    goes on after a reload is at its case at once."""
    room = page.locator(".rr")
    page.locator(".rr[data-screen=consent], .rr[data-screen=start], .rr[data-screen=case][data-shown]").wait_for()
    room.focus()
    if room.get_attribute("data-screen") == "case":
        return
    keys = ["1", "Enter"] if room.get_attribute("data-screen") == "consent" else []
    for key in keys:
        page.keyboard.press(key)
    page.locator(".rr[data-screen=start]").wait_for()
    for key in ("Enter", "1", "3", "Enter"):
        page.keyboard.press(key)
    page.locator(".rr[data-screen=case][data-shown]").wait_for()
