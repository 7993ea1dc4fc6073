"""Agreement coefficients against published examples, an independent calculation in R, other packages and limits."""

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss_kappa

from helpers.errors import StatisticsError
from helpers.runs import PROJECT
from helpers.stats import kappa

REFERENCE = PROJECT / "tests" / "reference"
PUBLISHED = REFERENCE / "published"
COEFFICIENTS = (kappa.cohen_kappa, kappa.fleiss_kappa, kappa.gwet_ac, kappa.ordinal_alpha)
FIVE = (1, 2, 3, 4, 5)
N = np.nan
# Krippendorff 2011, example C; also Gwet 2014 (data cac.raw4raters of the R package irrCAC).
FOUR_OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
)


def matrices(raters: int, missing: bool = False):
    """Ratings (raters, 2 to 25 cases) on the scale, perhaps with missing ones."""
    rating = st.sampled_from([-2, -1, 0, 1, 2, np.nan] if missing else [-2, -1, 0, 1, 2])
    case = st.lists(rating, min_size=raters, max_size=raters)
    return st.lists(case, min_size=2, max_size=25).map(lambda rows: np.array(rows, dtype="float64").T)


@pytest.fixture(scope="module")
def expected():
    return pd.read_csv(REFERENCE / "agreement_coefficients.csv").set_index("name")["value"]


@pytest.fixture(scope="module")
def ratings():
    return pd.read_csv(REFERENCE / "agreement_ratings.csv").drop(columns="case").to_numpy().T


def test_published_example_of_gwet_and_krippendorff():
    assert kappa.gwet_ac(FOUR_OBSERVERS, None, "unweighted", FIVE) == pytest.approx(0.77544, abs=5e-6)
    assert kappa.gwet_ac(FOUR_OBSERVERS, None, "quadratic", FIVE) == pytest.approx(0.91400, abs=5e-6)
    assert kappa.fleiss_kappa(FOUR_OBSERVERS, None, FIVE) == pytest.approx(0.76117, abs=5e-6)
    assert kappa.ordinal_alpha(FOUR_OBSERVERS, None, FIVE) == pytest.approx(0.815, abs=5e-4)


def test_independent_calculation_in_r(ratings, expected):
    assert kappa.gwet_ac(ratings, None, "unweighted") == pytest.approx(expected["gwet_ac1"], abs=1e-12)
    assert kappa.gwet_ac(ratings, None, "linear") == pytest.approx(expected["gwet_ac2_linear"], abs=1e-12)
    assert kappa.gwet_ac(ratings, None, "quadratic") == pytest.approx(expected["gwet_ac2_quadratic"], abs=1e-12)
    assert kappa.fleiss_kappa(ratings) == pytest.approx(expected["fleiss_kappa"], abs=1e-12)
    assert kappa.cohen_kappa(ratings) == pytest.approx(expected["mean_weighted_kappa"], abs=1e-12)
    complete = [expected["fleiss_complete"], expected["fleiss_complete_z"]]
    assert kappa.fleiss_test(ratings)[:2] == pytest.approx(complete, abs=1e-9)
    for scheme in ("unweighted", "linear", "quadratic"):
        both = [expected[f"cohen_{scheme}"], expected[f"cohen_{scheme}_z"]]
        assert kappa.cohen_test(ratings[:2], scheme)[:2] == pytest.approx(both, abs=1e-9)


def test_fleiss_kappa_of_the_diagnoses_is_the_published_one():
    table = pd.read_csv(PUBLISHED / "diagnoses.csv").apply(lambda rater: rater.str[0].astype("float64"))
    value, z, _ = kappa.fleiss_test(table.to_numpy().T, FIVE)
    assert value == pytest.approx(0.4302445, abs=5e-8) and z == pytest.approx(17.65183, abs=5e-6)


@pytest.mark.parametrize(
    ("scheme", "value", "z", "p"),
    [
        ("unweighted", -0.006289308, -0.0604067, 0.9518317),
        ("linear", 0.1459075, 1.282472, 0.1996772),
        ("quadratic", 0.2520325, 1.437451, 0.1505898),
    ],
)
def test_kappas_of_the_anxiety_data_are_the_published_ones(scheme, value, z, p):
    """R package irr counts only the categories that occur: 1, 2, 3, 4 and 6 here."""
    pair = pd.read_csv(PUBLISHED / "anxiety.csv")[["rater2", "rater3"]].to_numpy("float64").T
    found = kappa.cohen_test(pair, scheme, sorted(set(pair.ravel())))
    assert found[0] == pytest.approx(value, abs=5e-8 if abs(value) > 0.1 else 5e-10)
    assert found[1:] == (pytest.approx(z, abs=5e-7), pytest.approx(p, abs=5e-8))


@given(matrices(2), st.sampled_from([("unweighted", None), ("linear", "linear"), ("quadratic", "quadratic")]))
def test_kappa_of_two_raters_is_the_one_of_scikit_learn(pair, scheme):
    assume(np.ptp(pair) > 0)
    expected = cohen_kappa_score(*pair.astype(int), weights=scheme[1], labels=[-2, -1, 0, 1, 2])
    assert kappa.cohen_kappa(pair, None, scheme[0])[0] == pytest.approx(expected, abs=1e-9)


@given(matrices(4))
def test_fleiss_kappa_is_the_one_of_statsmodels(ratings):
    assume(np.ptp(ratings) > 0)
    counts = kappa.category_counts(ratings)
    assert kappa.fleiss_kappa(ratings)[0] == pytest.approx(statsmodels_fleiss_kappa(counts), abs=1e-9)


@given(matrices(3, missing=True))
def test_alpha_is_the_one_of_package_krippendorff(ratings):
    pairable = ratings[:, (~np.isnan(ratings)).sum(axis=0) > 1]
    assume(len(np.unique(pairable[~np.isnan(pairable)])) > 1)
    expected = krippendorff.alpha(ratings, level_of_measurement="ordinal", value_domain=[-2, -1, 0, 1, 2])
    assert kappa.ordinal_alpha(ratings)[0] == pytest.approx(expected, abs=1e-9)


def test_ac1_of_two_raters_and_two_categories_has_a_closed_form():
    """40 times both yes, 45 times both no, 10 and 5 times one of each: chance is 2 p (1 - p), p = (50 + 45) / 200."""
    pair = np.repeat([[1.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]], [40, 45, 10, 5], axis=1)
    chance = 2 * 0.475 * 0.525
    assert kappa.gwet_ac(pair, None, "unweighted", (0, 1)) == pytest.approx((0.85 - chance) / (1 - chance))


@given(matrices(3))
def test_raters_who_say_the_same_agree_wholly(ratings):
    alike = np.repeat(ratings[:1], 3, axis=0)
    for coefficient in COEFFICIENTS:
        if np.ptp(alike) > 0:
            assert coefficient(alike)[0] == pytest.approx(1.0)
        elif coefficient is kappa.gwet_ac:
            assert coefficient(alike)[0] == 1.0, "defined where kappa is not"
        else:
            assert np.isnan(coefficient(alike)[0])


@given(matrices(3, missing=True), st.randoms())
def test_the_order_of_raters_and_cases_does_not_matter(ratings, random):
    raters, cases = (random.sample(range(n), n) for n in ratings.shape)
    for coefficient in COEFFICIENTS:
        shuffled = coefficient(ratings[raters][:, cases])
        np.testing.assert_allclose(shuffled, coefficient(ratings), atol=1e-12)


@given(matrices(3, missing=True), st.integers(0, 2**32 - 1))
def test_a_weight_is_that_many_copies_of_a_case(ratings, seed):
    weights = np.random.default_rng(seed).integers(0, 4, (2, ratings.shape[1]))
    assume((weights.sum(axis=1) > 0).all())
    for coefficient in COEFFICIENTS[1:]:
        copies = [coefficient(np.repeat(ratings, weight, axis=1))[0] for weight in weights]
        np.testing.assert_allclose(coefficient(ratings, weights), copies, atol=1e-12)


def test_independent_raters_agree_by_chance_only():
    ratings = np.random.default_rng(3).integers(-2, 3, (3, 4000)).astype(float)
    for coefficient in COEFFICIENTS:
        assert abs(coefficient(ratings)[0]) < 0.04


def test_missing_ratings_are_left_out_pair_by_pair():
    ratings = np.array([[2, 1, -1, N, -2], [2, N, -1, 0, -2]])
    assert kappa.cohen_kappa(ratings)[0] == pytest.approx(1.0)
    apart = np.array([[2.0, N], [N, 1.0]])
    assert all(np.isnan(coefficient(apart)[0]) for coefficient in COEFFICIENTS)


def test_tests_against_chance_without_spread_are_not_defined():
    same = np.full((2, 10), 2.0)
    assert np.isnan(kappa.cohen_test(same)).all() and np.isnan(kappa.fleiss_test(same)).all()
    assert np.isnan(kappa.fleiss_test(np.array([[1.0, 2.0]]))).all()


def test_the_test_of_kappa_holds_its_level():
    """Independent raters: about 5 % of 2,000 tests fall below 0.05."""
    generator = np.random.default_rng(8)
    tests = [kappa.cohen_test(generator.integers(-2, 3, (2, 60)).astype(float))[2] for _ in range(2000)]
    assert 0.035 < np.mean(np.array(tests) < 0.05) < 0.065


def test_a_rating_off_the_scale_is_named():
    with pytest.raises(StatisticsError, match="rating 3 is not on the scale"):
        kappa.fleiss_kappa(np.array([[1.0, 3.0], [1.0, 2.0]]))


@pytest.mark.filterwarnings("error")
def test_of_a_scale_of_which_one_rating_was_used_only_gwets_coefficients_are_defined():
    ratings = np.full((3, 6), 3.0)
    assert kappa.gwet_ac(ratings, categories=(3.0,)) == kappa.gwet_ac(ratings, categories=(1.0, 3.0)) == 1.0
    assert np.isnan(kappa.cohen_kappa(ratings, categories=(3.0,))).all()
    assert np.isnan(kappa.cohen_test(ratings[:2], categories=(3.0,))).all()
