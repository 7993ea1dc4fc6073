import pytest

from helpers.explore.case_view import CaseView
from helpers.explore.figures import figures_of, heading_of, steps_of
from helpers.explore.selection import Table, describe
from helpers.stats import mrmc
from helpers.stats.readings import analysed


@pytest.fixture(scope="module")
def made(made_up):
    from helpers.explore.material import Material

    return {one.title: one for one in figures_of(Material("tiny"))}


def test_every_task_has_its_figures(made):
    assert list(made) == [
        "Right answers: realism (pair)", "Reasons: realism (pair)", "Area under the curve: conditionality",
        "Answers: conditionality", "ROC curves: conditionality",
    ]  # fmt: skip
    assert all(one.drawing.picks for one in made.values())
    assert all("3 readers" in one.note and "Simulated readers." in one.note for one in made.values())


def test_a_mark_leads_to_the_answers_that_it_is_made_of(made, material):
    view = CaseView(material)
    rows = analysed(material.readings, "realism_pair")
    for pick in made["Right answers: realism (pair)"].drawing.picks:
        kept = rows[(rows["finding"] == pick["finding"][0]) & (rows["source"] == pick["source"][0])]
        assert set(view.table.rows.loc[view.table.select(pick), "trial_id"]) == set(kept["trial_id"])


def test_cells_of_the_matrix_share_out_all_answers(made, material):
    table = Table(describe(material.readings))
    found = [len(table.select(pick)) for pick in made["Answers: conditionality"].drawing.picks]
    assert sum(found) == len(analysed(material.readings, "conditionality"))


def test_a_step_of_a_curve_is_one_rating_of_one_reader(material):
    rows = analysed(material.readings, "conditionality")
    points = mrmc.roc_points(rows, ["finding", "source"])
    table = Table(describe(material.readings))
    for _, step in steps_of(points, rows).iterrows():
        chosen = {"task": ["conditionality"], "showing": ["first time"], "rating": [f"{step['rating']:g}"]}
        chosen |= {name: [step[name]] for name in ("finding", "source", "reader")}
        assert len(table.select(chosen)) > 0


def test_a_selection_says_where_it_comes_from():
    pick = {"task": ["conditionality"], "showing": ["first time"], "source": ["gan"], "finding": ["lung_opacity"]}
    assert heading_of(pick | {"rating": ["-2"]}) == "from a figure: gan, lung opacity, definitely not"


def test_without_readings_or_while_they_are_open_there_is_no_figure(material, monkeypatch):
    monkeypatch.setattr(type(material), "tells_truth", False)
    assert list(figures_of(material)) == []
