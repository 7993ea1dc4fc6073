"""Figures of merit of marks: small cases by hand, and what becomes of them without each case."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import StatisticsError
from helpers.stats.mrmc.figures_of_merit import (
    AFROC,
    AFROC1,
    FIGURES,
    HIGHEST,
    LROC_AREA,
    LROC_PCL,
    WEIGHTED_AFROC,
    Marked,
    figure_of_merit,
)

NONE = -np.inf
# Two normal cases, one with a false mark of 2; an abnormal one with two lesions, of which the lighter is found, and a
# false mark of 4; an abnormal one whose lesion is not found.
SMALL = Marked(
    false=np.array([2.0, NONE, 4.0, NONE]),
    truth=np.array([0, 0, 1, 1]),
    lesion=np.array([3.0, NONE, NONE]),
    weight=np.array([0.25, 0.75, 1.0]),
    case=np.array([2, 2, 3]),
)


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        (WEIGHTED_AFROC, (0.25 * 2 + 0.75 * 0.5 + 1.0 * 0.5) / (2 * 2)),
        (AFROC, (2 + 0.5 + 0.5) / (2 * 3)),
        (AFROC1, (3 + 1.0 + 1.0) / (4 * 3)),
        (HIGHEST, (2 + 0.5) / (2 * 2)),
    ],
)
def test_each_figure_is_its_share_of_pairs(figure, value):
    assert figure_of_merit(SMALL, figure)[0] == pytest.approx(value)


def lroc(seed: int = 1, normal: int = 20, abnormal: int = 15, grades: int = 6) -> Marked:
    """One place and rating for each case; two thirds of the lesions are located."""
    generator = np.random.default_rng(seed)
    truth = np.repeat([0, 1], [normal, abnormal])
    rating = generator.integers(0, grades, len(truth)) + truth
    located = (truth == 1) & (generator.random(len(truth)) < 0.67)
    of = np.flatnonzero(truth)
    lesion = np.where(located, rating, NONE)[of]
    return Marked(np.where(located, NONE, rating), truth, lesion, np.ones(abnormal), of)


def without(marked: Marked, case: int) -> Marked:
    kept, lesions = np.arange(len(marked.truth)) != case, marked.case != case
    of = marked.case[lesions]
    return Marked(
        marked.false[kept], marked.truth[kept], marked.lesion[lesions], marked.weight[lesions], of - (of > case)
    )


@pytest.mark.parametrize("figure", FIGURES)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), grades=st.integers(1, 30))
def test_values_without_a_case_are_those_of_the_smaller_table(figure, seed, grades):
    marked = lroc(seed, 6, 5, grades)
    left = figure_of_merit(marked, figure)[1]
    again = [figure_of_merit(without(marked, case), figure)[0] for case in range(11)]
    assert left == pytest.approx(again)


def test_the_area_under_lroc_is_that_of_its_points():
    """Pairs of located and normal ratings, against the integral of PCL over the false positive fraction."""
    marked = lroc(2, 200, 150, grades=100_000)
    fractions = np.linspace(0.001, 1.0, 4000)
    shares = [figure_of_merit(marked, LROC_PCL, at)[0] for at in fractions[::40]]
    area = figure_of_merit(marked, LROC_AREA)[0]
    assert area == pytest.approx(np.trapezoid(shares, fractions[::40]), abs=0.01)
    above = marked.lesion >= marked.false[marked.truth == 0].min()
    assert figure_of_merit(marked, LROC_PCL, 1.0)[0] == pytest.approx(above.mean(), abs=1e-9)


def test_pcl_is_interpolated_between_its_points():
    """Normal ratings 1, 2; lesions located at 3 and 1, one missed: (0, 1/3), (1/2, 1/3), (1, 2/3)."""
    marked = Marked(
        np.array([1.0, 2.0, NONE, NONE, 5.0]), np.array([0, 0, 1, 1, 1]), np.array([3.0, 1.0, NONE]), np.ones(3),
        np.array([2, 3, 4]),
    )  # fmt: skip
    for at, value in ((0.25, 1 / 3), (0.5, 1 / 3), (0.75, 0.5), (1.0, 2 / 3)):
        assert figure_of_merit(marked, LROC_PCL, at)[0] == pytest.approx(value)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_only_the_order_of_ratings_counts(seed):
    marked = lroc(seed)
    longer = Marked(np.exp(marked.false), marked.truth, np.exp(marked.lesion), marked.weight, marked.case)
    unmarked = [np.where(np.isinf(old), old, new) for old, new in
                ((marked.false, longer.false), (marked.lesion, longer.lesion))]  # fmt: skip
    longer = Marked(unmarked[0], marked.truth, unmarked[1], marked.weight, marked.case)
    for figure in FIGURES:
        assert figure_of_merit(longer, figure)[0] == figure_of_merit(marked, figure)[0]


def test_what_is_asked_wrongly_is_refused():
    with pytest.raises(StatisticsError, match="choose one of weighted AFROC"):
        figure_of_merit(SMALL, "FROC")
    for figure in (LROC_AREA, LROC_PCL):
        with pytest.raises(StatisticsError, match="have no rating: 2"):
            figure_of_merit(SMALL, figure)
    with pytest.raises(StatisticsError, match="at = 0"):
        figure_of_merit(lroc(), LROC_PCL, 0)


def test_without_normal_cases_there_is_no_figure():
    marked = lroc(1, 0, 4)
    for figure in (WEIGHTED_AFROC, HIGHEST, LROC_AREA, LROC_PCL):
        assert np.isnan(figure_of_merit(marked, figure)[0])
