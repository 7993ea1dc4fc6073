"""As few real images as a source has: the same number, a wider range, and the right rows in the right places."""

import numpy as np
import pandas as pd
import pytest

from helpers.findings import ORIGINAL
from helpers.image_metrics.condition import Judged, auroc, condition_table
from helpers.image_metrics.equal_n import condition_at_equal_n, physics_at_equal_n, with_equal_n

NAMES = ORIGINAL.names

REAL_N, MADE_N = 2000, 60


def _judged(source, n, seed):
    rng = np.random.default_rng(seed)
    truth = np.tile([0, 1], n // 2)
    score = 1 / (1 + np.exp(-rng.normal(truth * 2 - 1, 1)))
    return truth, score


@pytest.fixture(scope="module")
def judgements():
    found = []
    for k, finding in enumerate(NAMES):
        for source, n in (("real", REAL_N), ("gan", MADE_N), ("mine", 2 * MADE_N)):
            truth, score = _judged(source, n, seed=k)
            found.append(Judged(source, finding, truth, score, np.arange(n)))
    return found


@pytest.fixture(scope="module")
def table(judgements):
    return condition_at_equal_n(judgements, seed=1)


def test_the_range_is_that_of_as_many_images_as_the_smallest_source_has(judgements, table):
    rows = table[table["metric"] == "condition_auroc_equal_n"].set_index("finding")
    simulated = np.percentile([auroc(*_judged("real", MADE_N, seed=99 + k)).value for k in range(300)], [2.5, 97.5])
    for judgement in judgements:
        if judgement.source != "real":
            continue
        row = rows.loc[judgement.finding]
        assert row["n"] == MADE_N
        assert row["value"] == pytest.approx(auroc(judgement.truth, judgement.score).value, abs=0.01)
        assert row["high"] - row["low"] == pytest.approx(np.ptp(simulated), rel=0.2)


def test_the_mean_over_findings_is_given_with_a_narrower_range(table):
    rows = table[table["metric"] == "condition_auroc_equal_n"]
    mean, single = rows[rows["finding"].isna()].iloc[0], rows[rows["finding"].notna()]
    assert mean["value"] == pytest.approx(single["value"].mean(), abs=0.01) and mean["n"] == 4 * MADE_N
    assert mean["high"] - mean["low"] < 0.7 * (single["high"] - single["low"]).mean()


def test_brier_score_and_shares_called_present_come_with_it(judgements, table):
    real = judgements[0]
    rows = table[table["finding"] == real.finding].set_index(["metric", "present"])
    expected = np.mean([((real.score - real.truth) ** 2)[real.truth == state].mean() for state in (0, 1)])
    brier = table[(table["finding"] == real.finding) & (table["metric"] == "condition_brier_equal_n")].iloc[0]
    assert brier["value"] == pytest.approx(expected, abs=0.01)
    for state in (0, 1):
        row = rows.loc[("called_present_equal_n", state)]
        assert row["value"] == pytest.approx((real.score[real.truth == state] > 0.5).mean(), abs=0.04)
        assert row["n"] == MADE_N // 2


def test_without_a_source_that_was_asked_there_is_no_number_and_a_reason(judgements):
    real_alone = condition_at_equal_n([j for j in judgements if j.source == "real"], seed=1)
    assert real_alone["value"].isna().all() and real_alone["method"].str.startswith("not given").all()
    assert not real_alone["finding"].isna().any()


def test_measurements_at_equal_n_have_the_mean_of_all_and_the_spread_of_few():
    rng = np.random.default_rng(2)
    parts = [("real", rng.normal(0.5, 0.05, 1000)), ("gan", rng.normal(0.5, 0.05, 25))]
    values = pd.concat([pd.DataFrame({"source": source, "value": value}) for source, value in parts])
    values = values.assign(finding="enlarged_cardiac_silhouette", present=1, metric="ctr", group=range(1025))
    row = physics_at_equal_n(values, seed=1).iloc[0]
    assert (row["metric"], row["n"]) == ("ctr_equal_n", 25)
    assert row["value"] == pytest.approx(0.5, abs=0.005)
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * 0.05 / 5, rel=0.15)


def test_rows_at_equal_n_stand_in_for_those_of_all_real_images(judgements, table):
    whole = condition_table(judgements)
    shown = with_equal_n(pd.concat([whole, table], ignore_index=True))
    assert not shown["metric"].str.endswith("_equal_n").any()
    real = shown[(shown["source"] == "real") & (shown["metric"] == "condition_auroc")]
    assert len(real) == len(NAMES) + 1 and set(real["n"]) == {MADE_N, 4 * MADE_N}
    assert len(shown[shown["source"] == "gan"]) == len(whole[whole["source"] == "gan"])
