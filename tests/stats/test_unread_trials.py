"""Which trials are unread: of designs that are whole, of designs with holes, and of a plan."""

import pandas as pd
import pytest

from helpers.stats.unread_trials import counts, crossing, planned_trials, unread


def made_up(given: dict[str, dict[str, str]]) -> pd.DataFrame:
    """Readings without answers: source -> reader -> the cases given to them, one letter each."""
    rows = [
        {"reader": reader, "source": source, "case": case, "finding": "f", "truth": 1}
        for source, readers in given.items()
        for reader, cases in readers.items()
        for case in cases
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("design", "given"),
    [
        ("crossed", {"a": {"r1": "123", "r2": "123"}, "b": {"r1": "45", "r2": "45"}}),
        ("readers nested in sources", {"a": {"r1": "123", "r2": "123"}, "b": {"r3": "456", "r4": "456"}}),
        ("split plot", {"a": {"r1": "123", "r2": "123", "r3": "456", "r4": "456"}}),
        ("each case by one reader", {"a": {"r1": "123", "r2": "456"}}),
        ("readers with other cases in each source", {"a": {"r1": "12", "r2": "34"}, "b": {"r1": "5", "r2": "5"}}),
    ],
)
def test_a_design_that_is_whole_lacks_nothing(design, given):
    rows = made_up(given)
    assert unread(rows, crossing(rows)).empty, design
    assert len(crossing(rows)) == len(rows)


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({"a": {"r1": "123", "r2": "13"}}, [("r2", "2")]),
        ({"a": {"r1": "123", "r2": "12", "r3": "456", "r4": "56"}}, [("r2", "3"), ("r4", "4")]),
        ({"a": {"r1": "12", "r2": "23"}}, [("r1", "3"), ("r2", "1")]),
    ],
)
def test_holes_in_a_design_are_found(given, lacking):
    rows = made_up(given)
    missing = unread(rows, crossing(rows))
    assert sorted(zip(missing["reader"], missing["case"], strict=True)) == lacking


def test_trials_of_the_plan_count_without_practice_repeats_and_readers_who_never_began():
    plan = pd.DataFrame(
        [
            ("r1", "1", "realism_pair", False, None), ("r1", "2", "realism_pair", False, None),
            ("r1", "2", "realism_pair", False, "t2"), ("r1", "3", "realism_pair", True, None),
            ("r1", "4", "conditionality", False, None), ("r2", "1", "realism_pair", False, None),
            ("guest", "1", "realism_pair", False, None),
        ],
        columns=["reader", "case", "task", "is_practice", "repeat_of"],
    ).assign(source="gan", finding="f", present=1)  # fmt: skip
    rows = made_up({"gan": {"r1": "1"}})
    missing = unread(rows, planned_trials(plan, "realism_pair"))
    assert missing[["reader", "case", "truth"]].to_numpy().tolist() == [["r1", "2", 1]]
    (line,) = counts(rows, missing).to_dict("records")
    assert (line["planned"], line["read"], line["missing"], line["share"]) == (2, 1, 1, 0.5)
