"""Missing readings: how far unread trials could move the answer, and what shift would turn it."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.groups import AREA
from helpers.stats.missing_readings import (
    AS_READ,
    shifted,
    tipping_points,
    worst_cases,
)
from helpers.stats.mrmc import auc_difference
from helpers.stats.proportions import accuracy, difference
from helpers.stats.readings import analysed
from helpers.stats.reasons import NO_READERS
from helpers.stats.unread_trials import counts, crossing, unread


@pytest.fixture
def holes(rows):
    """Pairs of which a fifth is unread, more of the GAN's, and the trials that were planned."""
    chance = np.random.default_rng(3).random(len(rows))
    kept = rows[chance > np.where(rows["source"] == "gan", 0.3, 0.1)]
    return kept.reset_index(drop=True), crossing(rows)


def test_the_worst_cases_of_an_accuracy_are_all_right_and_all_wrong(holes):
    """In closed form: every reader's value is t (1 - f) + f, or t (1 - f)."""
    rows, planned = holes
    missing = unread(rows, planned)
    table = worst_cases(rows, missing).query("compared == 'gan' and conclusion == @THESE").set_index("assumption")
    own = rows[rows["source"] == "gan"]
    score = own["correct"].astype(float).fillna(0.5).groupby(own["reader"]).sum()
    planned_each, lacking = 48, missing.query("source == 'gan'").groupby("reader").size()
    assert table.loc["all right", "value"] == pytest.approx(((score + lacking) / planned_each).mean())
    assert table.loc["all wrong", "value"] == pytest.approx((score / planned_each).mean())
    assert table.loc[AS_READ, "value"] == pytest.approx(accuracy(rows, ["source"])["value"].iloc[0])


def test_as_read_is_the_analysis_of_what_was_read_and_the_worst_cases_lie_around_it(holes):
    rows, planned = holes
    table = worst_cases(rows, unread(rows, planned)).query("compared == 'gan minus diffusion'")
    known = difference(rows, "gan", "diffusion")
    asread = table[table["assumption"] == AS_READ]
    np.testing.assert_allclose(asread[["value", "low", "high", "p_value"]], known[["value", "low", "high", "p_value"]])
    value = table.groupby("assumption")["value"].first()
    assert value["gan wrong, diffusion right"] < value[AS_READ] < value["gan right, diffusion wrong"]
    assert not asread["turned"].any() and table["turned"].any()
    assert table["note"].str.contains("turns the conclusion").tolist() == table["turned"].tolist()


def test_sources_that_share_no_reader_have_a_line_with_the_reason_or_an_estimate(rows):
    apart = rows[(rows["reader"] == "reader-1") == (rows["source"] == "gan")]
    table = worst_cases(apart, unread(apart, crossing(apart))).query("compared == 'gan minus diffusion'")
    assert len(table) == 6 and (table["value"].notna() | table["note"].str.contains("not estimable")).all()


def test_a_shift_of_the_unread_moves_the_answer_by_its_share(holes):
    rows, planned = holes
    missing = unread(rows, planned)
    table = (
        shifted(rows, missing, deltas=(-0.1, 0.0, 0.1)).query("conclusion == @THESE").set_index(["compared", "delta"])
    )
    share = counts(rows, missing).groupby("source")["share"].mean()
    moved = table.loc[("gan minus diffusion", 0.1), "value"] - table.loc[("gan minus diffusion", 0.0), "value"]
    assert moved == pytest.approx(0.1 * (share["gan"] + share["diffusion"]))
    known = difference(rows, "gan", "diffusion").iloc[0]
    for name in ("value", "low", "high", "p_value"):
        assert table.loc[("gan minus diffusion", 0.0), name] == pytest.approx(known[name])
    alone = accuracy(rows, ["source"]).query("source == 'gan' and conclusion == @THESE").iloc[0]
    for name in ("value", "low", "high", "p_value"):
        assert table.loc[("gan", 0.0), name] == pytest.approx(alone[name])


def test_the_largest_shift_is_the_worst_case(holes):
    rows, planned = holes
    missing = unread(rows, planned)
    worst = worst_cases(rows, missing).groupby(["compared", "assumption"])["value"].first()
    table = shifted(rows, missing, deltas=(-1.0, 1.0)).groupby(["compared", "delta"])["value"].first()
    assert table["gan", 1.0] == pytest.approx(worst["gan", "all right"])
    assert table["gan minus diffusion", -1.0] == pytest.approx(
        worst["gan minus diffusion", "gan wrong, diffusion right"]
    )


def test_the_unread_share_of_an_area_is_that_of_its_pairs(readings):
    rows = analysed(readings, "conditionality").query("source in ('real', 'gan')")
    kept = rows[~((rows["source"] == "gan") & rows["case"].str.endswith("00000") & (rows["truth"] == 1))]
    missing = unread(kept, crossing(rows))
    table = shifted(kept, missing, AREA, deltas=(0.0, 0.05)).groupby(["compared", "delta"])["value"].first()
    share = 1 - 5 * 6 / (6 * 6)  # one of six present cases of each finding is unread
    assert table["real minus gan", 0.05] - table["real minus gan", 0.0] == pytest.approx(share * 0.05)
    known = auc_difference(kept, "real", "gan")
    assert table["real minus gan", 0.0] == pytest.approx(known["value"].iloc[0])


def test_worst_cases_of_an_area_rate_what_is_unread_at_the_ends_of_the_scale(readings):
    rows = analysed(readings, "conditionality").query("source in ('real', 'gan')")
    kept = rows[~rows["case"].str.endswith("00000")]
    missing = unread(kept, crossing(rows))
    table = worst_cases(kept, missing, AREA)
    filled = missing.assign(rating=np.where((missing["truth"] == 1) == (missing["source"] == "real"), 2, -2))
    known = auc_difference(pd.concat([kept, filled]), "real", "gan")
    found = table[table["assumption"] == "real right, gan wrong"]
    np.testing.assert_allclose(found[["value", "p_value"]], known[["value", "p_value"]])
    bounds = shifted(kept, missing, AREA, deltas=(-1.0, 0.0, 1.0)).groupby("delta")["value"].first()
    assert bounds[-1.0] <= table["value"].min() < bounds[0.0] < table["value"].max() <= bounds[1.0]


def test_the_tipping_point_is_the_smallest_shift_that_turns_the_conclusion(holes):
    rows, planned = holes
    table = shifted(rows, unread(rows, planned), deltas=np.round(np.arange(-1.0, 1.01, 0.1), 2))
    points = tipping_points(table)
    for line in points.itertuples():
        own = table.query("compared == @line.compared and conclusion == @line.conclusion").set_index("delta")["turned"]
        assert own[own.index < 0].any() == (line.below == line.below), "a shift below is given where one turns it"
        if own[own.index < 0].any():
            assert own[line.below] and not own[(own.index > line.below) & (own.index <= 0)].any()
        if own[own.index > 0].any():
            assert own[line.above] and not own[(own.index < line.above) & (own.index >= 0)].any()
    assert points["below"].notna().any() and set(points["conclusion"]) == {THESE, LIKE}


def test_few_unread_trials_turn_nothing(rows):
    clear = rows.assign(correct=rows["correct"].where(rows["source"] != "gan", 1).where(rows.index % 10 > 0, 0))
    kept = clear.drop(index=clear.index[3])
    points = tipping_points(shifted(kept, unread(kept, crossing(clear)), deltas=(-1.0, 0.0, 1.0)))
    gan = points[(points["compared"] == "gan") & (points["conclusion"] == THESE)].iloc[0]
    assert gan["note"] == "no shift turns it" and np.isnan([gan["below"], gan["above"]]).all()


def test_one_reader_says_nothing_about_readers_like_these_whatever_the_shift(holes):
    rows, planned = holes
    one = rows[rows["reader"] == "reader-1"]
    points = tipping_points(shifted(one, unread(one, planned), deltas=(-0.5, 0.0, 0.5)))
    assert (points.loc[points["conclusion"] == LIKE, "note"] == NO_READERS).all()


def test_the_shift_that_is_true_gives_back_what_would_have_been_read(simulate):
    """Unread GAN trials are right 20 points less often: shifted by as much, the estimate is that of all trials."""
    generator, gaps = np.random.default_rng(6), []
    for _ in range(15):
        right = generator.random((3, 400)) < 0.8
        lacking = generator.random((3, 400)) < 0.3
        right = np.where(lacking, generator.random((3, 400)) < 0.6, right)
        whole = pd.DataFrame(
            [(f"r{r}", "gan", str(c), "f", 1, int(right[r, c]), 1) for r in range(3) for c in range(400)],
            columns=["reader", "source", "case", "finding", "truth", "correct", "rating"],
        )
        kept = whole[~lacking.ravel()]
        table = shifted(kept, unread(kept, crossing(whole)), deltas=(0.0, -0.2))
        gaps.append(table.groupby("delta")["value"].first() - right.mean())
    assert abs(np.mean([gap[-0.2] for gap in gaps])) < 0.01 < np.mean([gap[0.0] for gap in gaps])


def test_another_measure_is_refused(holes):
    with pytest.raises(StatisticsError, match="measure = 'kappa': choose accuracy or auc"):
        worst_cases(*holes, "kappa")
