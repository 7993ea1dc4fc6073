"""A person reads in real JupyterLab, in headless Chromium: by keys and mouse, through a reload, to the end."""

import json

import pytest

from helpers.runs import NOTEBOOKS

pytestmark = pytest.mark.browser


@pytest.fixture
def lab(run, serve, tmp_path):
    """JupyterLab on a copy of the reading notebook for the tiny run; its address."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    source = (NOTEBOOKS / "07_reading.ipynb").read_text()
    assert 'run = \\"quick\\"' in source
    (folder / "07_reading.ipynb").write_text(source.replace('run = \\"quick\\"', 'run = \\"tiny\\"'))
    quiet = tmp_path / "home" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True)
    (quiet / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False})
    )
    options = ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", "--allow-root"]
    return serve("jupyterlab", *options, folder=folder, ready="/api")


def run_all_cells(page):
    """Run > Run All Cells, once the kernel is there."""
    page.get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def test_a_session_by_keys_and_mouse_goes_on_after_a_reload(page, lab, run, read_state, turning, tmp_path):
    page.goto(f"{lab}/lab/tree/07_reading.ipynb")
    page.locator(".jp-Notebook").wait_for()
    run_all_cells(page)
    page.locator(".rr[data-screen=start]").wait_for()
    page.get_by_role("button", name="Start reading").hover()
    page.screenshot(path=tmp_path / "start.png")
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    with turning(page):
        page.get_by_role("button", name="Start reading").click()

    page.keyboard.press("4")
    page.keyboard.press("o")
    page.keyboard.type("1 bad dd z")  # in the note: no key is taken for an answer, a cell command or an undo
    page.keyboard.press("Enter")
    page.screenshot(path=tmp_path / "pair.png")
    with turning(page):
        page.keyboard.press("Enter")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    first = next(iter(read_state()[0].answers.values()))
    assert (first.rating, first.cue, first.cue_text) == (1, "other", "1 bad dd z")

    with turning(page):
        page.get_by_role("radio", name="Definitely left").click()
        page.get_by_role("radio", name="Bone structure").click()
        page.get_by_role("button", name="Submit").click()
    with turning(page):
        page.keyboard.press("z")
    assert read_state()[0].answered == 1
    with turning(page):
        page.keyboard.press("3")
        page.keyboard.press("Enter")

    waiting_for = read_state()[0].current.trial_id
    page.reload()
    page.locator(".jp-Notebook").wait_for()
    run_all_cells(page)
    begin = page.get_by_role("button", name="Go on reading")
    begin.wait_for()
    with turning(page):
        begin.click()
    assert page.locator(".rr").get_attribute("data-shown") == waiting_for

    while page.locator(".rr").get_attribute("data-screen") == "case":
        session, _ = read_state()
        with turning(page):
            page.keyboard.press("12345"[session.answered % 5])
            if session.current.asks_cue and session.answered % 5 != 2:
                page.keyboard.press("sbdao"[session.answered % 5])
                page.locator(".rr").focus()
            if not session.current.asks_cue:
                page.screenshot(path=tmp_path / "conditionality.png")
            page.keyboard.press("Enter")
    page.screenshot(path=tmp_path / "thanks.png")
    assert page.get_by_role("heading", name="Thank you").is_visible()

    session, events = read_state()
    answered = [event.trial_id for event in events if event.kind == "answered"]
    undone = [event.trial_id for event in events if event.kind == "undone"]
    assert session.is_finished and len(undone) == 1
    assert sorted(answered) == sorted([*session.answers, *undone])
    assert all(answer.active_ms > 0 for answer in session.answers.values())
    assert not run.manifest("07_reading").exists(), "opening the notebook must not touch the stage"
