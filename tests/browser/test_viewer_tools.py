"""The viewer's tools as a person uses them: windows, zoom, position, magnifier and swap, by keys, mouse and fingers."""

import numpy as np
import pytest

from helpers.study.session import Session

pytestmark = pytest.mark.browser


def windows(bench) -> list[str]:
    """What stands at each image of its window: ``W 255  L 128``."""
    texts = bench.page.locator(".rr-corner").all_text_contents()
    return ["  ".join(text.split("  ")[:2]).strip() for text in texts]


def scale(bench) -> str:
    return bench.page.locator(".rr-corner").first.text_content().split("   ")[1]


def spots(bench) -> list[tuple[float, float]]:
    """Where the middle of a mark in the middle of the first image is: how the images lie."""
    box = bench.page.locator(".rr-mark:visible").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def begun(bench, **settings):
    made = bench(**settings)
    made.begin()
    return made


def test_a_small_image_is_enlarged_four_times_at_most_and_the_screen_says_so(bench):
    here = begun(bench, viewport=(2000, 1200))
    assert scale(here) == "64 × 64 pixels, enlarged 4 times"
    here.press("n")
    assert scale(here) == "64 × 64 pixels, one for each pixel of the display"
    fine = begun(bench, dots=2, language="es")
    assert scale(fine) == "64 × 64 píxeles, ampliados 4 veces", "the limit is one of the screen, not of its pixels"


def test_one_window_for_all_images_or_one_for_each_in_turn(bench):
    here = begun(bench)
    whole = "W 255  L 128"
    here.press("Shift+ArrowRight", "Shift+ArrowDown")
    assert windows(here) == ["W 263  L 136"] * 2
    here.press("r", "k", "Shift+ArrowRight")
    assert windows(here) == ["W 263  L 128", whole]
    here.press("k", "Shift+ArrowUp")
    assert windows(here) == ["W 263  L 128", "W 255  L 120"]
    box = here.page.locator(".rr-pane").first.bounding_box()
    here.page.mouse.move(box["x"] + 300, 300)
    here.page.mouse.down()
    here.page.mouse.move(box["x"] + 310, 300)
    here.page.mouse.up()
    here.carry()
    assert windows(here) == ["W 273  L 128", "W 255  L 120"], "the image that is dragged"
    here.press("k", "k")
    assert (
        windows(here)[0] == windows(here)[1] and here.page.locator("[data-tool=link][aria-pressed=true]").count() == 1
    )
    here.press("3", "Enter", "Enter")
    assert windows(here) == [whole] * 2, "every case begins with all levels"


def test_presets_take_the_window_from_the_images(bench):
    here = begun(bench)
    stored = [here.room.pictures.pixels(image) for image in here.room.desk.current.images]
    low, high = [
        outer(np.quantile(image, share, method="inverted_cdf") for image in stored)
        for outer, share in ((min, 0.01), (max, 0.99))
    ]
    here.press("6")
    assert windows(here) == [f"W {high - low}  L {round((high + low) / 2 + 1e-9)}"] * 2
    here.press("7")
    dark = windows(here)[0]
    here.press("8")
    assert windows(here)[0] != dark
    here.press("9")
    assert windows(here) == ["W 255  L 128"] * 2
    assert here.page.locator(".rr-panel [aria-checked=true]").count() == 0, "no key of a window answers"


def test_zoom_and_position_by_keys_and_by_dragging_without_a_modifier(bench):
    here = begun(bench)
    here.press("4", "a", "m", "ArrowUp", "Enter")  # a mark in the middle of the first image shows how it lies
    x, y = spots(here)
    here.press("ArrowRight")
    assert spots(here) == pytest.approx((x - 60, y), abs=1)
    here.press("ArrowLeft", "PageUp", "+")
    assert scale(here) == "64 × 64 pixels, enlarged 6.25 times" and spots(here) == pytest.approx((x, y), abs=2)
    here.press("-", "PageDown")
    assert scale(here) == "64 × 64 pixels, enlarged 4 times"
    here.press("v")
    here.page.mouse.move(x, y)
    here.page.mouse.down()
    here.page.mouse.move(x + 30, y - 20)
    here.page.mouse.up()
    here.carry()
    assert spots(here) == pytest.approx((x + 30, y - 20), abs=1) and windows(here)[0] == "W 255  L 128"


def test_a_pinch_zooms_and_leaves_the_window_alone(bench):
    here = begun(bench)
    touch = here.page.context.new_cdp_session(here.page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})

    def fingers(kind, *points):
        at = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    fingers("touchStart", (300, 300))
    fingers("touchMove", (320, 300))  # the first way is taken for a tremble
    fingers("touchMove", (340, 300))
    fingers("touchStart", (340, 300), (440, 300))
    fingers("touchMove", (290, 300), (490, 300))
    fingers("touchEnd")
    here.carry()
    times = float(scale(here).split()[-2])
    assert 5 < times < 10, "twice as far apart, but for the way that the browser takes for a tremble"
    assert windows(here) == ["W 255  L 128"] * 2
    fingers("touchStart", (300, 300))
    fingers("touchMove", (320, 300))
    fingers("touchMove", (340, 300))
    fingers("touchEnd")
    here.carry()
    assert windows(here)[0] != "W 255  L 128", "one finger is for the window"


WHEEL = (
    "(element, more) => element.dispatchEvent(new WheelEvent('wheel', { bubbles: true, cancelable: true, ...more }))"
)


def test_a_touchpads_pinch_zooms_the_images_and_never_the_page(bench):
    here = begun(bench)
    for place in (".rr-viewer", ".rr-panel", ".rr-bar"):
        goes_on = here.page.locator(place).evaluate(WHEEL, {"ctrlKey": True, "deltaY": -10})
        assert not goes_on, f"the page would be zoomed from {place}"
    here.carry()
    assert scale(here) == "64 × 64 pixels, enlarged 4.42 times"
    swipe = here.page.locator(".rr-viewer").evaluate(WHEEL, {"deltaX": 80})
    assert not swipe, "the browser would go back"
    style = "room => getComputedStyle(room).overscrollBehaviorX"
    assert here.page.locator(".rr").evaluate(style) == "none"


def test_the_magnifier_shows_the_spot_under_the_pointer_twice_as_large_while_it_is_held(bench):
    here = begun(bench)
    here.press("n", "x")
    box = here.page.locator(".rr-pane").first.bounding_box()
    here.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    glass = here.page.locator(".rr-glass")
    here.page.keyboard.down("g")
    here.carry()
    assert glass.count() == 2, "the same spot of every image"
    row = "glass => [...glass.getContext('2d').getImageData(120 - 20, 120, 40, 1).data].filter((_, i) => i % 4 === 0)"
    stored = here.room.pictures.pixels(here.room.desk.current.images[0])
    seen = bytes(glass.first.evaluate(row))
    assert any(seen in np.repeat(line, 2).tobytes() for line in stored), "stored pixels, two by two"
    here.page.keyboard.up("g")
    here.carry()
    assert glass.count() == 0


def test_all_keys_are_listed_and_none_acts_beneath_the_list(bench):
    here = begun(bench)
    here.press("?")
    listed = here.page.get_by_role("dialog", name="Keys and gestures")
    assert listed.is_visible() and "magnifier, while held" in listed.text_content()
    here.press("4", "i", "z")
    assert here.page.locator(".rr-panel [aria-checked=true]").count() == 0
    here.press("Escape")
    assert listed.is_hidden() and here.page.locator(".rr:focus").count() == 1
    here.press("4")
    assert here.page.locator(".rr-panel [aria-checked=true]").count() == 1


def answer_to_the_pair(bench, *keys: str):
    """Answer the first pair by these keys; returns its trial, the stored answer, and what the screen tells of it."""
    trial = bench.room.desk.current
    first, second = bench.page.locator(".rr-pane canvas:not(.rr-glass)").all()
    look = "canvas => [...canvas.getContext('2d').getImageData(canvas.width / 2 - 30, canvas.height / 2, 60, 1).data]"
    before = [first.evaluate(look), second.evaluate(look)]
    bench.press("w")
    assert [second.evaluate(look), first.evaluate(look)] == before, "the images have changed places"
    bench.press(*keys, "Enter")
    return trial, bench.room.desk.answers[trial.trial_id]


@pytest.mark.parametrize(("key", "rating", "side"), [("1", 2, "right"), ("5", -2, "left")])
def test_of_swapped_images_the_answer_is_stored_for_the_image_that_was_meant(bench, read_state, key, rating, side):
    here = begun(bench)
    trial, kept = answer_to_the_pair(
        here, key, "a", "m", "ArrowUp", *["ArrowRight"] * (0 if key == "1" else 30), "Enter"
    )
    assert (kept.rating, kept.mark_side, kept.swapped) == (rating, side, True)
    payload = next(event.payload for event in read_state()[1] if event.kind == "answered")
    assert payload["swapped"] is True and isinstance(read_state()[0], Session)
    truth = here.room.desk.feedback(trial.trial_id)
    flagged = here.page.locator(".rr-side").evaluate_all("all => all.findIndex((side) => side.matches('.rr-flag'))")
    assert ["right", "left"][flagged] == truth["truth"], "told by the place at which the reader sees it"
    verdict = "Correct." if truth["correct"] else "Not correct."
    shown = "left" if flagged == 0 else "right"
    told = here.page.locator(".rr-question").text_content()
    assert told == f"{verdict} The {shown} image is synthetic."


def test_what_has_been_chosen_goes_with_the_images_that_are_swapped(bench):
    here = begun(bench)
    here.press("2", "a", "m", "ArrowUp", "Enter", "k", "Shift+ArrowRight", "w", "Shift+ArrowRight")
    assert windows(here) == ["W 255  L 128", "W 271  L 128"], "the window of one image stays that image's"
    chosen = here.page.locator(".rr-scale [aria-checked=true]")
    assert (
        "Probably right" in chosen.text_content()
        and here.page.locator(".rr-pane").nth(1).locator(".rr-mark").is_visible()
    )
    (answer,) = [message for message in here.press("Enter") if message["do"] == "answer"]
    assert (answer["rating"], answer["mark_image"], answer["swapped"]) == (-1, 0, True)
    here.press("Enter")
    assert here.page.locator("[data-tool=swap][aria-pressed=true]").count() == 0, "every case begins as it comes"


def test_a_single_image_can_neither_be_swapped_nor_linked(bench):
    here = begun(bench)
    while here.page.locator(".rr-pane").count() > 1 or here.screen != "case":
        here.press(*(("3", "Enter") if here.screen == "case" else ("Enter",)))
    assert here.page.locator("[data-tool=swap]").is_hidden() and here.page.locator("[data-tool=link]").is_hidden()
    (answer,) = [message for message in here.press("w", "k", "3", "Enter") if message["do"] == "answer"]
    assert answer["swapped"] is False


SPARE_ROOM_OF_NOTE = """() => {
    const note = document.querySelector(".rr-note"), style = getComputedStyle(note);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
    return note.clientWidth - padding - pen.measureText(note.placeholder).width;
}"""


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_the_note_is_for_can_be_read_beside_reasons_and_a_mark(bench, language):
    here = begun(bench, language=language)
    here.press("5", "a", "m", "ArrowUp", "Enter")
    assert here.page.locator("[data-tool=unmark]").is_visible()
    for width in (1000, 1180, 1181, 1250, 1251, 1280, 1350, 1351, 1400, 1401):
        here.page.set_viewport_size({"width": width, "height": 800})
        assert here.page.evaluate(SPARE_ROOM_OF_NOTE) >= 0, width
