"""The owner's page in a browser: what is there, that it follows the readings, and WCAG 2.2 AA in both colours."""

import pytest
from wcag import faults

from helpers.reading.room import open_study
from helpers.runs import PROJECT
from helpers.study.accounts import Account, add_account
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.keepers import MONITOR, Keeper, set_keeper

pytestmark = pytest.mark.browser


@pytest.fixture
def enter(run, serve, chromium):
    """A function: the page of a keeper, who has entered by their code."""
    plan, store = open_study("tiny")
    add_account(store, plan, Account("reader-1"))
    address = serve("helpers.reading", "--run=tiny", folder=PROJECT, ready="/door")
    contexts = []

    def start(keeper: Keeper, scheme: str = "dark", viewport=(1440, 900)):
        code = set_keeper(store, keeper)
        size = {"width": viewport[0], "height": viewport[1]}
        contexts.append(chromium.new_context(viewport=size, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.goto(f"{address}/owner/")
        field = page.locator("input[type=password]")
        field.wait_for()
        assert faults(page, None) == []
        field.fill(code)
        field.press("Enter")
        page.locator("table").wait_for()
        return page

    yield start
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme, viewport", [("dark", (1440, 900)), ("light", (1024, 700))])
def test_an_owner_follows_the_readings_and_gets_a_code(enter, scheme, viewport, tmp_path):
    page = enter(Keeper("olga <b>bold</b>"), scheme, viewport)
    row = page.locator("tr", has_text="reader-1")
    assert "not begun" in row.inner_text() and "olga <b>bold</b>" in page.inner_text("header")
    desk = Desk(*open_study("tiny")[::-1], "reader-1")
    desk.answer(desk.current.trial_id, "a", Answer(0, active_ms=2000))
    row.get_by_text("1 / ").wait_for()
    row.get_by_role("button", name="New code").click()
    assert faults(page, None) == []
    page.screenshot(path=tmp_path / "dialog.png")
    page.locator("dialog button[type=submit]").click()
    page.get_by_text("Access code of reader-1").wait_for()
    assert faults(page, None) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=tmp_path / "page.png")


def test_an_export_is_saved_once_nobody_reads(enter):
    page = enter(Keeper("olga"))
    desk = Desk(*open_study("tiny")[::-1], "reader-1")
    while desk.current:
        desk.answer(desk.current.trial_id, f"{desk.position}", Answer(0, active_ms=2000))
    page.get_by_role("button", name="Sealed export").click()
    with page.expect_download() as download:
        page.locator("dialog button[type=submit]").click()
    assert download.value.suggested_filename == "tiny.zip" and download.value.path().stat().st_size > 1000


def test_a_monitor_has_nothing_to_press(enter):
    page = enter(Keeper("mo", MONITOR, "es"))
    assert page.locator("button:visible").count() == 0 and page.title() == "Página del responsable"
    assert faults(page, None) == []
