"""A person explores a run in real JupyterLab, in headless Chromium: filter, click, keys, slider, lasso."""

import re

import pytest
from made_up_run import add_classifier, add_gan, make_run
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
SLOW_MS = 90_000  # a busy machine starts a kernel, and imports networks, slowly
SORTED = """view => {
    const seconds = [...view.querySelectorAll("td[data-name=seconds]")].map(cell => Number(cell.innerText));
    return seconds.length > 1 && seconds.every((value, place) => place === 0 || seconds[place - 1] <= value);
}"""


@pytest.fixture
def address(tmp_path, monkeypatch, open_notebook) -> str:
    """Notebook 13 in JupyterLab, for a made-up run of patients' images."""
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path / "workspace"))
    run = make_run(cohort="csv", reader_kind="human")
    add_classifier(run)
    add_gan(run)
    return open_notebook("13_explore.ipynb")


def test_every_view_answers_to_mouse_and_keys_and_leaves_nothing_in_the_notebook(
    page, address, run_all_cells, tmp_path
):
    expect.set_options(timeout=SLOW_MS)
    page.set_viewport_size({"width": 1400, "height": 9500})  # JupyterLab makes only what can be seen
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    run_all_cells(page)
    page.get_by_text("Power to find a difference in area under the ROC curve").wait_for()
    page.get_by_text("Between runs: conditionality").wait_for()

    filter_and_step(page.locator(".ex:has(.ex-body)").nth(0), page)
    the_other_views_follow(page.locator(".ex:has(.ex-body)").nth(0), page)
    from_figure_to_images(page, page.locator(".ex:has(.ex-body)").nth(1))
    decide_otherwise(page)
    draw_with_the_gan(page)
    lasso(page, page.locator(".ex:has(.ex-body)").nth(2))
    move_a_slider_of_the_planner(page)
    page.screenshot(path=tmp_path / "explore.png")

    page.keyboard.press("Control+s")
    saved = tmp_path / "notebooks" / "13_explore.ipynb"
    page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    text = saved.read_text()
    assert "execution_count" in text and "widget-view" in text
    for kept in ("image/png", "widget-state", "<svg", "phantom-0"):
        assert kept not in text, kept
    assert errors == []


def filter_and_step(cases, page):
    expect(cases.locator(".ex-count")).to_contain_text("264 answers")
    cases.locator("details[data-name=source] summary").click()
    cases.get_by_role("checkbox", name="GAN").check()
    expect(cases.locator(".ex-count")).not_to_contain_text("264")
    sources = set(cases.locator("td[data-name=source]").all_inner_texts())
    assert sources == {"GAN"}
    page.keyboard.press("Escape")
    cases.locator("tbody tr[data-index='3']").click()
    expect(cases).to_have_attribute("data-shown", "3")
    cases.focus()
    for key, index in (("ArrowDown", "4"), ("ArrowUp", "3"), ("k", "2"), ("Home", "0")):
        page.keyboard.press(key)
        expect(cases).to_have_attribute("data-shown", index)
    before = page.locator(".jp-Notebook .jp-Cell").count()
    for key in ("i", "o", "x", "d", "d"):  # the view's own, and JupyterLab's shortcuts on cells
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == before
    cases.locator("th[data-name=seconds] button").click()
    page.wait_for_function(SORTED, arg=cases.element_handle())
    expect(cases.locator(".ex-answers tbody tr")).to_have_count(3)
    expect(cases.locator(".ex-facts").first).to_be_visible()


def the_other_views_follow(cases, page):
    told = [view.locator(".ex-count") for view in page.locator(".ex:has(.ex-body)").all()]
    assert len(told) == 3
    for count in told:
        expect(count).to_have_text(told[0].inner_text())
    figures = page.locator(".ex-picture", has_text="realism")
    expect(figures.first.locator(".ex-flag")).to_have_text("filtered")
    expect(page.locator(".ex-atlas")).to_have_attribute("data-chosen", re.compile(r"^[1-9]\d?$"))
    cases.get_by_role("button", name="Show all").click()
    expect(figures.first.locator(".ex-flag:visible")).to_have_count(0)
    for count in told:
        expect(count).to_contain_text("264 answers")


def from_figure_to_images(page, cases):
    forest = page.locator(".ex-picture", has_text="Right answers: realism").first
    forest.locator("[data-pick]").first.click()
    expect(cases.locator(".ex-count")).to_contain_text("from a figure: atelectasis, gan")
    by_mouse = cases.locator(".ex-count").inner_text()
    forest.locator("[data-pick]").nth(1).focus()
    page.keyboard.press("Enter")
    expect(cases.locator(".ex-count")).to_contain_text("atelectasis, diffusion")
    assert cases.locator(".ex-count").inner_text() != by_mouse
    expect(cases).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(cases).to_have_attribute("data-shown", "1")
    page.keyboard.press("Escape")
    expect(forest.locator("[data-pick]").nth(1)).to_be_focused()
    for title, told in (
        ("Reasons: realism", "right"),
        ("Answers: conditionality", "present"),
        ("ROC curves", "reader-"),
    ):
        mark = page.locator(".ex-picture", has_text=title).first.locator("[data-pick]").first
        mark.focus()
        page.keyboard.press("Enter")
        expect(cases.locator(".ex-count")).to_contain_text("from a figure")
        expect(cases.locator(".ex-count")).to_contain_text(told)
    cases.get_by_role("button", name="Show all").click()
    cases.locator("details[data-name=reader] summary").click()
    cases.get_by_role("checkbox", name="reader-1").check()
    expect(forest.locator(".ex-flag:visible")).to_have_text("filtered")
    page.keyboard.press("Escape")


def decide_otherwise(page):
    panel = page.locator(".widget-vbox", has=page.get_by_role("button", name="Back to the plan")).first
    panel.get_by_role("checkbox", name="reader-2").click()
    expect(panel.locator(".ex-flag:visible").first).to_have_text("exploratory")
    expect(panel.get_by_text("without reader-2")).to_be_visible()
    panel.get_by_role("button", name="Back to the plan").click()
    expect(panel.locator(".ex-flag:visible")).to_have_count(0)
    panel.get_by_role("checkbox", name="differences in right answers").click()
    expect(panel.get_by_text("primary questions (right answers, ")).to_be_visible()
    panel.get_by_role("button", name="Back to the plan").click()
    expect(panel.locator(".ex-flag:visible")).to_have_count(0)


def draw_with_the_gan(page):
    told_below = page.locator(".ex-screen p").first
    expect(told_below).to_contain_text("GAN, seed 1")
    seed = page.locator(".widget-slider", has_text="Seed").first
    seed.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    expect(told_below).to_contain_text("GAN, seed 2")
    for title, told in (("Share of the second seed", "5% of seed 2"), ("How much (1: as asked)", "1.1 × atelectasis")):
        page.locator(".widget-slider", has_text=title).first.locator(".noUi-handle").focus()
        page.keyboard.press("ArrowRight")
        expect(told_below).to_contain_text(told)


def lasso(page, cases):
    cloud = page.locator(".ex-atlas[data-frame-ms]")
    box = cloud.locator(".ex-cloud > canvas").bounding_box()
    corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)]
    places = [(box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in corners]
    page.keyboard.down("Shift")
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(cloud.get_by_text("Outside")).to_be_visible()
    expect(cases.locator(".ex-lasso")).to_contain_text("images chosen")
    cloud.get_by_label("Laid out by").select_option("pixels")
    expect(cloud.get_by_label("Laid out by")).to_have_value("pixels")
    cases.get_by_role("button", name="Show all").click()
    cases.locator("details[data-name=source] summary").click()
    cases.get_by_role("checkbox", name="GAN").check()
    expect(cloud).to_have_attribute("data-chosen", re.compile(r"^[1-9]\d?$"))
    page.keyboard.press("Escape")
    cloud.locator(".ex-cloud > canvas").focus()
    for key in ("+", "+", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    expect(cases.locator(".ex-count")).to_contain_text("from the atlas")
    page.keyboard.press("Escape")
    expect(cases.locator(".ex-count")).to_contain_text("264 answers")
    for key in ("-", "-", " "):
        page.keyboard.press(key)
    cloud.locator(".ex-card:not([hidden]) canvas").wait_for()
    canvas = cloud.locator(".ex-cloud > canvas")
    canvas.hover(position=place_of_a_point(canvas))
    cloud.get_by_label("Colour by").hover()
    expect(cloud.locator(".ex-card")).to_be_hidden()
    canvas.hover(position=place_of_a_point(canvas))
    cloud.locator(".ex-card:not([hidden]) canvas").wait_for()


def place_of_a_point(canvas):
    """Where on the canvas a point of the cloud has been painted."""
    return canvas.evaluate("""(canvas) => {
        const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const [ground, pixels] = [data.slice(0, 3).join(), width * height];
        const isPoint = (at) => data.slice(4 * at, 4 * at + 3).join() !== ground;
        const at = Array.from({ length: pixels }, (_, i) => (i + Math.floor(pixels / 2)) % pixels).find(isPoint);
        const scale = canvas.clientWidth / width;
        return { x: (at % width) * scale, y: Math.floor(at / width) * scale };
    }""")


def move_a_slider_of_the_planner(page):
    picture = page.locator(".ex-picture", has_text="Power to find a difference").first
    before = picture.locator("p").inner_text()
    page.locator(".widget-slider", has_text="Readers").first.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    expect(picture.locator("p")).not_to_have_text(before)
