"""Partial areas against R's pROC, the whole area, and leaving cases out one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import StatisticsError
from helpers.stats.mrmc import auc, partial_auc
from helpers.stats.mrmc.panel import panel
from helpers.stats.mrmc.partial import Span
from helpers.stats.mrmc.structural import area

some_ratings = st.lists(st.integers(-2, 2), min_size=1, max_size=10).map(np.array)


def test_partial_areas_agree_with_proc(r_ratings, r_values):
    checked = r_values[r_values["measure"].str.contains("plain|standardised")]
    assert len(checked) == 32
    for line in checked.itertuples():
        kind, focus = line.measure.split("_")
        own = r_ratings[r_ratings["reader"] == line.reader]
        table = partial_auc(own, ["reader"], line.low, line.high, focus, kind == "standardised")
        assert table["value"].iloc[0] == pytest.approx(line.value, abs=1e-12)


@given(some_ratings, some_ratings, st.sampled_from(["specificity", "sensitivity"]), st.floats(0.05, 0.95))
def test_two_parts_make_the_whole(positive, negative, focus, cut):
    parts = Span.of(0.0, cut, focus).area(positive, negative) + Span.of(cut, 1.0, focus).area(positive, negative)
    assert parts == pytest.approx(area(positive, negative)[0])


def test_the_whole_curve_is_the_area_and_its_jackknife_interval_is_near_delongs(ratings):
    rows = ratings(2, present=40, absent=40)
    whole, part = auc(rows, ["source"]), partial_auc(rows, ["source"], 0.0)
    np.testing.assert_allclose(part["value"], whole["value"])
    np.testing.assert_allclose(part["p_value"], whole["p_value"], rtol=0.3, atol=1e-6)
    np.testing.assert_allclose(part["standard_error"], whole["standard_error"], rtol=0.02)


def test_the_influence_is_the_jackknife_one_case_left_out_at_a_time(ratings):
    rows, span = ratings(3, readers=1, sources=("gan",)), Span.of(0.7, 1.0, "specificity")
    _, cases = span.influence(panel(rows))

    def without(case):
        rest = rows[rows["case"] != case]
        return span.area(*(rest.loc[rest["truth"] == truth, "rating"].to_numpy() for truth in (1, 0))) / span.width

    left = np.array([without(case) for case in rows["case"]])
    assert (cases**2).sum() == pytest.approx((len(left) - 1) * left.var())


def test_a_guesser_scores_one_half_and_a_perfect_reader_one_when_standardised(ratings):
    rows = ratings(4)
    same = partial_auc(rows.assign(rating=0), ["source"], 0.8, standardised=True)
    assert same["value"].tolist() == pytest.approx([0.5] * 4)
    perfect = partial_auc(rows.assign(rating=rows["truth"]), ["source"], 0.8, standardised=True)
    assert perfect["value"].tolist() == pytest.approx([1.0] * 4) and (perfect["low"] < 1).all()


@pytest.mark.parametrize(("low", "high", "focus"), [(0.9, 0.8, "specificity"), (-0.1, 1, "specificity"), (0, 1, "auc")])
def test_bounds_and_focus_that_make_no_sense_are_refused(ratings, low, high, focus):
    with pytest.raises(StatisticsError, match="give 0 <= low < high <= 1|choose one of"):
        partial_auc(ratings(4), ["source"], low, high, focus)
