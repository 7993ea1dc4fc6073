"""Questions about the size of a study."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.latent import Latent
from helpers.stats.mrmc import auc
from helpers.stats.power import power
from helpers.stats.readings import analysed
from helpers.stats.roe_metz import AREA
from helpers.stats.study_design import (
    CHANCE_QUESTION,
    Size,
    are_crossed,
    centre_of,
    compared,
    detectable_by_question,
    grids,
    models,
    needed,
    needed_table,
    question_curves,
    questions,
    shares,
    study_size,
)

ASSUMED = {"reader": 0.1, "reader_by_source": 0.05, "case": 0.2}


def test_the_first_two_sources_are_compared_unless_two_are_named(simulate, rows):
    assert compared(rows, None, None) == ["gan", "diffusion"]
    assert compared(rows, "diffusion", "gan") == ["diffusion", "gan"]
    assert compared(rows[rows["source"] == "gan"], None, None) == ["gan"]
    for first, second in (("gan", None), ("gan", "vendor"), ("gan", "gan")):
        with pytest.raises(StatisticsError, match="of"):
            compared(rows, first, second)


def test_the_size_of_the_study_and_its_accuracy(rows):
    assert study_size(rows) == Size(3, 48)
    assert centre_of(rows, ["gan", "diffusion"]) == pytest.approx(rows["correct"].astype(float).fillna(0.5).mean())


def test_one_reader_leaves_only_the_assumed_model(rows):
    assert list(models(rows, ASSUMED)) == ["fitted", "assumed"]
    assert list(models(rows[rows["reader"] == "reader-1"], ASSUMED)) == ["assumed"]
    with pytest.raises(StatisticsError, match="case, reader, reader_by_source"):
        models(rows, {"reader": 0.1})


@pytest.fixture(scope="module")
def ratings(readings):
    return analysed(readings, "conditionality")


@pytest.fixture(scope="module")
def asked(rows, ratings):
    return questions(rows, ratings, ["gan", "diffusion"], "A minus B", ASSUMED)


def test_accuracies_and_areas_are_asked_about(rows, ratings, asked):
    assert [question.name for question in asked] == ["difference", "accuracy", "auc_difference"]
    assert [question.title for question in asked] == ["accuracy, A minus B", CHANCE_QUESTION, "AUC, A minus B"]
    areas = auc(ratings, ["source"]).drop_duplicates("source").set_index("source")["value"]
    assert asked[2].centre == pytest.approx(areas[["gan", "diffusion"]].mean())
    assert len(asked[0].models["assumed"].thresholds) == 2 and len(asked[2].models["assumed"].thresholds) == 4


def test_the_shares_of_each_model_are_told_once_for_each_measure(asked, rows, ratings):
    table = shares(asked)
    assert table.groupby(["measure", "origin"])["share"].sum().tolist() == pytest.approx([1, 1, 1, 1])
    assert table.groupby("measure")["readings"].first().to_dict() == {"accuracy": len(rows), "auc": len(ratings)}


def test_questions_that_the_readings_cannot_be_asked_are_left_out(rows, ratings):
    def names(*arguments):
        return [question.name for question in questions(*arguments, "A minus B", ASSUMED)]

    assert names(rows, None, ["gan", "diffusion"]) == ["difference", "accuracy"]
    assert names(rows, ratings[ratings["source"] == "gan"], ["gan", "diffusion"]) == ["difference", "accuracy"]
    assert names(rows, ratings[ratings["truth"] == 1], ["gan", "diffusion"]) == ["difference", "accuracy"]
    assert names(rows[rows["source"] == "gan"], ratings, ["gan"]) == ["accuracy"]


def test_each_question_and_model_has_its_curve_and_its_detectable_difference(asked):
    curves = question_curves(asked, [0.0, 0.2, 0.45], sets=40, seed=1, jobs=1)
    assert len(curves) == 3 * 2 * 3 * 2
    found = detectable_by_question(curves, 0.8)
    assert set(found["name"]) == {"difference", "accuracy", "auc_difference"}
    assert (found[found["conclusion"] == THESE]["difference"] < 0.45).all()


def test_the_smallest_sufficient_number_of_cases_is_found(asked):
    assumed = [replace(question, models={"assumed": question.models["assumed"]}) for question in asked]
    grid = grids(assumed, 0.15, [2, 8], [20, 60, 180], sets=200, seed=1, jobs=1)
    sizes = needed(grid, 0.8).set_index(["name", "readers", "conclusion"])
    assert sizes.loc[("difference", 8, THESE), "cases"] == 60
    assert np.isnan(sizes.loc[("difference", 2, LIKE), "cases"])
    assert "not reached with 180" in sizes.loc[("difference", 2, LIKE), "note"]
    assert sizes.loc[("auc_difference", 8, THESE), "cases"] == 60
    shown = needed_table(needed(grid, 0.8))
    assert shown.loc[("Accuracy, A minus B", "assumed", 8), (THESE, "Cases")] == "60"


def test_one_source_alone_is_planned_against_chance(rows):
    alone = questions(rows[rows["source"] == "gan"], None, ["gan"], "", ASSUMED)
    grid = grids(alone, 0.2, [3], [40], sets=40, seed=1, jobs=1)
    assert set(grid["question"]) == {CHANCE_QUESTION}


def test_sources_that_show_the_same_cases_are_planned_as_pairs(rows):
    assert not are_crossed(rows, ["gan", "diffusion"])
    same = rows[rows["source"] == "gan"]
    both = pd.concat([same, same.assign(source="diffusion")], ignore_index=True)
    assert are_crossed(both, ["gan", "diffusion"])
    asked = {q.name: q for q in questions(both, None, ["gan", "diffusion"], "gan minus diffusion", ASSUMED)}
    assert asked["difference"].crossed and not asked["accuracy"].crossed


def test_shared_cases_raise_the_power_of_a_difference_for_these_readers():
    latent = Latent(0.1, 0.05, 0.5, (-1.2, -0.3, 0.3, 1.2))
    apart, paired = (power(latent, AREA, [0.85, 0.75], 4, 60, 400, 1, crossed) for crossed in (False, True))
    assert paired[THESE] > apart[THESE] + 0.1


def test_where_one_source_was_rated_its_area_against_chance_is_planned(ratings):
    own = ratings[ratings["source"] == ratings["source"].iloc[0]]
    (asked,) = questions(None, own, compared(own, None, None), "", ASSUMED)
    assert asked.name == "auc" and asked.centre is None and asked.measure == AREA
    curve = question_curves([asked], [0.0, 0.4], 50, 1, 1)
    by_difference = curve.groupby("difference")["power"].max()
    assert by_difference[0.0] < 0.3 < by_difference[0.4]


def test_without_readings_no_study_is_planned():
    with pytest.raises(StatisticsError, match="neither the realism task nor conditionality"):
        compared(None, None, None)
