"""Areas under the curve, two conclusions: published results, closed forms and what must hold of any."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.mrmc import all_auc_differences, auc, auc_difference
from helpers.stats.readings import analysed


def test_van_dyke_agrees_with_the_published_analysis(van_dyke):
    """Published with DeLong's covariances: R package MRMCaov."""
    areas = auc(van_dyke, ["source"]).query("conclusion == 'readers like these'")
    assert areas["value"].tolist() == pytest.approx([0.89703704, 0.94083736], abs=5e-9)
    difference = auc_difference(van_dyke, "1", "2").query("conclusion == 'readers like these'").iloc[0]
    assert (difference["value"] / difference["standard_error"]) ** 2 == pytest.approx(4.484854, abs=5e-7)
    assert difference["degrees_of_freedom"] == pytest.approx(15.06611, abs=5e-6)
    assert difference["p_value"] == pytest.approx(0.05123303, abs=5e-9)
    assert [difference["low"], difference["high"]] == pytest.approx([-0.0878671960, 0.0002665519], abs=5e-11)


def test_intervals_hold_the_estimate_and_readers_like_these_are_less_sure(rows):
    table = auc(rows, ["source", "finding"])
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    assert table[["low", "high"]].stack().between(0, 1).all()
    width = (table["high"] - table["low"]).groupby(table["conclusion"]).mean()
    assert width["readers like these"] > width["these readers"]


def test_the_area_of_a_source_is_the_mean_over_its_findings(rows):
    whole = auc(rows, ["source"]).set_index(["source", "conclusion"])["value"]
    parts = auc(rows, ["source", "finding"]).groupby(["source", "conclusion"])["value"].mean()
    pd.testing.assert_series_equal(whole.sort_index(), parts.sort_index(), check_names=False)


def test_readers_who_do_not_differ_give_both_conclusions_the_same_interval(rows):
    one = rows[rows["reader"] == "reader-1"]
    alike = pd.concat([one.assign(reader=name) for name in "abc"], ignore_index=True)
    table = auc(alike, ["source"])
    assert (table.groupby("source")[["low", "high"]].nunique() == 1).all(axis=None)
    assert table.loc[table["conclusion"] == "readers like these", "note"].str.contains("no more than by chance").all()


def test_a_better_source_is_found_better(simulate):
    rows = analysed(simulate(readers=5, cases_per_cell=40, separation={"gan": 0.1, "diffusion": 1.5}), "conditionality")
    line = auc_difference(rows, "gan", "diffusion").query("conclusion == 'readers like these'").iloc[0]
    assert line["high"] < 0 and line["p_value"] < 0.01
    assert len(all_auc_differences(rows)) == 6


def test_one_reader_speaks_for_nobody_else(rows):
    table = auc(rows[rows["reader"] == "reader-1"], ["source"]).set_index("conclusion")
    assert table.loc["these readers", "low"].notna().all()
    assert table.loc["readers like these", "low"].isna().all()
    assert table.loc["readers like these", "note"].str.contains("one reader").all()


def test_wholly_separated_ratings_still_have_an_interval(rows):
    sure = rows.assign(rating=np.where(rows["truth"] == 1, 2, -2))
    table = auc(sure, ["source"])
    assert (table["value"] == 1).all() and (table["low"] < 1).all() and (table["high"] == 1).all()


def test_a_reader_who_saw_no_absent_case_is_left_out_and_counted(rows):
    kept = rows[~((rows["reader"] == "reader-2") & (rows["truth"] == 0))]
    table = auc(kept, ["source"])
    assert (table["readers"] == 2).all() and table["note"].str.contains("left out: 1").all()


def test_a_source_without_both_truths_is_said_to_be_not_estimable(rows):
    table = auc(rows[rows["truth"] == 1], ["source"])
    assert table["value"].isna().all() and table["note"].str.contains("both present and absent").all()
    table = auc_difference(rows[rows["truth"] == 1], "gan", "real")
    assert table["value"].isna().all() and table["note"].str.contains("of 'gan' and 'real'").all()
    with pytest.raises(StatisticsError, match="'vendor'; there is: diffusion, gan, real"):
        auc_difference(rows, "gan", "vendor")


def test_cases_that_two_sources_share_are_compared_case_by_case(rows):
    real = rows[rows["source"] == "real"]
    twin = pd.concat([real, real.assign(source="twin")], ignore_index=True)
    assert (auc_difference(twin, "real", "twin")["standard_error"] == 0).all()


@pytest.mark.parametrize("seed", range(8))
def test_readers_like_these_are_never_surer_than_these_readers(ratings, seed):
    tables = [auc(ratings(seed), ["source"]), all_auc_differences(ratings(seed))]
    for table in tables:
        width = (table["high"] - table["low"]).groupby(table["conclusion"], sort=True)
        like, these = (width.get_group(name).to_numpy() for name in ("readers like these", "these readers"))
        assert (like >= these - 1e-12).all()


def test_the_difference_of_two_sources_that_are_both_read_without_error_has_a_width(rows):
    sure = rows.assign(rating=np.where(rows["truth"] == 1, 2, -2))
    table = auc_difference(sure, "gan", "diffusion")
    assert (table["value"] == 0).all() and (table["low"] < 0).all() and (table["high"] > 0).all()


def test_a_mover_interval_leans_away_from_the_limit_and_keeps_estimate_and_p_value(rows):
    good = rows.assign(rating=np.where(rows["source"] == "real", 2 * (2 * rows["truth"] - 1), rows["rating"]))
    plain = auc_difference(good, "real", "gan")
    by_mover = auc_difference(good, "real", "gan", interval="mover")
    same = ["value", "standard_error", "p_value", "conclusion"]
    pd.testing.assert_frame_equal(plain[same], by_mover[same])
    gan = auc(good[good["source"] == "gan"], ["source"])  # the area of real images is 1: they add nothing upwards
    assert (by_mover["high"] - by_mover["value"]).tolist() == pytest.approx((gan["value"] - gan["low"]).tolist())


def test_a_mover_interval_of_independent_areas_is_as_wide_as_their_own_intervals_say(rows):
    one = rows[(rows["reader"] == "reader-1") & (rows["finding"] == rows["finding"].iloc[0])]
    first, second = (auc(one[one["source"] == name], ["source"]).iloc[0] for name in ("real", "gan"))
    found = auc_difference(one, "real", "gan", interval="mover").iloc[0]
    low = np.hypot(first["value"] - first["low"], second["high"] - second["value"])
    assert found["value"] - found["low"] == pytest.approx(low, rel=1e-6)


def test_an_unknown_interval_is_refused(rows):
    with pytest.raises(StatisticsError, match="interval = 'wald'.*student, mover"):
        auc_difference(rows, "real", "gan", interval="wald")


def test_text_ratings_are_refused(rows):
    with pytest.raises(StatisticsError, match="column 'rating' holds text"):
        auc(rows.assign(rating=rows["rating"].astype(str)), ["source"])
