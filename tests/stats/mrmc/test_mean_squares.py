"""Mean squares by hand, and what the covariances have in common."""

import numpy as np
import pytest

from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mrmc.mean_squares import THESE_CASES, MeanSquares, hillis_degrees

TREATMENT, READER = np.eye(2)[:, None, :, None], np.eye(2)[:, None, :]  # 1 where it is the same one
COVARIANCE = 0.0002 + 0.0003 * TREATMENT + 0.0001 * READER + 0.0004 * TREATMENT * READER
SQUARES = MeanSquares(np.array([[0.9, 0.8], [0.7, 0.8]]), COVARIANCE)


def test_mean_squares_of_two_treatments_and_two_readers_are_those_by_hand():
    assert SQUARES.mean_square_treatment == pytest.approx(2 * (0.85 - 0.75) ** 2 / 2)
    assert SQUARES.mean_square_reader == 0  # both readers have 0.8; what is left is rounding
    assert SQUARES.mean_square_interaction == pytest.approx(4 * 0.05**2)


def test_covariances_are_told_apart_by_treatment_and_reader():
    values = SQUARES.components().set_index("component")["value"]
    assert values[["Cov1", "Cov2", "Cov3", "Var(Err)"]].tolist() == pytest.approx([0.0003, 0.0005, 0.0002, 0.0010])
    assert values["Var(TR)"] == pytest.approx(0.01 - 0.0010 + 0.0003 + 0.0005 - 0.0002)


@pytest.mark.parametrize(
    ("conclusion", "expected", "degrees"),
    [
        (THESE, 0.0010 - 0.0003 + 0.0003, np.inf),
        (THESE_CASES, 0.01, 1),
        (LIKE, 0.0106, 1.06**2),
    ],
)
def test_the_expected_mean_square_holds_what_the_conclusion_takes_as_random(conclusion, expected, degrees):
    assert SQUARES.denominator(conclusion) == pytest.approx((expected, degrees))


def test_what_the_cases_share_is_never_negative():
    assert hillis_degrees(0.01, -0.005, 3) == (0.01, 3)
