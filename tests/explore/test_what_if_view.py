import pytest

from helpers.explore.material import Material
from helpers.explore.what_if import WhatIf
from helpers.explore.what_if_view import WhatIfView


@pytest.fixture(scope="module")
def view(made_up):
    return WhatIfView(WhatIf(Material("tiny")))


def test_the_figures_follow_a_control_and_are_marked_until_it_is_back(view):
    before = view.pictures[0].drawing.svg
    assert all(picture.flag == "" for picture in view.pictures)
    view.rule.value = "excluded"
    assert view.pictures[0].drawing.svg != before
    assert all(picture.flag == "exploratory" for picture in view.pictures)
    assert "Exploratory" in view.state.value
    view.back.click()
    assert view.pictures[0].drawing.svg == before and view.pictures[0].flag == ""


def test_a_reader_is_left_out_by_a_click(view):
    view.readers.boxes["reader-2"].value = False
    assert view.decisions.readers == ("reader-1", "reader-3") and "without reader-2" in view.state.value
    view.restore()
    assert view.decisions == view.what_if.planned


def test_a_margin_of_nothing_is_no_margin(view):
    view.margin.value = 0.0
    assert view.decisions.margin is None
    view.restore()
