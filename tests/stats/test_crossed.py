"""The two-way variance against its closed forms, and the coverage that it promises."""

from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from helpers.stats.crossed import (
    LIKE,
    THESE,
    aligned,
    complete_influence,
    components,
    mean_influence,
    spread,
    t_interval,
    t_p_value,
)

SCORES = arrays(float, st.tuples(st.integers(2, 5), st.integers(2, 12)), elements=st.sampled_from([0.0, 0.5, 1.0]))


def mean_squares(scores: np.ndarray) -> tuple[float, float, float]:
    """Mean squares of readers, cases and the residual of a two-way layout, written out."""
    readers, cases = scores.shape
    by_reader, by_case, grand = scores.mean(axis=1), scores.mean(axis=0), scores.mean()
    residual = scores - by_reader[:, None] - by_case[None, :] + grand
    return (
        cases * ((by_reader - grand) ** 2).sum() / (readers - 1),
        readers * ((by_case - grand) ** 2).sum() / (cases - 1),
        (residual**2).sum() / ((readers - 1) * (cases - 1)),
    )


def as_rows(scores: np.ndarray) -> pd.DataFrame:
    readers, cases = scores.shape
    return pd.DataFrame(
        {
            "reader": np.repeat([f"r{i}" for i in range(readers)], cases),
            "case": np.tile([f"c{i:03d}" for i in range(cases)], readers),
            "score": scores.ravel(),
        }
    )


def simulated(sets: int, readers: int, cases: int, reader_sd: float, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    reader = generator.normal(0, reader_sd, (sets, readers, 1))
    case = generator.normal(0, 0.6, (sets, 1, cases))
    return (0.5 + reader + case + generator.normal(0, 0.8, (sets, readers, cases)) > 0).astype(float)


@given(SCORES)
def test_both_variances_are_the_anova_estimators_of_a_two_way_layout(scores):
    readers, cases = scores.shape
    ms_reader, ms_case, ms_rest = mean_squares(scores)
    result = spread(complete_influence(scores))
    assert result.value == pytest.approx(scores.mean())
    assert result.these_variance == pytest.approx(ms_case / (readers * cases), abs=1e-12)
    like = max(ms_reader + max(ms_case - ms_rest, 0), ms_case) / (readers * cases)
    assert result.like_variance == pytest.approx(like, abs=1e-12)


@given(SCORES)
def test_components_are_those_of_the_mean_squares(scores):
    readers, cases = scores.shape
    ms_reader, ms_case, ms_rest = mean_squares(scores)
    found = components(complete_influence(scores))
    assert found["reader"] == pytest.approx((ms_reader - ms_rest) / cases, abs=1e-12)
    assert found["case"] == pytest.approx((ms_case - ms_rest) / readers, abs=1e-12)
    assert found["rest"] == pytest.approx(ms_rest, abs=1e-12)


def test_degrees_of_freedom_are_satterthwaites():
    scores = simulated(1, 4, 30, 0.5, seed=5)[0]
    ms_reader, ms_case, ms_rest = mean_squares(scores)
    assert ms_case > ms_rest
    expected = (ms_reader + ms_case - ms_rest) ** 2 / (ms_reader**2 / 3 + ms_case**2 / 29 + ms_rest**2 / (3 * 29))
    assert spread(complete_influence(scores)).like_degrees == pytest.approx(expected)


def test_two_readers_who_agree_by_chance_have_the_degrees_of_freedom_of_mean_squares_as_large_as_chance():
    scores = np.array([[1, 1, 1, 0, 0, 1, 0, 1], [1, 1, 0, 0, 0, 1, 1, 1.0]])
    ms_reader, ms_case, ms_rest = mean_squares(scores)
    assert ms_reader < ms_rest < ms_case
    expected = ms_case**2 / (ms_rest**2 + ms_case**2 / 7 + ms_rest**2 / 7)
    result = spread(complete_influence(scores))
    assert result.like_variance == result.these_variance and result.like_degrees == pytest.approx(expected)


def test_the_part_between_readers_is_what_is_added_for_readers_like_these():
    result = spread(complete_influence(simulated(1, 4, 30, 0.5, seed=5)[0]))
    assert result.between(THESE) == 0
    assert result.between(LIKE) * result.like_variance == pytest.approx(result.like_variance - result.these_variance)


def test_without_shared_cases_the_readers_alone_decide():
    scores = np.array([[1, 1, 1, 0], [0, 0, 0, 1], [1, 1, 1, 1.0]])
    result = spread(complete_influence(scores))
    assert result.like_degrees == 2
    assert result.like_variance == pytest.approx(scores.mean(axis=1).var(ddof=1) / 3)


@given(SCORES)
def test_what_holds_for_readers_in_general_is_never_surer_than_what_holds_for_these(scores):
    result = spread(complete_influence(scores))
    assert result.like_variance >= result.these_variance


# Readers whose own component is zero but for rounding: the degrees of freedom must not depend on the last bit.
ON_THE_EDGE = np.full((4, 6), 0.5) - 0.5 * np.outer([1, 1, 0, 1], np.eye(6)[4])


@given(SCORES, st.randoms(use_true_random=False))
@example(ON_THE_EDGE, Random(1))
@settings(max_examples=30)
def test_a_table_gives_what_the_array_gives_in_any_order_of_rows(scores, random):
    rows = as_rows(scores).sample(frac=1, random_state=random.randint(0, 1000)).reset_index(drop=True)
    result = spread(mean_influence(rows, rows["score"].to_numpy(), sorted(set(rows["reader"]))))
    expected = spread(complete_influence(scores))
    for conclusion in (THESE, LIKE):
        np.testing.assert_allclose(result.of(conclusion), expected.of(conclusion), atol=1e-12, rtol=1e-9)


def test_a_second_reader_who_copies_the_first_adds_no_certainty():
    one = simulated(1, 1, 40, 0.0, seed=6)[0]
    alone = spread(complete_influence(one))
    twice = spread(complete_influence(np.vstack([one, one])))
    assert twice.these_variance == pytest.approx(float(alone.these_variance))


def test_one_reader_is_students_t_over_cases_and_nothing_more():
    one = simulated(1, 1, 40, 0.0, seed=7)
    result = spread(complete_influence(one[0]))
    expected = stats.ttest_1samp(one[0, 0], 0.5)
    low, high = t_interval(result.value, result.these_variance, result.these_degrees)
    assert (low, high) == pytest.approx(tuple(expected.confidence_interval()))
    assert t_p_value(result.value, result.these_variance, result.these_degrees, 0.5) == pytest.approx(expected.pvalue)
    assert np.isnan(result.like_variance)


def test_a_difference_for_one_reader_is_welchs_test():
    first, second = simulated(1, 1, 30, 0.0, seed=8)[0], simulated(1, 1, 50, 0.0, seed=9)[0]
    result = spread(complete_influence(first) - complete_influence(second))
    expected = stats.ttest_ind(first[0], second[0], equal_var=False)
    assert result.these_degrees == pytest.approx(expected.df)
    assert t_p_value(result.value, result.these_variance, result.these_degrees) == pytest.approx(expected.pvalue)


def test_what_readers_share_leaves_the_difference_of_sources():
    skill = np.array([0.0, 0.5, 1.0])[:, None]
    first, second = skill + np.linspace(-0.1, 0.1, 20), skill + np.linspace(-0.2, 0.2, 20) - 0.3
    result = spread(complete_influence(first) - complete_influence(second))
    assert result.value == pytest.approx(0.3)
    assert result.like_variance == pytest.approx(float(result.these_variance))
    assert spread(complete_influence(first)).like_variance > 10 * result.like_variance


def test_missing_cells_and_a_reader_who_stopped_early():
    rows = as_rows(simulated(1, 3, 40, 0.3, seed=10)[0])
    short = rows[~((rows["reader"] == "r2") & (rows["case"] > "c019"))]
    result = spread(mean_influence(short, short["score"].to_numpy(), ["r0", "r1", "r2"]))
    assert result.value == pytest.approx(short.groupby("reader")["score"].mean().mean())
    full = spread(mean_influence(rows, rows["score"].to_numpy(), ["r0", "r1", "r2"]))
    assert 0.5 < result.these_variance / full.these_variance < 2.5


def test_a_reader_with_a_single_case_leaves_the_variance_unknown():
    rows = as_rows(simulated(1, 2, 10, 0.3, seed=11)[0]).iloc[:11]
    result = spread(mean_influence(rows, rows["score"].to_numpy(), ["r0", "r1"]))
    assert np.isfinite(result.value) and np.isnan(result.these_variance) and np.isnan(result.like_variance)


def test_components_are_unbiased():
    sets = simulated(400, 3, 30, 0.5, seed=12)
    found = pd.DataFrame([components(complete_influence(one)) for one in sets]).mean()
    many = simulated(1, 400, 400, 0.5, seed=13)[0]
    truth = components(complete_influence(many))
    assert found["case"] == pytest.approx(truth["case"], abs=0.006)
    assert found["reader"] == pytest.approx(truth["reader"], abs=0.006)


def test_pooling_readings_as_if_independent_would_cover_too_rarely():
    sets = simulated(400, 3, 50, 0.3, seed=14)
    truth = stats.norm.cdf(0.5 / np.sqrt(0.3**2 + 0.6**2 + 0.8**2))
    mean = sets.mean(axis=(1, 2))
    pooled = np.abs(mean - truth) < 1.96 * np.sqrt(mean * (1 - mean) / 150)
    assert pooled.mean() < 0.85
    result = spread(complete_influence(sets))
    low, high = t_interval(result.value, result.like_variance, result.like_degrees)
    assert ((low <= truth) & (truth <= high)).mean() > 0.91


# Cases that two sides share are paired with themselves.


def side(scores: np.ndarray, cases) -> tuple:
    """Influence and cases of complete scores (readers, cases)."""
    readers = [f"r{r}" for r in range(len(scores))]
    rows = pd.DataFrame({"reader": np.repeat(readers, scores.shape[1]), "case": list(cases) * len(scores)})
    return mean_influence(rows, scores.ravel(), readers), rows["case"]


def difference(first: tuple, second: tuple):
    parts = aligned([first[0], second[0]], [np.unique(first[1]), np.unique(second[1])])
    return spread(parts[0].minus(parts[1]))


def test_one_reader_of_the_same_cases_has_the_paired_t_test():
    scores = np.random.default_rng(1).random((2, 12))
    cases = [f"c{c}" for c in range(12)]
    found = difference(side(scores[:1], cases), side(scores[1:], cases))
    own = scores[0] - scores[1]
    assert found.these_variance == pytest.approx(own.var(ddof=1) / 12) and found.these_degrees == pytest.approx(11)


def test_readers_of_the_same_cases_have_the_mean_of_their_paired_differences():
    scores = np.random.default_rng(2).random((2, 4, 15))
    cases = [f"c{c:02d}" for c in range(15)]
    found = difference(side(scores[0], cases), side(scores[1], cases[::-1]))
    mean = scores[0].mean(axis=0) - scores[1].mean(axis=0)[::-1]
    assert found.these_variance == pytest.approx(mean.var(ddof=1) / 15)


def test_sides_without_a_common_case_are_independent():
    scores = np.random.default_rng(3).random((2, 3, 10))
    parts = [side(own, [f"{name}{c}" for c in range(10)]) for name, own in zip("ab", scores, strict=True)]
    found, singles = difference(*parts), [spread(part[0]) for part in parts]
    assert found.these_variance == pytest.approx(sum(single.these_variance for single in singles))
    plain = spread(parts[0][0] - parts[1][0])
    assert found.these_degrees == pytest.approx(plain.these_degrees)
    assert found.like_variance == pytest.approx(plain.like_variance)


@pytest.mark.parametrize("common", [1, 4, 9])
def test_some_common_cases_leave_a_variance(common):
    scores = np.random.default_rng(4).random((2, 3, 10))
    cases = [[f"{'s' if c < common else name}{c}" for c in range(10)] for name in "ab"]
    found = difference(side(scores[0], cases[0]), side(scores[1], cases[1]))
    assert np.isfinite(found.these_variance) and found.these_degrees > 0
