"""Detection of synthetic images: closed forms of d' and criterion, corrections, and both conclusions."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.mrmc import detection

Z, HEIGHT = NormalDist().inv_cdf, NormalDist().pdf


def _rows(calls: dict[str, tuple[int, int, int, int]]) -> pd.DataFrame:
    """Readings of the single-image task; calls: reader -> hits, misses, false alarms, correct rejections."""
    tables = []
    for reader, (hits, misses, alarms, rejections) in calls.items():
        correct = [1] * hits + [0] * misses + [0] * alarms + [1] * rejections
        source = ["gan"] * (hits + misses) + ["real"] * (alarms + rejections)
        case = [f"case-{i}" for i in range(len(source))]
        tables.append(pd.DataFrame({"reader": reader, "source": source, "case": case, "correct": correct}))
    return pd.concat(tables, ignore_index=True).assign(finding="effusion").astype({"correct": "Int64"})


def _these(rows: pd.DataFrame, **settings) -> pd.DataFrame:
    """The mean of these readers, by measure."""
    return detection.mean(rows, **settings).query("conclusion == 'these readers'").set_index("measure")


def test_d_prime_and_criterion_follow_their_definitions():
    table = _these(_rows({"a": (400, 100, 150, 450)}))
    hit, alarm = 400.5 / 501, 150.5 / 601
    assert table.loc["d'", "value"] == pytest.approx(Z(hit) - Z(alarm))
    assert table.loc["criterion", "value"] == pytest.approx(-(Z(hit) + Z(alarm)) / 2)
    parts = [p * (1 - p) / (n * HEIGHT(Z(p)) ** 2) for p, n in ((hit, 500), (alarm, 600))]
    assert table.loc["d'", "standard_error"] == pytest.approx(np.sqrt(sum(parts)), rel=0.005)
    assert table.loc["criterion", "standard_error"] == pytest.approx(np.sqrt(sum(parts)) / 2, rel=0.005)


def test_readers_who_are_always_right_have_a_finite_d_prime():
    mean = detection.mean(_rows({"a": (20, 0, 0, 20), "b": (20, 0, 0, 20)})).query('measure == "d\'"')
    assert mean["value"].tolist() == pytest.approx([Z(20.5 / 21) - Z(0.5 / 21)] * 2)
    assert np.isfinite(mean[["low", "high"]]).all(axis=None) and (mean["low"] < mean["high"]).all()


def test_the_criterion_is_positive_for_readers_who_lean_towards_real():
    cautious, eager = (_these(_rows({"a": calls})) for calls in ((10, 30, 2, 38), (38, 2, 30, 10)))
    assert cautious.loc["criterion", "value"] > 0
    assert eager.loc["criterion", "value"] == pytest.approx(-cautious.loc["criterion", "value"])


def test_one_reader_says_nothing_of_readers_like_them():
    like = detection.mean(_rows({"a": (300, 100, 120, 280)})).query("conclusion == 'readers like these'")
    assert like["note"].str.contains("one reader").all() and like[["low", "high"]].isna().all(axis=None)


def test_readers_who_differ_make_readers_like_these_less_sure():
    rows = _rows({"a": (35, 5, 5, 35), "b": (25, 15, 15, 25), "c": (21, 19, 20, 20), "d": (30, 10, 12, 28)})
    mean = detection.mean(rows).query('measure == "d\'"').set_index("conclusion")
    width = mean["high"] - mean["low"]
    assert width["readers like these"] > 1.5 * width["these readers"]
    assert mean["value"].nunique() == 1


def test_an_undetermined_answer_is_half_a_call_or_none():
    rows = _rows({"a": (30, 10, 10, 30)})
    rows.loc[[0, 1, 40], "correct"] = pd.NA
    counts = {"half": (29, 40, 9.5, 40), "excluded": (28, 38, 9, 39), "wrong": (28, 40, 10, 40)}
    for rule, (hits, synthetic, alarms, real) in counts.items():
        expected = Z((hits + 0.5) / (synthetic + 1)) - Z((alarms + 0.5) / (real + 1))
        assert _these(rows, undetermined=rule).loc["d'", "value"] == pytest.approx(expected)


def test_each_source_is_told_from_the_same_real_images(simulate):
    rows = simulate(separation={"real": 0.8, "gan": 0.2, "diffusion": 1.6}, cases_per_cell=20)
    rows = rows[rows["task"] == "conditionality"]
    claim = (rows["rating"] > 0) == (rows["source"] != "real")
    rows = rows.assign(correct=claim.astype("Int64").mask(rows["rating"] == 0))
    table = detection.mean(rows, ["finding"])
    assert set(table["source"]) == {"gan", "diffusion"} and len(table) == rows["finding"].nunique() * 2 * 2 * 2
    alone = detection.mean(rows[rows["source"] != "diffusion"], ["finding"])
    pd.testing.assert_frame_equal(alone, table[table["source"] == "gan"].reset_index(drop=True))


def test_readers_who_saw_one_kind_only_are_left_out_and_tables_of_one_kind_refused():
    rows = _rows({"a": (30, 10, 10, 30), "b": (20, 5, 10, 30), "c": (9, 1, 0, 0)})
    mean = detection.mean(rows)
    assert (mean["readers"] == 2).all() and mean["note"].str.contains("left out: 1").all()
    with pytest.raises(StatisticsError, match="single-image task"):
        detection.mean(rows[rows["source"] == "gan"])
