"""Readers against an algorithm: the published analysis of Hupse's data, and what leaves no answer."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.margins import claims
from helpers.stats.mrmc.algorithm import against, readers_minus_algorithm
from helpers.stats.mrmc.estimates import area_estimates


def with_algorithm(rows, name="model"):
    """The rows of a study whose last reader is an algorithm."""
    last = rows["reader"] == sorted(rows["reader"].unique())[-1]
    kinds = np.where(last, "algorithm", "human")
    return rows.assign(reader=rows["reader"].where(~last, name), reader_kind=kinds)


def test_hupse_agrees_with_every_published_number(nico):
    """RJafroc, StSignificanceTestingCadVsRad of datasetCadLroc: Wilcoxon area, method 1T-RRRC."""
    estimates = area_estimates(nico.assign(source="real", finding="mass"), covariance="jackknife")
    areas = [0.81692708, 0.8415625, 0.84119792, 0.89973958, 0.838125, 0.85635417, 0.87869792, 0.85838542, 0.79703125]
    assert estimates.values[0] == pytest.approx([*areas, 0.826875], abs=5.1e-9)
    table = against(estimates, "algorithm")
    line = table[table["conclusion"] == LIKE].iloc[0]
    assert line[["value", "low", "high"]].tolist() == pytest.approx([0.03173611, -0.03099877, 0.09447099], abs=5.1e-9)
    assert line["value"] / line["standard_error"] == pytest.approx(0.99286888, abs=5.1e-9)
    assert line["degrees_of_freedom"] == pytest.approx(877.886, abs=5e-4)
    assert line["p_value"] == pytest.approx(0.32104743, abs=5.1e-9)
    parts = line[["reader_variance", "error_variance", "covariance"]].tolist()
    assert parts == pytest.approx([0.00087779, 0.00139955, 0.00092417], abs=5.1e-9)


def test_the_table_of_readings_gives_the_same_for_each_source(ratings):
    rows = with_algorithm(ratings(1, readers=5))
    table = readers_minus_algorithm(rows)
    assert table["source"].tolist() == ["gan", "gan", "diffusion", "diffusion"]
    assert table["conclusion"].tolist() == [LIKE, THESE] * 2
    one = against(area_estimates(rows[rows["source"] == "gan"], covariance="jackknife"), "model")
    pd.testing.assert_frame_equal(table.drop(columns="source").head(2), one)
    assert table["value"].tolist() == pytest.approx((table["readers_mean"] - table["algorithm_value"]).tolist())


def test_readers_are_claimed_to_be_no_worse_than_the_algorithm_by_the_same_interval(nico):
    """The one-sided test at the lower bound of the published interval has p = 0.025."""
    rows = nico.assign(source="real", finding="mass")
    table = claims(lambda confidence: readers_minus_algorithm(rows, confidence=confidence), lower=-0.03099877)
    line = table.set_index("conclusion").loc[LIKE]
    assert line["claim"] == "non-inferior" and line["p_value"] == pytest.approx(0.025, abs=1e-7)


def test_an_algorithm_that_reads_as_every_reader_does_has_no_difference(ratings):
    rows = ratings(2, readers=1, sources=("real",))
    copies = [rows.assign(reader=name, reader_kind="human") for name in "abc"]
    table = readers_minus_algorithm(pd.concat([*copies, rows.assign(reader="model", reader_kind="algorithm")]))
    assert (table["value"] == 0).all() and table["low"].isna().all()
    assert table["note"].str.contains("do not vary").all()


def test_what_cannot_be_compared_says_why(ratings):
    rows = with_algorithm(ratings(3))
    kept = rows[(rows["reader"] != "model") | (rows["source"] == "gan")]
    table = readers_minus_algorithm(kept).set_index("source")
    assert table.loc["gan", "low"].notna().all() and table.loc["diffusion", "value"].isna().all()
    assert table.loc["diffusion", "note"].str.contains("need present and absent cases").all()
    with pytest.raises(StatisticsError, match="no algorithm has read"):
        readers_minus_algorithm(rows[rows["reader"] != "model"])
    with pytest.raises(StatisticsError, match="within one treatment, not 2"):
        against(area_estimates(rows), "model")


def test_one_reader_beside_an_algorithm_speaks_for_no_others(ratings):
    table = readers_minus_algorithm(with_algorithm(ratings(4, readers=2, sources=("real",)))).set_index("conclusion")
    assert table.loc[LIKE, "note"] == "not estimable: one reader" and np.isnan(table.loc[LIKE, "low"])
    assert np.isfinite(table.loc[THESE, "low"])
