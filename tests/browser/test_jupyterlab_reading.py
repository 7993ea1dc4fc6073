"""A person reads in real JupyterLab, in headless Chromium: by keys and mouse, through a reload."""

import json

import pytest
from playwright.sync_api import expect

from helpers.runs import NOTEBOOKS

pytestmark = pytest.mark.browser


def test_the_room_works_in_the_notebook_keeps_its_keys_to_itself_and_goes_on_after_a_reload(
    page, open_notebook, run_all_cells, run, begin, read_state, turning, tmp_path
):
    page.goto(open_notebook("07_reading.ipynb"))
    run_all_cells(page)
    cells = page.locator(".jp-Notebook .jp-Cell")
    written = len(json.loads((NOTEBOOKS / "07_reading.ipynb").read_text())["cells"])
    expect(cells).to_have_count(written)  # JupyterLab adds them one after another
    begin(page)

    page.keyboard.press("4")
    page.keyboard.press("o")
    page.keyboard.type("1 bad dd z")  # in the note: no key is taken for an answer, a cell command or an undo
    page.keyboard.press("Enter")
    for key in ("x", "x", "c", "v", "y", "k", "j", "0", "0", "m", "Escape"):  # JupyterLab's shortcuts on cells
        page.keyboard.press(key)
    page.screenshot(path=tmp_path / "pair.png")
    with turning(page):
        page.keyboard.press("Enter")
    expect(cells).to_have_count(written)
    owner = page.locator(".rr-owner")
    expect(owner.locator("tr", has_text="guest")).to_contain_text("1", timeout=30_000)  # nobody ran the cell again
    assert int(owner.get_attribute("data-drawn")) >= 2
    expect(owner.locator("img")).to_be_visible()
    first = next(iter(read_state()[0].answers.values()))
    assert (first.rating, first.cue, first.cue_text) == (1, "other", "1 bad dd z")

    with turning(page):
        page.get_by_role("radio", name="Definitely left").click()
        page.get_by_role("checkbox", name="Bone structure").click()
        page.get_by_role("button", name="Submit").click()
    with turning(page):
        page.keyboard.press("z")
    assert read_state()[0].answered == 1

    page.reload()
    run_all_cells(page)
    begin(page)
    session, events = read_state()
    assert page.locator(".rr").get_attribute("data-shown") == session.current.trial_id
    kinds = [event.kind for event in events]
    assert (kinds.count("answered"), kinds.count("undone")) == (2, 1)
    assert not run.manifest("07_reading").exists(), "opening the notebook must not touch the stage"
