"""Settings are checked when they are made; what does not fit is named with its value."""

from dataclasses import asdict, fields, replace
from typing import Literal

import pytest

from helpers.checks import NotNegative, Positive, Several, Share, checked, chosen, in_words
from helpers.errors import ParameterError


@checked(ParameterError, "test: ")
class Made:
    """Settings of every kind of field."""

    count: Positive
    share: Share = 0.5
    rate: NotNegative | None = None
    widths: Several[Positive] = (1, 2)
    kind: Literal["one", "two"] = "one"

    def __post_init__(self):
        if self.count == 13:
            raise ParameterError("count = 13: must bring luck")


def test_settings_are_a_frozen_dataclass_and_lists_become_tuples():
    made = Made(3, widths=[4, 5])
    assert asdict(made) == {"count": 3, "share": 0.5, "rate": None, "widths": (4, 5), "kind": "one"}
    assert [field.name for field in fields(Made)] == list(asdict(made)) and replace(made, count=4).count == 4
    with pytest.raises(AttributeError):
        made.count = 4


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"count": 0}, "test: count = 0: must be greater than or equal to 1"),
        ({"count": True}, "test: count = True: must be a valid integer"),
        ({"count": 2.0}, "test: count = 2.0: must be a valid integer"),
        ({"count": 1, "share": float("nan")}, "test: share = nan"),
        ({"count": 1, "rate": -1.0}, "test: rate = -1.0: must be greater than or equal to 0"),
        ({"count": 1, "widths": [3, 0]}, r"test: widths\[1\] = 0"),
        ({"count": 1, "widths": "34"}, "test: widths = '34'"),
        ({"count": 1, "kind": "three"}, "test: kind = 'three': must be 'one' or 'two'"),
        ({"count": 13}, "must bring luck"),
    ],
)
def test_a_value_that_does_not_fit_is_named(wrong, said):
    with pytest.raises(ParameterError, match=said):
        Made(**wrong)


@pytest.mark.parametrize("wrong", [{}, {"count": 1, "depth": 2}])
def test_a_missing_and_an_unknown_field_are_mistakes_of_the_program(wrong):
    with pytest.raises(TypeError):
        Made(**wrong)


def test_settings_are_chosen_from_parameters_by_name_and_others_come_first():
    assert chosen(Made, {"count": 2, "share": 0.1, "run": "x"}, share=0.2) == Made(2, 0.2)


def test_a_place_is_written_as_in_a_params_file():
    assert (
        in_words(("budget", "images"), 0, "Input should be greater than 0")
        == "budget.images = 0: must be greater than 0"
    )


def test_a_value_given_by_its_place_is_named_by_its_field():
    with pytest.raises(ParameterError, match="^test: share = 2.0: must be less than or equal to 1"):
        Made(1, 2.0)
