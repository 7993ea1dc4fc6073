import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import ParameterError
from helpers.generators.budget import Budget


@pytest.mark.parametrize(
    ("budget", "before", "after"),
    [
        ({"seconds": 2.5}, (2.4, 99, 9999), (2.5, 0, 0)),
        ({"steps": 10}, (99.0, 9, 9999), (0.0, 10, 0)),
        ({"images": 400}, (99.0, 99, 399), (0.0, 0, 400)),
    ],
)
def test_only_the_limit_that_is_set_counts(budget, before, after):
    budget = Budget.from_parameter(budget)
    assert not budget.spent(*before)
    assert budget.spent(*after)


@given(st.integers(1, 10**9), st.integers(0, 10**10))
def test_what_is_used_is_at_most_the_whole_and_the_whole_exactly_when_spent(limit, images):
    budget = Budget(images=limit)
    assert budget.used(0, 0, images) == min(images, limit)
    assert budget.spent(0, 0, images) == (images >= limit)


def test_unit_and_total_name_the_limit():
    assert (Budget(steps=7).unit, Budget(steps=7).total) == ("steps", 7)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"images": 10, "steps": 5},
        {"epochs": 3},
        {"images": 0},
        {"images": -5},
        {"images": 1.5},
        {"images": "many"},
        {"seconds": float("inf")},
        {"steps": True},
        40_000,
        None,
    ],
)
def test_anything_but_one_positive_limit_is_refused_with_an_example(value):
    with pytest.raises(ParameterError, match=r'budget = .*\{"images": 40000\}'):
        Budget.from_parameter(value)
