"""What is seen is what is stored: window, zoom, position and marks, to the pixel, in Chromium."""

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser

READ_MIDDLE = """(canvas, size) => {
    const [left, top] = [canvas.width, canvas.height].map((whole) => Math.round((whole - size) / 2));
    const { data } = canvas.getContext("2d").getImageData(left, top, size, size);
    return Array.from({ length: size * size }, (_, i) => data[4 * i]);
}"""


def middle_of(bench, pane: int, size: int = 64) -> np.ndarray:
    """Gray levels in the middle of a pane as the browser shows them, ``size`` device pixels wide and high."""
    shown = bench.page.locator(".rr-pane canvas").nth(pane).evaluate(READ_MIDDLE, size)
    return np.array(shown, dtype=np.uint8).reshape(size, size)


def side_of(pane: dict, size: int = 64) -> float:
    """CSS pixels of a fitted image's side: as large as its pane, but enlarged four times at most."""
    return min(pane["width"], pane["height"], 4 * size)


def drag(page, start, by, steps=3):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + by[0], start[1] + by[1], steps=steps)
    page.mouse.up()


@pytest.mark.parametrize(("bits", "dots"), [(8, 1), (16, 1), (8, 1.5), (16, 2)])
def test_at_one_to_one_the_canvas_holds_exactly_the_look_up_of_the_stored_pixels(bench, run, bits, dots):
    if bits == 16:
        rng = np.random.default_rng(2)
        for file in (run.stage_folder("06_study_plan") / "display").iterdir():
            Image.fromarray(rng.integers(0, 65536, (64, 64), dtype=np.uint16)).save(file)
    bench = bench(dots=dots)
    bench.begin()
    bench.press("n")
    stored = [bench.room.pictures.pixels(image) for image in bench.room.desk.current.images]
    step = 2**bits / 256
    for window, level, inverted in [(255, 127.5, False), (295, 97.5, False), (295, 97.5, True)]:
        if inverted:
            bench.press("i")
        elif window != 255:
            drag(bench.page, (300, 300), (40, -30))
            bench.carry()
        window, level = (2**bits - 1) + (window - 255) * step, (2**bits - 1) / 2 + (level - 127.5) * step
        for pane, pixels in enumerate(stored):
            shown = ((pixels.astype(float) - level) / window + 0.5) * 255
            expected = np.rint(np.clip(255 - shown if inverted else shown, 0, 255))
            assert np.array_equal(middle_of(bench, pane), expected)


def test_smoothing_is_a_choice_and_reset_brings_the_first_view_back(bench):
    bench = bench()
    bench.begin()
    first = middle_of(bench, 0, 200)
    bench.press("x")
    hard = middle_of(bench, 0, 200)
    stored = bench.room.pictures.pixels(bench.room.desk.current.images[0])
    assert set(np.unique(hard)) <= set(np.unique(stored)) and not np.array_equal(hard, first)
    drag(bench.page, (300, 300), (25, 25))
    bench.page.mouse.wheel(0, -300)
    bench.press("i", "r", "x")
    assert np.array_equal(middle_of(bench, 0, 200), first)
    assert bench.page.locator(".rr-corner").first.text_content().startswith("W 255  L 128")


def test_zoom_and_pan_are_one_for_both_images_and_marks_stay_on_the_anatomy(bench):
    bench = bench()
    bench.begin()
    left, right = [bench.page.locator(".rr-pane").nth(pane).bounding_box() for pane in (0, 1)]
    side = side_of(left)
    spot = (0.62, 0.31)  # of the image
    at = (left["width"] / 2 + (spot[0] - 0.5) * side, left["height"] / 2 + (spot[1] - 0.5) * side)

    bench.page.mouse.move(left["x"] + at[0], left["y"] + at[1])
    bench.page.mouse.wheel(0, -500)  # the spot stays under the pointer, in the right image too
    bench.carry()
    bench.page.keyboard.down("Shift")
    drag(bench.page, (left["x"] + 200, left["y"] + 200), (-60, 35))
    bench.page.keyboard.up("Shift")
    bench.press("4", "s", "m")
    target = (right["x"] + at[0] - 60, right["y"] + at[1] + 35)
    bench.page.mouse.click(*target)
    bench.carry()
    mark = bench.page.locator(".rr-pane").nth(1).locator(".rr-mark").bounding_box()
    centre = (mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
    assert np.allclose(centre, target, atol=1)
    bench.press("r")
    (answer,) = [message for message in bench.press("Enter") if message["do"] == "answer"]
    assert answer["mark_image"] == 1 and answer["mark"][2:] == [0, 0]
    assert np.allclose(answer["mark"][:2], spot, atol=1.5 / side)


def test_a_dragged_box_is_kept_can_be_removed_and_belongs_to_a_reason(bench):
    bench = bench()
    bench.begin()
    box = bench.page.locator(".rr-pane").nth(0).bounding_box()
    side = side_of(box)
    corner = (box["x"] + box["width"] / 2 - side / 4, box["y"] + box["height"] / 2)
    marks = bench.page.locator(".rr-mark:visible")
    bench.press("m")
    bench.page.mouse.click(*corner)
    bench.carry()
    assert marks.count() == 0, "there is nothing to mark before a decided answer"
    bench.press("2", "a", "m")
    drag(bench.page, corner, (side / 4, -side / 8))
    bench.carry()
    assert marks.count() == 1
    bench.press("Delete")
    assert marks.count() == 0
    bench.press("m")
    drag(bench.page, corner, (side / 4, -side / 8))
    bench.press("3")
    assert marks.count() == 0, "an undecided answer has no mark"
    bench.press("1", "a", "m")
    drag(bench.page, corner, (side / 4, -side / 8))
    trial = bench.room.desk.current.trial_id
    bench.press("Enter")
    kept = bench.room.desk.answers[trial]
    assert kept.mark_side == "left"
    assert np.allclose(kept.mark, (0.375, 0.4375, 0.25, 0.125), atol=1.5 / side)


def test_a_case_printed_ahead_looks_to_the_pixel_like_one_drawn_when_shown(bench, read_state):
    ahead = bench()
    ahead.begin()
    ahead.press("3", "Enter", "Enter")
    assert read_state()[0].answered == 1
    afresh = bench()
    afresh.begin()  # its first case has been printed for no pane
    assert afresh.room.desk.current == ahead.room.desk.current
    for pane in (0, 1):
        assert np.array_equal(middle_of(ahead, pane, 400), middle_of(afresh, pane, 400))
    for look in (["x"], ["i"], ["n"], ["r"]):  # smooth, invert, 1:1 and reset are drawn anew
        shown = [middle_of(page, 0, 400) for page in (ahead, afresh) if not page.press(*look)]
        assert np.array_equal(*shown)


def test_a_mark_is_placed_moved_over_and_stretched_by_keys_alone(bench):
    bench = bench()
    bench.begin()
    bench.press("1", "a", "ArrowLeft")
    marks = bench.page.locator(".rr-mark:visible")
    assert marks.count() == 0, "arrow keys mark nothing before they are asked to"
    bench.press("m", "ArrowUp", "ArrowUp", "ArrowLeft")
    assert marks.count() == 1
    bench.press(*["ArrowRight"] * 37)  # over the edge to the other image
    bench.press("Shift+ArrowUp", "Shift+ArrowUp", "Shift+ArrowRight", "ArrowDown")
    trial = bench.room.desk.current.trial_id
    assert not [message for message in bench.press("Enter") if message["do"] == "answer"], "Enter leaves the mark there"
    bench.press("ArrowDown", "Enter")
    kept = bench.room.desk.answers[trial]
    assert kept.mark_side == "right"
    assert np.allclose(kept.mark, (0.2, 0.5, 0.08, 0.08))


def test_several_marks_are_set_moved_and_taken_away_on_either_image(bench, read_state):
    bench = bench()
    bench.begin()
    panes = [bench.page.locator(".rr-pane").nth(pane).bounding_box() for pane in (0, 1)]
    side = side_of(panes[0])

    def at(pane: int, x: float, y: float) -> tuple[float, float]:
        box = panes[pane]
        return box["x"] + box["width"] / 2 + (x - 0.5) * side, box["y"] + box["height"] / 2 + (y - 0.5) * side

    bench.press("1", "a")
    for spot in (at(0, 0.25, 0.25), at(1, 0.75, 0.5), at(0, 0.5, 0.75)):
        bench.press("m")
        bench.page.mouse.click(*spot)
    bench.press("m")
    drag(bench.page, at(1, 0.25, 0.25), (side / 4, side / 8))
    marks = bench.page.locator(".rr-mark")
    assert marks.count() == 4 and bench.page.locator(".rr-mark.rr-chosen").count() == 1
    drag(bench.page, at(1, 0.25, 0.3), (0, side / 4))  # the box by its edge
    bench.page.mouse.click(*at(0, 0.25, 0.25))  # the first one is chosen
    bench.page.locator("[data-tool=unmark]").click()
    drag(bench.page, at(0, 0.3, 0.4), (30, 20))  # where no mark is, the window
    assert marks.count() == 3
    trial = bench.room.desk.current.trial_id
    bench.press("Enter")
    kept = bench.room.desk.answers[trial]
    expected = [("right", (0.75, 0.5, 0, 0)), ("left", (0.5, 0.75, 0, 0)), ("right", (0.375, 0.5625, 0.25, 0.125))]
    for (place, image), (wanted, spot) in zip(kept.marks, expected, strict=True):
        assert image == wanted and np.allclose(place, spot, atol=1.5 / side)
    payload = next(event.payload for event in read_state()[1] if event.kind == "answered")
    assert len(payload["more_marks"]) == 2


def test_several_marks_are_set_chosen_and_taken_away_by_keys_alone(bench):
    bench = bench()
    bench.begin()
    bench.press("1", "a", "m", "ArrowUp", *["ArrowLeft"] * 5, "Enter", "m", "ArrowUp", *["ArrowRight"] * 5, "Enter")
    bench.press("m", "ArrowUp", "Enter")
    marks = bench.page.locator(".rr-mark")
    assert marks.count() == 3
    bench.press("Delete", "m", " ", "ArrowUp", "Enter")  # the last one goes, the first one moves
    trial = bench.room.desk.current.trial_id
    bench.press("Enter")
    kept = bench.room.desk.answers[trial]
    assert np.allclose([place for place, _ in kept.marks], [(0.4, 0.48, 0, 0), (0.6, 0.5, 0, 0)])


def test_no_more_marks_are_set_than_an_answer_may_have(bench):
    bench = bench()
    bench.begin()
    bench.press("1", "a", *["m", "ArrowUp", "Enter"] * 20, "m")
    assert bench.page.locator(".rr-mark").count() == 20
    assert "20 marks" in bench.page.locator(".rr-hint").text_content()
    trial = bench.room.desk.current.trial_id
    bench.press("Enter")
    assert len(bench.room.desk.answers[trial].marks) == 20
