"""What the browser's modules compute, each imported by itself: grey levels, times, layout, marks, reasons."""

import numpy as np
import pytest

from helpers.reading.script import BROWSER
from helpers.reading.strings import texts

pytestmark = pytest.mark.browser

ADDRESS = "http://modules.test/"


@pytest.fixture
def module(page):
    """A function: evaluate JavaScript with all that the modules export at hand as ``m``, and English texts as ``t``."""
    page.route(ADDRESS, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.route(f"{ADDRESS}*.js", lambda route: route.fulfill(path=BROWSER / route.request.url.split("/")[-1]))
    page.goto(ADDRESS)
    names = sorted({file.name for file in BROWSER.glob("*.js")} - {"page.js"})  # which begins at once
    load = "const m = Object.assign({}, ...(await Promise.all(names.map((name) => import(`./${name}`)))));"

    def evaluate(expression: str):
        return page.evaluate(f"async ([names, t]) => {{ {load} return {expression}; }}", [names, texts("en")])

    return evaluate


@pytest.mark.parametrize(("window", "level"), [(255, 127.5), (100, 60), (2, 200), (1024, -145)])
def test_the_look_up_is_the_linear_function_of_dicom(module, window, level):
    look_up = f"(inverted) => [...m.lookUp({window}, {level}, inverted, new Uint8ClampedArray(256))]"
    shown = module(f"[false, true].map({look_up})")
    exact = ((np.arange(256) - level) / window + 0.5) * 255
    assert np.abs(np.array(shown[0]) - np.clip(exact, 0, 255)).max() <= 0.5
    assert np.abs(np.array(shown[1]) - np.clip(255 - exact, 0, 255)).max() <= 0.5


def test_the_look_up_for_16_bits_goes_over_65536_levels(module):
    shown = np.array(module("[...m.lookUp(30000, 20000, false, new Uint8ClampedArray(65536))]"))
    exact = ((np.arange(65536) - 20000) / 30000 + 0.5) * 255
    assert np.array_equal(shown, np.rint(np.clip(exact, 0, 255)))


def test_the_full_window_changes_nothing(module):
    assert module("[...m.lookUp(255, 127.5, false, new Uint8ClampedArray(256))]") == list(range(256))


IMAGE = "{ levels: 256, pixels: Uint8Array.from({ length: 1000 }, (_, i) => (i < 100 ? 0 : i < 600 ? 50 : 200)) }"


@pytest.mark.parametrize(
    ("share", "level"), [(0, 0), (0.05, 0), (0.1, 0), (0.11, 50), (0.6, 50), (0.61, 200), (1, 200)]
)
def test_a_level_is_the_lowest_up_to_which_a_share_of_the_pixels_lies(module, share, level):
    assert module(f"m.levelAt({IMAGE}, {share})") == level


def test_a_preset_takes_its_window_from_the_image_or_from_all_of_them_together(module):
    assert module(f"m.presetWindow([{IMAGE}], [0.05, 0.5])") == {"window": 50, "level": 25}
    bright = "{ levels: 256, pixels: new Uint8Array(9).fill(90) }"
    assert module(f"m.presetWindow([{IMAGE}, {bright}], [0.05, 0.5])") == {"window": 90, "level": 45}
    assert module(f"m.presetWindow([{bright}], [0.05, 0.5])") == {"window": 2, "level": 90}, "never without width"
    assert module(f"m.presetWindow([{IMAGE}], null)") == {"window": 255, "level": 127.5}


@pytest.mark.parametrize(
    ("layout", "key", "code", "meant"),
    [
        ("AZERTY", "&", "Digit1", "1"),
        ("AZERTY with Shift", "1", "Digit1", "1"),
        ("AZERTY", "z", "KeyW", "Z"),
        ("Cyrillic", "\u044f", "KeyZ", "Z"),
        ("Cyrillic", "?", "Digit7", "?"),
        ("Greek", "\u03b1", "KeyA", "A"),
        ("Spanish", "ñ", "Semicolon", "Ñ"),
        ("number pad", "4", "Numpad4", "4"),
        ("Swiss", "+", "Digit1", "+"),
        ("any", "ArrowUp", "ArrowUp", "ArrowUp"),
    ],
)
def test_numbers_go_by_their_place_and_letters_by_what_stands_on_them_where_that_is_latin(
    module, layout, key, code, meant
):
    assert module(f"m.keyOf({{ key: '{key}', code: '{code}' }})") == meant


@pytest.mark.parametrize(("size", "fit"), [(64, 4), (256, 2), (1024, 0.5)])
def test_a_fitted_image_is_enlarged_no_more_than_the_limit(module, size, fit):
    place = "{ zoom: 1, native: false, x: 0, y: 0, limit: 4 }"
    at = module(f"m.layOut({{ width: {size}, height: {size} }}, {{ width: 700, height: 512 }}, {place})")
    assert at["fit"] == at["scale"] == fit


def test_16_bit_pixels_are_read_from_an_odd_byte_on_with_the_low_byte_first(module):
    assert module("[...m.storedPixels(new DataView(Uint8Array.of(9, 1, 2, 255, 0).buffer, 1), 16)]") == [513, 255]


@pytest.mark.parametrize(
    ("before", "pressed", "after"),
    [("[]", "a", ["a"]), ("['a']", "b", ["a", "b"]), ("['a', 'b']", "b", ["b", "a"]), ("['a', 'b']", "a", ["b"])],
)
def test_a_reason_pressed_again_becomes_main_and_the_main_one_goes(module, before, pressed, after):
    assert module(f"m.pressReason({before}, '{pressed}')") == after


@pytest.mark.parametrize(
    ("corners", "box"),
    [
        ("[0.5, 0.25], [0.25, 0.75]", [0.375, 0.5, 0.25, 0.5]),
        ("[-1, 0.5], [0.5, 2]", [0.25, 0.75, 0.5, 0.5]),
        ("[-2, 0.5], [-1, 0.75]", None),
    ],
)
def test_a_box_is_kept_as_centre_and_size_inside_the_image(module, corners, box):
    assert module(f"m.boxBetween({corners})") == box


@pytest.mark.parametrize(
    ("mark", "index", "step", "place", "to"),
    [
        ([0.5, 0.5, 0, 0], 0, [0.02, 0], [0.52, 0.5, 0, 0], 0),
        ([0.9, 0.5, 0.2, 0.1], 0, [0.02, 0], [0.1, 0.5, 0.2, 0.1], 1),
        ([0, 0.5, 0, 0], 1, [-0.02, 0], [1, 0.5, 0, 0], 0),
        ([0, 0.5, 0, 0], 0, [-0.02, 0], [0, 0.5, 0, 0], 0),
        ([1, 0.02, 0, 0.04], 1, [0, -0.02], [1, 0.02, 0, 0.04], 1),
    ],
)
def test_a_mark_moves_by_steps_stays_on_an_image_and_goes_over_to_the_other_one(module, mark, index, step, place, to):
    moved = module(f"m.movedMark({mark}, {index}, {{ count: 2, columns: 2 }}, {step})")
    assert moved["place"] == pytest.approx(place) and moved["index"] == to
    alone = module(f"m.movedMark({mark}, 0, {{ count: 1, columns: 1 }}, {step})")
    assert alone["index"] == 0 and 0 <= alone["place"][0] <= 1


@pytest.mark.parametrize(
    ("columns", "path", "places"),
    [
        (4, "right right right right left", [1, 2, 3, 3, 2]),
        (2, "down right up left up right right", [2, 3, 1, 0, 0, 1, 1]),
    ],
)
def test_a_mark_goes_over_all_images_whether_in_a_row_or_two_by_two(module, columns, path, places):
    steps = {"right": [1, 0], "left": [-1, 0], "down": [0, 1], "up": [0, -1]}
    walk = f"{[steps[step] for step in path.split()]}.map((step) => at = m.movedMark(mark, at, how, step).index)"
    how = f"let at = 0; const mark = [0.5, 0.5, 0, 0], how = {{ count: 4, columns: {columns} }}"
    assert module(f"(() => {{ {how}; return {walk}; }})()") == places


@pytest.mark.parametrize(
    ("count", "shape", "size", "columns"),
    [
        (1, 1, (1400, 700), 1),
        (2, 1, (700, 1400), 2),
        (3, 1, (1400, 700), 3),
        (4, 1, (1400, 720), 2),
        (4, 1, (1900, 460), 4),
        (4, 0.5, (1400, 700), 4),
    ],
)
def test_four_images_stand_in_a_row_or_two_by_two_whichever_shows_them_larger(module, count, shape, size, columns):
    assert module(f"m.columnsFor({count}, {shape}, {size[0]}, {size[1]})") == columns


@pytest.mark.parametrize(
    ("mark", "step", "after"),
    [
        ([0.5, 0.5, 0, 0], [0.02, 0], [0.5, 0.5, 0.04, 0.04]),
        ([0.5, 0.5, 0.04, 0.04], [0.02, 0], [0.5, 0.5, 0.08, 0.04]),
        ([0.5, 0.5, 0.04, 0.04], [0, -0.02], [0.5, 0.5, 0.04, 0.08]),
        ([0.5, 0.5, 0.08, 0.04], [0, 0.02], [0.5, 0.5, 0, 0]),
        ([0.01, 0.5, 0, 0], [0.02, 0], [0.015, 0.5, 0.03, 0.04]),
    ],
)
def test_a_mark_is_stretched_about_its_centre_and_a_box_of_no_size_is_a_point(module, mark, step, after):
    assert module(f"m.stretchedMark({mark}, {step})") == pytest.approx(after)


def test_a_point_has_no_size_and_lies_on_the_image(module):
    assert module("[m.pointAt([0.25, 1]), m.pointAt([0.5, 1.01])]") == [[0.25, 1, 0, 0], None]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59, "less than a minute left"),
        (65, "about 1 min left"),
        (3540, "about 59 min left"),
        (7260, "about 2 h 1 min left"),
    ],
)
def test_the_time_left_is_said_in_minutes_and_hours(module, seconds, words):
    assert module(f"m.timeInWords(t, {seconds})") == words


@pytest.mark.parametrize(
    ("touches", "active", "idle"),
    [
        ("watch.touch(1000); watch.touch(5000)", 5000, 0),
        ("watch.touch(70000)", 60000, 10000),
        ("watch.touch(2000, true); watch.touch(9000, false); watch.touch(10000)", 3000, 7000),
    ],
)
def test_hidden_and_long_untouched_time_is_idle(module, touches, active, idle):
    times = module(f"(() => {{ const watch = new m.Stopwatch(0); {touches}; return [watch.active, watch.idle]; }})()")
    assert times == [active, idle]


def test_the_place_of_a_finding_can_be_marked_where_it_is_not_called_absent_and_need_not_be(module):
    """Answers without reasons: the tool that marks is there alone, and only for an answer that takes a mark."""
    answers = [{"rating": r, "label": str(r), "asks_why": False, "takes_mark": r > 0} for r in (-1, 1)]
    ask = f"""(() => {{
        const ready = {{ submit() {{}}, changed() {{}}, tool: () => document.createElement("button") }};
        const question = new m.Question(t, ready);
        question.put({{ question: "?", answers: {answers!r} }});
        const told = (index) => [question.choose(index), question.markTool.disabled, question.missing];
        return [[...question.element.classList], told(0), told(1)];
    }})()""".replace("False", "false").replace("True", "true")
    classes, absent, present = module(ask)
    assert "rr-mark-only" in classes and "rr-no-why" not in classes
    assert absent == [True, True, None] and present == [True, False, None]
