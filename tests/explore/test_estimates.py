import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.explore.estimates import Estimates
from helpers.stats import equivalence, mrmc, proportions
from helpers.stats.equivalence import verdict_of
from helpers.stats.readings import analysed


@pytest.fixture(scope="module")
def readings(made_up):
    from helpers.explore.material import Material

    return Material("tiny").readings


@pytest.fixture
def pairs(readings):
    return Estimates(analysed(readings, "realism_pair"), "realism_pair")


@pytest.fixture
def rated(readings):
    return Estimates(analysed(readings, "conditionality"), "conditionality")


def test_tables_are_those_of_the_statistics(pairs, rated):
    pd.testing.assert_frame_equal(pairs.accuracy("half"), proportions.accuracy(pairs.rows, ["source"], "half"))
    pd.testing.assert_frame_equal(pairs.differences("wrong"), proportions.all_differences(pairs.rows, "wrong"))
    pd.testing.assert_frame_equal(rated.areas(), mrmc.auc(rated.rows, ["source"]))
    pd.testing.assert_frame_equal(rated.area_differences(), mrmc.headline(mrmc.comparisons(rated.rows)))


@pytest.mark.parametrize("margin", [0.02, 0.1, 0.3])
def test_verdicts_of_any_margin_follow_from_one_table(pairs, rated, margin):
    of_accuracy = equivalence.of_accuracy(pairs.rows, margin, ["source"])["verdict"]
    within = pairs.accuracy_within("half").to_dict("records")
    assert [verdict_of(row, (0.5 - margin, 0.5 + margin)) for row in within] == list(of_accuracy)
    against_real = [("real", "gan"), ("real", "diffusion")]
    of_areas = equivalence.of_auc_differences(rated.rows, margin, against_real)["verdict"]
    within = rated.area_differences_within().to_dict("records")
    assert [verdict_of(row, (-margin, margin)) for row in within] == list(of_areas)


def test_without_real_images_no_area_is_held_against_theirs(rated):
    alone = Estimates(rated.rows[rated.rows["source"] != "real"], "conditionality")
    assert alone.area_differences_within().empty


def test_a_table_is_made_once(pairs, monkeypatch):
    first = pairs.accuracy("half")
    monkeypatch.setattr(proportions, "summarise", lambda *_: pytest.fail("made again"))
    assert pairs.accuracy("half") is first


def test_a_primary_question_without_an_answer_leaves_the_others(pairs, monkeypatch):
    def fail(rule):
        raise StatisticsError("not estimable")

    monkeypatch.setattr(pairs, "differences", fail)
    asked = pairs.corrected("accuracy", ("accuracy", "difference"), "half")
    assert set(asked["question"]) == {"accuracy"} and (asked["family_size"] == 2).all()
