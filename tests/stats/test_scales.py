"""A scale says what its ratings call, as it is written."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.scales import OWN, Scale, cut_points, levels, scale_of, without_cut_off
from helpers.tasks import CONDITIONALITY, TASKS


def calls(text, *ratings):
    return [None if pd.isna(call) else bool(call) for call in Scale.parse(text).calls(pd.Series(ratings, dtype=float))]


def test_the_scale_of_the_reading_room_is_that_of_its_tasks():
    answers = {True: "present", False: "absent", None: None}
    means = TASKS[CONDITIONALITY].means
    assert dict(zip(means, map(answers.get, calls(str(OWN), *means)), strict=True)) == dict(means)


@pytest.mark.parametrize(
    ("text", "ratings", "expected"),
    [
        ("-2..2", (-2, 0, 1), [False, None, True]),
        ("1..5", (2, 3, 4), [False, None, True]),
        ("0..1", (0, 1), [False, True]),
        ("1 to 4, positive from 3", (2, 3), [False, True]),
        ("1..5, positive from 4, undetermined 3", (2, 3, 4), [False, None, True]),
        ("0..100", (0, 100), [None, None]),
        ("1..4", (1, 4), [None, None]),
        ("0..1, no cut-off", (0, 1), [None, None]),
        ("0..100, positive from 49.5", (49, 49.5), [False, True]),
    ],
)
def test_calls_by_scale(text, ratings, expected):
    assert calls(text, *ratings) == expected


@pytest.mark.parametrize("text", ["-2..2", "1..4", "0..1", "0..1, no cut-off", "0..100, positive from 50", "1..5"])
def test_a_scale_is_written_as_it_is_read(text):
    assert Scale.parse(str(Scale.parse(text))) == Scale.parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("five", "is not understood; write lowest..highest"),
        ("5..1", "the lowest rating comes first"),
        ("1..5, positive from 9", "lie on the scale"),
        ("1..5, positive from 1", "needs ratings below it"),
    ],
)
def test_a_scale_that_is_none_is_refused(text, words):
    with pytest.raises(StatisticsError, match=words):
        Scale.parse(text)


def test_a_scale_for_two_alternatives_is_centred():
    assert Scale.parse("1..5").centred() == (OWN, 3)
    assert Scale.parse("1..4, positive from 3").centred() == (Scale(-1.5, 1.5, 0.5), 2.5)
    with pytest.raises(StatisticsError, match="calls begin above its middle, 3"):
        Scale.parse("1..5, positive from 5").centred()


def rows(ratings, scale=None):
    table = pd.DataFrame({"rating": ratings, "correct": pd.NA})
    return table if scale is None else table.assign(scale=scale)


def test_levels_are_the_grades_of_the_scale_or_the_ratings_that_occur():
    assert levels(rows([0, 1])) == (-2, -1, 0, 1, 2)
    assert levels(rows([1, 2], "1..5")) == (1, 2, 3, 4, 5)
    assert levels(rows([1, 4, 4], "unknown")) == (1, 4)
    assert levels(rows([3, 70], "0..100")) == (3, 70)


def test_cut_points_lie_between_levels_and_are_few():
    assert cut_points(rows([0])).tolist() == [-1, 0, 1, 2]
    many = cut_points(rows(np.arange(500) / 7, "unknown"))
    assert len(many) == 10 and (np.diff(many) > 0).all()


def test_readings_on_different_scales_have_none_in_common():
    mixed = rows([1, 0.5]).assign(scale=["1..5", "0..1, no cut-off"])
    assert scale_of(mixed) is None and without_cut_off(mixed).tolist() == [False, True]
