"""Agreement of readers: what is compared with what, intervals, and what is said where nothing can be estimated."""

import numpy as np
import pandas as pd
import pytest

from helpers.stats import agreement
from helpers.stats.orientation import with_orientation
from helpers.stats.readings import analysed, repeated

LINE = ["measure", "value", "low", "high"]


@pytest.fixture(scope="module")
def rows(readings):
    return analysed(readings, "conditionality")


def test_sides_swapped_between_readers_are_no_disagreement(readings):
    rows = analysed(readings, "realism_pair").assign(source="gan")
    truth = rows.assign(rating=np.where(rows["side"] == "right", 2, -2))
    truth.loc[truth["case"] == truth["case"].iloc[0], "rating"] = 0
    swapped = truth["reader"] == "reader-1"
    truth.loc[swapped, "side"] = truth.loc[swapped, "side"].map({"left": "right", "right": "left"})
    truth.loc[swapped, "rating"] = -truth.loc[swapped, "rating"]
    table = agreement.between_readers(truth, ["source"], seed=1, resamples=20)
    assert table["value"].tolist() == pytest.approx([1.0] * len(table))


def test_every_measure_has_an_interval_around_it_by_source_and_by_finding(rows):
    table = agreement.between_readers(rows, ["finding", "source"], seed=1, resamples=100)
    assert set(table["source"]) == {"all", "real", "gan", "diffusion"} and table["finding"].nunique() == 4
    assert len(table) == 4 * 4 * len(agreement.MEASURES)
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()


def test_a_finding_alone_gives_what_its_own_rows_give(rows):
    parts = agreement.between_readers(rows, ["finding", "source"], seed=1, resamples=20)
    own = agreement.between_readers(rows[rows["finding"] == "atelectasis"], ["source"], seed=1, resamples=20)
    found = parts[parts["finding"] == "atelectasis"].drop(columns="finding").reset_index(drop=True)
    pd.testing.assert_frame_equal(found, own)


def test_the_same_seed_gives_the_same_interval(rows):
    first, again, other = (agreement.between_readers(rows, ["source"], seed, 30) for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(first, again)
    assert not first["low"].equals(other["low"])


def test_one_reader_agrees_with_nobody_and_it_is_said(rows):
    table = agreement.between_readers(rows[rows["reader"] == "reader-1"], ["source"], seed=1, resamples=10)
    assert table[["value", "low", "high"]].isna().all(axis=None)
    assert (table["note"] == "not estimable: one reader").all()


def test_the_icc_of_readers_like_these_is_the_same_number_with_an_interval_of_its_own(rows):
    these = agreement.between_readers(rows, ["source"], seed=1, resamples=10).query("measure == 'icc'")
    like = agreement.icc_of_readers_like_these(rows, ["source"])
    assert like["source"].tolist() == these["source"].tolist() and like["cases"].tolist() == these["cases"].tolist()
    assert like["value"].tolist() == pytest.approx(these["value"].tolist(), abs=1e-9)
    assert ((like["low"] < like["value"]) & (like["value"] < like["high"])).all()


def test_one_reader_says_nothing_of_readers_like_them(rows):
    table = agreement.icc_of_readers_like_these(rows[rows["reader"] == "reader-1"], ["source"])
    assert table[["value", "low", "high"]].isna().all(axis=None)
    assert (table["note"] == "not estimable: one reader").all()


def test_readers_without_a_common_case_cannot_be_compared(rows):
    apart = pd.concat([rows[(rows["reader"] == name) & (rows["source"] == source)]
                       for name, source in (("reader-1", "gan"), ("reader-2", "diffusion"))])  # fmt: skip
    table = agreement.between_readers(apart, ["source"], seed=1, resamples=10).query("source == 'all'")
    assert table["value"].isna().all() and table["note"].str.contains("no case read by two readers").all()


def test_only_gwets_coefficients_are_defined_where_every_rating_is_the_same(rows):
    table = agreement.between_readers(rows.assign(rating=2), ["source"], seed=1, resamples=10)
    gwet = table["measure"].str.startswith("gwet")
    assert (table.loc[gwet, "value"] == 1).all()
    assert table.loc[~gwet, "value"].isna().all()
    assert (table.loc[~gwet, "note"] == "not estimable: every rating the same").all()


def test_complete_agreement_has_no_interval_of_no_width(rows):
    """Twelve cases on which readers agree do not show that they agree on every case."""
    rating = rows["case"].map({case: number % 5 - 2 for number, case in enumerate(rows["case"].unique())})
    table = agreement.between_readers(rows.assign(rating=rating), ["source"], seed=1, resamples=50)
    assert table["value"].to_numpy() == pytest.approx(1)
    assert table[["low", "high"]].isna().all(axis=None) and (table["note"] == agreement.UNVARYING).all()


def test_one_case_has_no_interval(rows):
    one = rows[rows["case"] == rows["case"].iloc[0]]
    table = agreement.between_readers(one, ["source"], seed=1, resamples=10)
    assert table[["low", "high"]].isna().all(axis=None) and (table["note"] != "").all()


def test_the_icc_rests_on_the_cases_that_every_reader_finished(rows):
    unfinished = rows[(rows["reader"] != "reader-3") | (rows["source"] == "gan")]
    table = agreement.between_readers(unfinished, ["source"], seed=1, resamples=10).query("source == 'all'")
    cases = table.set_index("measure")["cases"]
    assert cases["icc"] == 48 and cases["krippendorff_alpha"] == 144


def test_a_reader_is_compared_with_themselves_on_repeats_only(readings):
    pairs = repeated(with_orientation(readings), "realism_pair")
    table = agreement.within_readers(pairs, "realism_pair", [], seed=1, resamples=50)
    same = table[table["measure"] == "same_answer"].set_index("reader")
    for reader, group in pairs.groupby("reader"):
        assert same.loc[reader, "value"] == pytest.approx((group["first"] == group["second"]).mean())
        assert same.loc[reader, "cases"] == len(group)
    assert same.loc["all", "value"] == pytest.approx(same.loc[same.index != "all", "value"].mean())


def test_agreement_with_oneself_can_be_split_by_source_and_finding(simulate):
    pairs = repeated(with_orientation(simulate(repeats=40)), "conditionality")
    for by in (["source"], ["finding"]):
        table = agreement.within_readers(pairs, "conditionality", by, seed=1, resamples=20)
        assert table[[*by, "reader", "measure"]].duplicated().sum() == 0
        same = table.query("reader == 'reader-1' and measure == 'same_answer'").set_index(by[0])
        own = pairs[pairs["reader"] == "reader-1"].groupby(by[0])["case"].nunique()
        pd.testing.assert_series_equal(same["cases"].sort_index(), own, check_names=False)


def test_without_repeats_the_table_is_empty(readings):
    pairs = repeated(readings[readings["repeat_of"].isna()], "realism_pair")
    table = agreement.within_readers(pairs, "realism_pair", [], seed=1)
    assert table.empty and {"reader", *LINE} <= set(table)


def test_agreement_beyond_chance_is_tested_for_all_readers_and_for_each_pair(rows):
    table = agreement.against_chance(rows)
    assert table["readers"].tolist() == [
        "all 3", "reader-1 and reader-2", "reader-1 and reader-3", "reader-2 and reader-3"
    ]  # fmt: skip
    assert (table["cases"] == 144).all() and (table["note"] == "").all()
    assert ((table["p_value"] < 0.05) == (table["z"].abs() > 1.959964)).all()
    assert agreement.against_chance(rows[rows["reader"] == "reader-1"]).empty


def test_a_test_that_cannot_be_made_says_why(rows):
    table = agreement.against_chance(rows.assign(rating=1))
    assert table["p_value"].isna().all() and (table["note"] == "not estimable: every rating the same").all()


def test_agreement_does_not_depend_on_how_the_grades_are_numbered(readings):
    ours = analysed(readings, "conditionality")
    other = ours.assign(rating=ours["rating"] + 3, scale="1..5")
    numbers = ["value", "low", "high"]
    np.testing.assert_allclose(
        agreement.between_readers(other, ["source"], 1, 20)[numbers].astype(float),
        agreement.between_readers(ours, ["source"], 1, 20)[numbers].astype(float),
    )
    assert agreement.against_chance(other)["value"].tolist() == agreement.against_chance(ours)["value"].tolist()


def test_ratings_without_grades_have_an_icc_only(readings):
    ours = analysed(readings, "conditionality")
    noise = np.random.default_rng(1).normal(size=len(ours))
    table = agreement.between_readers(ours.assign(rating=ours["rating"] + noise, scale="unknown"), ["source"], 1, 20)
    known = table["value"].notna()
    assert set(table.loc[known, "measure"]) == {agreement.ICC}
    assert table.loc[~known, "note"].str.contains("more than 20 different ratings").all()
    assert agreement.against_chance(ours.assign(rating=noise, scale="unknown"))["note"].tolist() == [agreement.MANY]
