"""Questions about the size of a study."""

import numpy as np
import pytest

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.readings import analysed
from helpers.stats.study_design import (
    CHANCE_QUESTION,
    Size,
    centre_of,
    compared,
    detectable_by_question,
    grids,
    models,
    needed,
    needed_table,
    question_curves,
    study_size,
)

ASSUMED = {"reader": 0.1, "reader_by_source": 0.05, "case": 0.2}


@pytest.fixture(scope="module")
def rows(readings):
    return analysed(readings, "realism_pair")


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


def test_each_question_and_model_has_its_curve_and_its_detectable_difference(rows):
    made = models(rows, ASSUMED)
    curves = question_curves(made, 0.6, "A minus B", [0.0, 0.2, 0.45], Size(3, 48), sets=40, seed=1, jobs=1)
    assert len(curves) == 2 * 2 * 3 * 2
    found = detectable_by_question(curves, 0.8)
    assert set(found["question"]) == {"A minus B", CHANCE_QUESTION}
    assert (found[found["conclusion"] == THESE]["difference"] < 0.45).all()
    single = question_curves(made, 0.6, None, [0.2], Size(3, 48), sets=20, seed=1, jobs=1)
    assert set(single["name"]) == {"accuracy"}


def test_the_smallest_sufficient_number_of_cases_is_found(rows):
    made = {"assumed": models(rows, ASSUMED)["assumed"]}
    grid = grids(made, 0.6, 0.15, [2, 8], [20, 60, 180], sets=200, seed=1, jobs=1)
    sizes = needed(grid, 0.8).set_index(["readers", "conclusion"])
    assert sizes.loc[(8, THESE), "cases"] == 60
    assert np.isnan(sizes.loc[(2, LIKE), "cases"]) and "not reached with 180" in sizes.loc[(2, LIKE), "note"]
    shown = needed_table(needed(grid, 0.8))
    assert shown.loc[("assumed", 8), (THESE, "Cases")] == "60"
