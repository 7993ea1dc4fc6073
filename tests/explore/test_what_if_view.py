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


def test_primary_questions_are_ticked_as_planned_and_can_be_others(view):
    assert view.decisions.primary == view.what_if.planned.primary
    view.primary.boxes["08_realism.accuracy"].value = False
    assert "not corrected" in view.pictures[0].note and view.pictures[0].flag == "exploratory"
    view.primary.boxes["09_conditionality.auc"].value = True
    assert "primary questions (differences in right answers, areas" in view.state.value
    view.restore()
    assert view.decisions == view.what_if.planned


def test_a_level_of_a_column_of_the_cohort_is_left_out_by_a_click(made_up):
    material = Material("tiny")
    material.cohort = material.cohort.assign(sex=["F", "M"] * (len(material.cohort) // 2))
    view = WhatIfView(WhatIf(material))
    view.groups["sex"].boxes["F"].value = False
    assert "sex (without F)" in view.state.value
    assert all(picture.flag == "exploratory" for picture in view.pictures)
    view.back.click()
    assert view.groups["sex"].chosen == view.what_if.planned.groups[0][1] and view.pictures[0].flag == ""
