"""The AUROC and its interval against pairs counted one by one, and against what planted labels must give."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.errors import MetricError
from helpers.findings import ORIGINAL
from helpers.image_metrics.condition import auroc, condition_table, influence, judged, wording_table

NAMES = ORIGINAL.names


def _scores(n, separation, seed):
    rng = np.random.default_rng(seed)
    truth = np.tile([0, 1], n)
    return truth, rng.normal(separation * truth, 1)


def _delong_by_pairs(truth, score):
    """AUROC and variance as DeLong et al. 1988 define them, every pair compared."""
    wins = np.array([[(a > b) + 0.5 * (a == b) for b in score[truth == 0]] for a in score[truth == 1]])
    by_positive, by_negative = wins.mean(axis=1), wins.mean(axis=0)
    return wins.mean(), by_positive.var(ddof=1) / len(by_positive) + by_negative.var(ddof=1) / len(by_negative)


@settings(max_examples=30, deadline=None)
@given(st.integers(4, 25), st.floats(0, 2), st.integers(0, 1000), st.booleans())
def test_value_and_interval_are_those_of_delong(n, separation, seed, ties):
    truth, score = _scores(n, separation, seed)
    score = np.round(score) if ties else score
    found = auroc(truth, score)
    value, variance = _delong_by_pairs(truth, score)
    assert found.value == pytest.approx(value)
    if 0 < value < 1:
        reach = stats.norm.ppf(0.975) * np.sqrt(variance) / (value * (1 - value))
        assert stats.logistic.cdf(stats.logistic.ppf(value) - reach) == pytest.approx(found.low)
        assert stats.logistic.cdf(stats.logistic.ppf(value) + reach) == pytest.approx(found.high)


def test_a_patient_seen_twice_counts_as_one():
    truth, score = _scores(40, 1.0, 3)
    once = auroc(truth, score)
    patients = np.arange(len(truth))
    twice = auroc(np.tile(truth, 2), np.tile(score, 2), np.tile(patients, 2))
    blind = auroc(np.tile(truth, 2), np.tile(score, 2))
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high), abs=0.003)
    assert blind.high - blind.low < 0.8 * (once.high - once.low)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    truth_value = stats.norm.cdf(1.0 / np.sqrt(2))
    covered = 0
    for seed in range(400):
        found = auroc(*_scores(30, 1.0, seed))
        covered += found.low <= truth_value <= found.high
    assert 0.92 <= covered / 400 <= 0.98


def test_perfect_order_still_has_an_interval():
    found = auroc(np.array([0] * 10 + [1] * 20), np.arange(30.0))
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / 10))
    reverse = auroc(np.array([1] * 10 + [0] * 20), np.arange(30.0))
    assert (reverse.low, reverse.value, reverse.high) == (0.0, 0.0, pytest.approx(1 - found.low))


@pytest.mark.parametrize(
    ("truth", "score", "message"),
    [
        ([1, 1, 0], [1.0, 2.0, 3.0], "2 present and 1 absent"),
        ([1, 1, 0, -1], [1.0, 2.0, 3.0, 4.0], "must be 1 or 0"),
        ([1, 1, 0, 0], [1.0, np.nan, 3.0, 4.0], "finite"),
    ],
)
def test_what_has_no_auroc_is_refused(truth, score, message):
    with pytest.raises(MetricError, match=message):
        auroc(np.array(truth), np.array(score))


def test_one_patient_alone_has_no_interval():
    with pytest.raises(MetricError, match="one patient"):
        auroc(np.array([1, 1, 0, 0]), np.array([1.0, 0.2, 0.5, 0.1]), np.array([1, 1, 2, 3]))


@pytest.fixture
def study():
    """Real images and two sources whose scores follow (obedient) or oppose (swapped) what was asked for."""
    rng = np.random.default_rng(0)
    held = pd.DataFrame({name: pd.array(rng.integers(0, 2, 120), dtype="Int64") for name in NAMES})
    held["patient_id"] = [f"p{i // 2}" for i in range(120)]
    held.loc[:9, "atelectasis"] = pd.NA
    held.loc[10:14, "atelectasis"] = -1
    real_scores = held[list(NAMES)].fillna(0).to_numpy(dtype=float) + rng.normal(0, 1, (120, 4))
    rows = [(s, f, p) for s in ("obedient", "swapped") for f in NAMES[:3] for p in (0, 1) for _ in range(20)]
    samples = pd.DataFrame(rows, columns=["source", "finding", "present"])
    sign = np.where(samples["source"] == "obedient", 1, -1)
    scores = (sign * (samples["present"] * 2 - 1)).to_numpy()[:, None] + rng.normal(0, 1, (len(samples), 4))
    return held, real_scores, samples, scores


def test_a_source_that_does_what_it_is_asked_for_lies_above_chance_and_a_swapped_one_below(study):
    table = condition_table(judged(*study, ORIGINAL)).set_index(["source", "finding"])
    for finding in NAMES[:3]:
        assert table.loc[("obedient", finding), "low"] > 0.5
        assert table.loc[("swapped", finding), "high"] < 0.5
        assert table.loc[("real", finding), "value"] > 0.5


def test_blank_and_uncertain_labels_are_no_truth(study):
    table = condition_table(judged(*study, ORIGINAL)).set_index(["source", "finding"])
    assert table.loc[("real", "atelectasis"), "n"] == 105
    assert table.loc[("real", "lung_opacity"), "n"] == 120


def test_a_finding_that_a_source_was_never_asked_for_is_reported_without_a_number(study):
    row = condition_table(judged(*study, ORIGINAL)).set_index(["source", "finding"]).loc[("obedient", NAMES[3])]
    assert np.isnan(row["value"])
    assert row["n"] == 0
    assert row["method"].startswith("not given: ")


def test_what_each_image_adds_gives_delongs_variance():
    truth, score = _scores(40, 0.7, 9)
    assert (influence(truth, score) ** 2).sum() == pytest.approx(_delong_by_pairs(truth, score)[1])


def test_the_mean_over_findings_knows_that_findings_share_patients(study):
    held, real_scores, samples, scores = study
    held = held.assign(**{name: held["lung_opacity"] for name in NAMES})
    same = np.tile(real_scores[:, 1:2], (1, 4))  # four times the same finding and score: no more is known than once
    table = condition_table(judged(held, same, samples, scores, ORIGINAL))
    mean = table[table["finding"].isna()].set_index("source").loc["real"]
    one = table[(table["finding"] == "lung_opacity") & (table["source"] == "real")].iloc[0]
    assert mean["value"] == pytest.approx(one["value"])
    assert (mean["low"], mean["high"]) == pytest.approx((one["low"], one["high"]), abs=0.01)


def test_the_mean_is_not_given_where_a_finding_is_missing(study):
    table = condition_table(judged(*study, ORIGINAL))
    mean = table[table["finding"].isna()].set_index("source")
    assert np.isnan(mean.loc["obedient", "value"]) and np.isfinite(mean.loc["real", "value"])


def test_wordings_stand_in_the_place_of_sources_where_a_source_was_told_in_several():
    """Template a is obeyed, template b is not; the GAN, which is told nothing, is left out."""
    rng, half = np.random.default_rng(2), 40
    held_out = pd.DataFrame({name: [0, 1] * 10 for name in NAMES}).assign(patient_id=range(20))
    cells = pd.DataFrame({"finding": np.repeat(NAMES, 2 * half), "present": np.tile([0, 1], 4 * half)})
    gan = cells.assign(source="gan", template=None)
    told = [cells.assign(source="diffusion", template=template) for template in ("a", "b")]
    samples = pd.concat([gan, *told], ignore_index=True)
    obeyed = (samples["template"] == "a") * samples["present"]
    scores = rng.normal(3.0 * obeyed.to_numpy()[:, None], 1, (len(samples), len(NAMES)))
    table = wording_table(held_out, rng.normal(size=(20, len(NAMES))), samples, scores, ORIGINAL)
    means = table[table["finding"].isna()].set_index("source")["value"]
    assert set(table["source"]) == {"real", "a", "b"}
    assert means["a"] > 0.95 and means["b"] == pytest.approx(0.5, abs=0.1)
    alone = wording_table(held_out, scores[:20], gan, scores[: len(gan)], ORIGINAL)
    assert alone.empty and list(alone) == list(table)
