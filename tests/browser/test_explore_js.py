"""What the modules of the explorer compute in the browser."""

import pytest

from helpers.explore.talking import BROWSER, OF_READING

pytestmark = pytest.mark.browser

ADDRESS = "http://modules.test/"


@pytest.fixture
def module(page):
    """A function: evaluate JavaScript with what a module exports at hand as ``m``."""
    page.route(ADDRESS, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))

    def file(route):
        name = route.request.url.split("/")[-1]
        route.fulfill(path=next(folder / name for folder in (BROWSER, OF_READING) if (folder / name).is_file()))

    page.route(f"{ADDRESS}*.js", file)
    page.goto(ADDRESS)
    return lambda name, code: page.evaluate(f"async () => {{ const m = await import('./{name}'); return {code}; }}")


def test_the_edge_of_a_mask_is_what_has_a_neighbour_outside(module):
    mask = [0, 0, 0, 0, 0] + [0, 1, 1, 1, 0] * 3 + [0, 0, 0, 0, 0]
    edge = module("overlay.js", f"m.edgeOf({mask}, 5)")
    assert edge == [bool(value) and place != 12 for place, value in enumerate(mask)]


@pytest.mark.parametrize(("place", "inside"), [([0.5, 0.5], True), ([0.5, 0.9], False), ([2, 0.5], False)])
def test_a_place_is_inside_a_lasso_or_not(module, place, inside):
    lasso = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.5, 0.6], [0.1, 0.9]]  # with a notch from above
    assert module("points.js", f"m.isInside({place}, {lasso})") is inside


@pytest.mark.parametrize(
    ("chosen", "told"), [([], "all"), (["a"], "A"), (["b", "a"], "A, B"), (["a", "b", "c"], "3 of 4")]
)
def test_a_filter_tells_what_it_keeps(module, chosen, told):
    values = [["a", "A"], ["b", "B"], ["c", "C"], ["d", "D"]]
    assert module("filters.js", f"m.toldChoice({values}, {chosen})") == told
