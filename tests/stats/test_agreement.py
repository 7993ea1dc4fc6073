"""Agreement against published values, scikit-learn and limits that must hold."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from helpers.runs import PROJECT
from helpers.stats import agreement
from helpers.stats.readings import analysed, repeated

ANXIETY = PROJECT.parent / "shared" / "reference" / "anxiety.csv"
ratings = st.lists(st.integers(-2, 2), min_size=2, max_size=20)


@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=2, max_size=30))
def test_weighted_kappa_is_the_one_of_scikit_learn(pairs):
    first, second = np.array(pairs, dtype=float).T
    if len(np.unique(np.concatenate([first, second]))) > 1:
        expected = cohen_kappa_score(
            first.astype(int), second.astype(int), weights="quadratic", labels=[-2, -1, 0, 1, 2]
        )
        assert agreement.weighted_kappa(first, second) == pytest.approx(expected, abs=1e-9)


@pytest.mark.skipif(not ANXIETY.is_file(), reason=f"needs {ANXIETY}")
def test_weighted_kappa_of_the_anxiety_data_is_the_published_one():
    """R package irr, kappa2(anxiety[, 2:3], "squared"): .2520325; it takes level 6 as next to 4, as 5 never occurs."""
    table = pd.read_csv(ANXIETY).replace(6, 5)
    first, second = (table[rater].to_numpy(float) for rater in ("rater2", "rater3"))
    assert agreement.weighted_kappa(first, second) == pytest.approx(0.2520325, abs=5e-8)


@given(ratings)
def test_readers_who_say_the_same_agree_wholly(values):
    matrix = np.array([values, values, values], dtype=float)
    if len(set(values)) > 1:
        assert agreement.mean_kappa(matrix) == pytest.approx(1.0)
        assert agreement.ordinal_alpha(matrix) == pytest.approx(1.0)
    else:
        assert np.isnan(agreement.mean_kappa(matrix)) and np.isnan(agreement.ordinal_alpha(matrix))


def test_sides_swapped_between_readers_are_no_disagreement(readings):
    rows = analysed(readings, "realism_pair").assign(source="gan")
    truth = rows.assign(rating=np.where(rows["side"] == "right", 2, -2))
    truth.loc[truth["case"] == truth["case"].iloc[0], "rating"] = 0
    swapped = truth["reader"] == "reader-1"
    truth.loc[swapped, "side"] = truth.loc[swapped, "side"].map({"left": "right", "right": "left"})
    truth.loc[swapped, "rating"] = -truth.loc[swapped, "rating"]
    table = agreement.between_readers(truth, seed=1, resamples=20).set_index(["source", "measure"])
    assert table.loc[("all", "krippendorff_alpha"), "value"] == pytest.approx(1.0)


def test_independent_readers_agree_by_chance_only():
    matrix = np.random.default_rng(3).integers(-2, 3, (3, 2000)).astype(float)
    assert abs(agreement.mean_kappa(matrix)) < 0.05
    assert abs(agreement.ordinal_alpha(matrix)) < 0.05


def test_every_measure_has_an_interval_around_it(readings):
    table = agreement.between_readers(analysed(readings, "conditionality"), seed=1, resamples=100)
    assert set(table["source"]) == {"all", "real", "gan", "diffusion"}
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()


def test_the_same_seed_gives_the_same_interval(readings):
    rows = analysed(readings, "conditionality")
    first, again = (agreement.between_readers(rows, seed=4, resamples=30) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)


def test_missing_cells_are_left_out_pair_by_pair():
    matrix = np.array([[2, 1, -1, np.nan, -2], [2, np.nan, -1, 0, -2]])
    assert agreement.mean_kappa(matrix) == pytest.approx(1.0)
    assert np.isnan(agreement.mean_kappa(np.array([[2.0, np.nan], [np.nan, 1.0]])))


def test_one_reader_agrees_with_nobody_and_it_is_said(readings):
    rows = analysed(readings, "conditionality")
    table = agreement.between_readers(rows[rows["reader"] == "reader-1"], seed=1, resamples=10)
    assert table["value"].isna().all() and table["note"].str.contains("one reader").all()


def test_a_reader_is_compared_with_themselves_on_repeats_only(readings):
    pairs = repeated(agreement.with_orientation(readings), "realism_pair")
    table = agreement.within_readers(pairs, "realism_pair", seed=1, resamples=50)
    same = table[table["measure"] == "same_answer"].set_index("reader")
    for reader, group in pairs.groupby("reader"):
        assert same.loc[reader, "value"] == pytest.approx((group["first"] == group["second"]).mean())
        assert same.loc[reader, "cases"] == len(group)
