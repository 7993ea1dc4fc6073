"""One table of methods: the published analysis first, and what stands in where it does not apply."""

import numpy as np
import pandas as pd
import pytest

from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mrmc import auc_difference
from helpers.stats.mrmc.comparison import (
    ALL_TREATMENTS,
    BOUNDED,
    COLUMNS,
    SAMPLING,
    TWO_TREATMENTS,
    comparisons,
    headline,
    headline_alone,
)
from helpers.stats.mrmc.obuchowski_rockette import obuchowski_rockette


def test_van_dyke_leads_with_the_published_interval(van_dyke):
    """OR-DBM MRMC 2.51: random and fixed readers; with two treatments one error term."""
    table = comparisons(van_dyke, covariance="jackknife")
    assert table["method"].tolist() == [TWO_TREATMENTS, TWO_TREATMENTS, BOUNDED, BOUNDED]
    lead = headline(table).set_index("sampling")
    random = lead.loc["random readers, random cases", ["value", "low", "high"]].tolist()
    assert random == pytest.approx([-0.04380, -0.08796, 0.00036], abs=5e-6)
    fixed = lead.loc["fixed readers, random cases", ["low", "high"]].tolist()
    assert fixed == pytest.approx([-0.08049, -0.00711], abs=5e-6)


def test_three_treatments_have_both_error_terms_and_the_pooled_one_leads(ratings):
    rows = ratings(1, readers=6, sources=("real", "gan", "diffusion"), crossed=True)
    table = comparisons(rows)
    assert len(table) == 3 * 6 and set(headline(table)["method"]) == {ALL_TREATMENTS}
    pooled = table[(table["method"] == ALL_TREATMENTS) & (table["conclusion"] == LIKE)]
    assert pooled["standard_error"].nunique() == 1
    whole = obuchowski_rockette(rows, error="pooled").test.iloc[0]
    squares = 6 * (pooled["value"] ** 2).sum() / 3 / 2  # MS(T) from the differences of three treatments
    assert whole["F"] == pytest.approx(squares / (6 * pooled["standard_error"].iloc[0] ** 2 / 2))
    own = table[table["method"] == TWO_TREATMENTS]
    assert own["standard_error"].nunique() == 6


def test_the_bounded_variant_is_that_of_the_areas_and_never_the_narrower(ratings):
    rows = ratings(2, reader_sd=0.01, reader_by_source_sd=0.01)
    table = comparisons(rows).set_index(["method", "conclusion"])
    bounded = auc_difference(rows, "gan", "diffusion").set_index("conclusion").loc[LIKE]
    assert table.loc[(BOUNDED, LIKE), "low"] == bounded["low"]
    assert table.loc[(BOUNDED, LIKE), "standard_error"] >= table.loc[(TWO_TREATMENTS, LIKE), "standard_error"]


def test_readers_of_two_treatments_only_are_used_for_these_two(ratings):
    """Nobody reads all three: the pooled analysis says why, and that of the pair leads."""
    rows = ratings(3, readers=9, sources=("real", "gan", "diffusion"))
    missed = rows["reader"].str[1:].astype(int).mod(3).map({0: "real", 1: "gan", 2: "diffusion"})
    table = comparisons(rows[rows["source"] != missed])
    pooled = table[table["method"] == ALL_TREATMENTS]
    assert pooled["low"].isna().all() and pooled["note"].str.contains("no reader read present and absent").all()
    lead = headline(table)
    assert set(lead["method"]) == {TWO_TREATMENTS} and (lead["readers"] == 3).all() and lead["low"].notna().all()


def test_where_the_published_analysis_does_not_apply_another_stands_in(ratings):
    """Different readers read the two sources."""
    rows = ratings(4)
    table = comparisons(rows[(rows["reader"] < "r2") == (rows["source"] == "gan")])
    published = table[table["method"] == TWO_TREATMENTS]
    assert published["low"].isna().all() and published["note"].str.startswith("not estimable: no reader").all()
    lead = headline(table)
    assert set(lead["method"]) == {BOUNDED} and lead["low"].notna().any()


def test_readings_of_readers_who_are_left_out_do_not_count(ratings):
    """One of four readers has read present cases alone: 3 readers x 2 sources x 40 cases are used."""
    rows = ratings(4, readers=4, sources=("gan", "diffusion"), present=20, absent=20)
    table = comparisons(rows[(rows["reader"] != "r0") | (rows["truth"] == 1)])
    assert set(table["readers"]) == {3} and set(table["readings"]) == {3 * 2 * 40}


def test_where_nothing_applies_the_note_says_why(ratings):
    rows = ratings(4)
    lead = headline(comparisons(rows[(rows["truth"] == 1) | (rows["source"] == "gan")]))
    assert lead["low"].isna().all() and lead["note"].str.startswith("not estimable").all()
    alone = comparisons(rows[rows["source"] == "gan"])
    assert alone.empty and list(alone) == COLUMNS and headline(alone).empty


def test_one_reader_has_a_headline_for_these_readers_only(ratings):
    lead = headline(comparisons(ratings(5, readers=1))).set_index("conclusion")
    assert np.isfinite(lead.loc[THESE, "low"]) and np.isnan(lead.loc[LIKE, "low"])
    assert "one reader" in lead.loc[LIKE, "note"]


def test_the_order_of_rows_changes_nothing(ratings):
    rows = ratings(6, sources=("real", "gan", "diffusion"))
    mixed = rows.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(comparisons(rows), comparisons(mixed))


@pytest.mark.parametrize(
    "design",
    [
        {"readers": 6, "sources": ("real", "gan", "diffusion"), "crossed": True},
        {"readers": 4, "sources": ("real", "gan", "diffusion")},
        {"readers": 3, "sources": ("real", "gan")},
        {"readers": 1, "sources": ("real", "gan", "diffusion")},
        {"readers": 3, "sources": ("real",)},
    ],
)
def test_the_headline_alone_is_the_headline_of_all(ratings, design):
    rows = ratings(1, **design)
    pd.testing.assert_frame_equal(headline_alone(rows), headline(comparisons(rows)))


def test_conclusions_are_said_in_the_words_of_the_field(ratings):
    table = comparisons(ratings(7))
    assert (table["sampling"] == table["conclusion"].map(SAMPLING)).all()
