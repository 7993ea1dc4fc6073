"""The one-shot variance: pairs of pairs counted one by one, Obuchowski and Rockette's, and simulated studies."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.mrmc.gallas import one_shot
from helpers.stats.mrmc.obuchowski_rockette import obuchowski_rockette
from helpers.stats.mrmc.panel import panel


def _triples(rows: pd.DataFrame, source: str) -> list[tuple]:
    """(reader, present case, absent case, outcome, weight) of a source, straight from the rows."""
    block, triples = panel(rows), []
    ratings = block.ratings[block.treatments.index(source)]
    present, absent = (np.flatnonzero(block.truth == truth) for truth in (1, 0))
    for r, own in enumerate(ratings):
        pairs = [(i, j) for i, j in product(present, absent) if own[i] == own[i] and own[j] == own[j]]
        triples += [(r, i, j, 0.5 + 0.5 * np.sign(own[i] - own[j]), 1 / len(pairs) / len(ratings)) for i, j in pairs]
    return triples


def _counted(one: list[tuple], two: list[tuple]) -> tuple[dict, dict]:
    """Moment and share of each way to have reader, present and absent case in common."""
    total, share = {}, {}
    for (r, i, j, s, w), (r2, i2, j2, s2, w2) in product(one, two):
        key = (r == r2, i == i2, j == j2)
        total[key] = total.get(key, 0.0) + w * w2 * s * s2
        share[key] = share.get(key, 0.0) + w * w2
    return {key: total[key] / share[key] for key in total}, share


@pytest.mark.parametrize("crossed", [True, False])
@pytest.mark.parametrize("missing", [[], [0, 7, 9, 16, 30]])
def test_moments_and_variances_are_those_of_pairs_counted_one_by_one(ratings, crossed, missing):
    rows = ratings(2, readers=3, present=4, absent=3, crossed=crossed).drop(index=missing)
    result = one_shot(rows)
    variance = {}
    for first, second in [("gan", "gan"), ("gan", "diffusion"), ("diffusion", "diffusion")]:
        moments, shares = _counted(_triples(rows, first), _triples(rows, second))
        table = result.moments.query("first == @first and second == @second")
        for line in table.itertuples():
            key = (line.shares_reader, line.shares_present, line.shares_absent)
            assert line.share == pytest.approx(shares.get(key, 0.0), abs=1e-12)
            assert line.moment == pytest.approx(moments.get(key, np.nan), nan_ok=True)
        variance[first, second] = sum(shares[k] * moments[k] for k in moments) - moments[False, False, False]
    for name, line in result.areas.set_index("treatment").iterrows():
        expected = variance[name, name]
        assert line["standard_error"] == pytest.approx(np.sqrt(expected) if expected > 0 else np.nan, nan_ok=True)
    difference = variance["gan", "gan"] + variance["diffusion", "diffusion"] - 2 * variance["gan", "diffusion"]
    expected = np.sqrt(difference) if difference > 0 else np.nan
    assert result.differences["standard_error"].item() == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("crossed", [True, False])
def test_on_complete_data_it_is_obuchowski_and_rockettes_with_unbiased_covariances(ratings, crossed):
    """Hillis 2018: the two estimate the same, unless a bound of Obuchowski and Rockette's is reached."""
    rows = ratings(3, readers=5, present=25, absent=30, crossed=crossed)
    ours, theirs = one_shot(rows), obuchowski_rockette(rows, covariance="unbiased")
    for name in ("areas", "differences"):
        numbers = ["value", "standard_error", "degrees_of_freedom", "low", "high"]
        one, two = getattr(ours, name)[numbers], getattr(theirs, name)[numbers]
        np.testing.assert_allclose(one.to_numpy(float), two.to_numpy(float), rtol=1e-9)


def test_van_dyke_is_close_to_the_published_analysis(van_dyke):
    line = one_shot(van_dyke).differences.iloc[0]
    assert line["standard_error"] == pytest.approx(0.02075, rel=0.01)
    assert [line["low"], line["high"]] == pytest.approx([-0.08796, 0.00036], abs=3e-4)


def test_the_variance_is_right_on_average_where_every_reader_reads_other_cases(ratings):
    """Split plots: two halves of the readers, each with cases of its own; the estimate meets the true spread."""
    estimates, values = [], []
    for seed in range(250):
        rows = ratings(seed, readers=4, present=12, absent=12, sources=("gan", "diffusion"))
        half = rows["reader"].isin(["r0", "r1"])
        first = rows["case"].str.extract(r"(\d+)$")[0].astype(int) % 2 == 0
        result = one_shot(rows[half == first]).differences.iloc[0]
        estimates.append(result["standard_error"] ** 2)
        values.append(result["value"])
    estimates = np.nan_to_num(estimates)  # a variance that came out negative
    assert estimates.mean() == pytest.approx(np.var(values, ddof=1), rel=0.3)


def test_treatments_with_readers_of_their_own_are_compared(ratings):
    rows = ratings(5, readers=6)
    own = rows["reader"].isin(["r0", "r1", "r2"]) == (rows["source"] == "gan")
    result = one_shot(rows[own])
    variances = result.areas["standard_error"] ** 2
    assert result.differences["standard_error"].item() ** 2 == pytest.approx(variances.sum())


def test_what_cannot_be_estimated_says_why(ratings):
    one = one_shot(ratings(6, readers=1))
    assert one.areas["standard_error"].isna().all() and one.areas["note"].str.contains("fewer than two readers").all()
    alike = one_shot(ratings(6).assign(rating=1))
    assert alike.areas["low"].isna().all() and alike.areas["note"].str.contains("not positive").all()
    rows = ratings(6)
    half = one_shot(rows[(rows["source"] == "gan") | (rows["truth"] == 1)])
    assert half.differences["value"].isna().all() and half.differences["note"].str.contains("not estimable").all()
    with pytest.raises(StatisticsError, match="more than one finding"):
        one_shot(pd.concat([rows, rows.assign(finding="opacity")]))
