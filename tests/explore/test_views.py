"""The calls of a notebook, executed by a program and as a person opens them."""

import importlib
import pkgutil

import numpy as np
import pytest
from made_up_run import add_classifier, make_run

from helpers import explore
from helpers.errors import RunError
from helpers.explore import atlas, bench, cases, figures, open_run, views
from helpers.explore.case_view import CaseView
from helpers.explore.picture import Picture


@pytest.mark.parametrize("name", explore.__all__)
def test_a_view_is_a_call_whatever_else_has_been_imported(name):
    for module in pkgutil.iter_modules(explore.__path__):
        importlib.import_module(f"helpers.explore.{module.name}")
    assert callable(getattr(explore, name))


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


def test_a_filter_of_the_answers_redraws_the_figures_until_it_is_lifted(made_up, by_hand):
    box = figures("tiny")
    pictures, view = widgets_of(box, Picture), widgets_of(box, CaseView)[0]
    before = [picture.drawing.svg for picture in pictures]
    view.do_filter({"chosen": {"reader": ["reader-1"], "task": ["realism_pair"]}})
    assert all(picture.flag == "filtered" for picture in pictures)
    assert "1 readers" in pictures[0].note and pictures[0].drawing.svg != before[0]
    assert pictures[-1].note.startswith("Not estimable")  # no answer to the conditionality task is left
    view.do_filter({"chosen": {}})
    assert [picture.drawing.svg for picture in pictures] == before and pictures[0].flag == ""


def test_a_filter_of_the_answers_stands_out_in_the_atlas(workspace, by_hand, listen):
    from helpers.explore.atlas_view import AtlasView

    add_classifier(make_run())
    box = atlas("tiny")
    cloud, view = widgets_of(box, AtlasView)[0], widgets_of(box, CaseView)[0]
    sent = listen(cloud)
    view.do_filter({"chosen": {"source": ["gan"], "task": ["conditionality"]}})
    inside = np.frombuffer(sent[0][1][0], "<u4")
    assert (
        set(cloud.atlas.points["source"].iloc[inside]) == {"gan"}
        and len(inside) == view.table.rows.iloc[view.shown]["case"].nunique()
    )
    view.do_filter({"chosen": {}})
    assert sent[-1][0] == {"is": "brushed", "all": True}


def test_a_click_on_a_figure_keeps_to_the_filter_that_it_is_drawn_under(made_up, by_hand):
    box = figures("tiny")
    picture, view = widgets_of(box, Picture)[0], widgets_of(box, CaseView)[0]
    view.do_filter({"chosen": {"reader": ["reader-1"]}})
    drawn = picture.drawing
    picture.do_pick({"pick": 0})
    assert view.chosen == {"reader": ["reader-1"], **drawn.picks[0]} and picture.drawing is drawn


def test_what_is_chosen_in_one_view_of_an_opened_run_filters_the_others(made_up, by_hand):
    opened = open_run("tiny")
    table, box = cases(opened), figures(opened)
    picture, other = widgets_of(box, Picture)[0], widgets_of(box, CaseView)[0]
    table.do_filter({"chosen": {"source": ["gan"]}})
    assert other.chosen == {"source": ["gan"]} and list(other.shown) == list(table.shown)
    assert picture.flag == "filtered"
    picture.do_pick({"pick": 0})
    assert table.chosen == other.chosen == {"source": ["gan"], **picture.drawing.picks[0]}
    other.do_filter({"chosen": {}})
    assert table.chosen == {} and picture.flag == ""


def test_views_that_are_opened_apart_do_not_follow_each_other(made_up, by_hand):
    first, second = cases("tiny"), cases("tiny")
    first.do_filter({"chosen": {"source": ["gan"]}})
    assert second.chosen == {}


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


@pytest.mark.parametrize("call", [atlas, bench])
def test_a_damaged_manifest_is_told_in_place_of_a_view(workspace, by_hand, call):
    run = make_run()
    add_classifier(run)
    run.manifest("04_sample").write_text('{"parameters": {"sou')
    assert "cannot be read" in call("tiny").value
