"""The calls of a notebook, executed by a program and as a person opens them."""

import pytest
from made_up_run import make_run

from helpers.errors import RunError
from helpers.explore import cases, figures, views
from helpers.explore.case_view import CaseView
from helpers.explore.picture import Picture


@pytest.fixture
def by_hand(monkeypatch):
    """As if a person had opened the notebook."""
    monkeypatch.setattr(views, "is_opened_by_a_person", lambda: True)


def widgets_of(box, kind) -> list:
    children = getattr(box, "children", ())
    return [one for child in children for one in ([child] if isinstance(child, kind) else widgets_of(child, kind))]


def test_cases_by_hand_begin_with_what_was_chosen(made_up, by_hand):
    view = cases("tiny", source=["gan"])
    assert isinstance(view, CaseView) and set(view.table.rows.iloc[view.shown]["source"]) == {"gan"}


def test_a_picture_that_is_clicked_shows_its_cases(made_up, by_hand):
    box = figures("tiny")
    picture, view = widgets_of(box, Picture)[0], widgets_of(box, CaseView)[0]
    picture.do_pick({"pick": 0})
    assert view.chosen == picture.drawing.picks[0] and 0 < len(view.shown) < len(view.table.rows)


def test_figures_lead_to_the_case_view_that_is_given(made_up, by_hand):
    view = cases("tiny")
    box = figures("tiny", to=view)
    assert widgets_of(box, CaseView) == []
    widgets_of(box, Picture)[0].do_pick({"pick": 0})
    assert view.title.startswith("from a figure")


def test_executed_by_a_program_figures_are_drawings(made_up):
    page = figures("tiny")
    assert sum("<svg" in getattr(part, "data", "") for part in page.parts) == 5


def test_an_unknown_run_is_an_error(made_up):
    with pytest.raises(RunError, match="there is tiny"):
        cases("none")


def test_a_run_without_readings_says_so_in_every_view(workspace, by_hand):
    make_run(readings=False)
    assert any("07_reading" in text for text in cases("tiny").material.lacks)
    assert widgets_of(figures("tiny"), Picture) == []
