"""Names, numbers, and yes or no, as people and spreadsheets write them."""

import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.stats.incoming import cells


def numbers(*values, comma=False):
    notes = []
    found = cells.numbers(pd.Series(values, index=range(1, len(values) + 1), dtype=object), "x", "f.csv", notes, comma)
    return found.tolist(), notes


def test_signs_blanks_and_words_for_nothing_are_numbers_or_missing():
    found, _ = numbers("+1", " -2", "−3", "4.", ".5", "1e2")
    assert found == [1, -2, -3, 4, 0.5, 100]
    assert all(pd.isna(value) for value in numbers(None, "NA", "n/a", ".", "-", " ")[0])


def test_a_decimal_comma_and_per_cent_are_read_with_a_note():
    assert numbers("3,5", "0,25") == ([3.5, 0.25], ["Column 'x': the comma was read as the decimal mark."])
    assert numbers("1,234", comma=True)[0] == [1.234]
    assert numbers("10%", "25 %") == ([10, 25], ["Column 'x' is in per cent."])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("1,234", "5,678"), "row 2: value '1,234' may be a thousand or a decimal"),
        (("1.5", "2,5"), "row 3: value '2,5' has a decimal comma, others have a decimal point"),
        (("10%", "20"), "row 2: value '10%' is not a number"),
        (("1", "1 000"), "row 3: value '1 000' is not a number; remove the blank"),
        (("1", "2020-01-02 00:00:00"), "row 3: .* looks like a date"),
        (("1", "1/2/2020"), "row 3: .* looks like a date"),
        (("high", "low", "high"), r"row 2: value 'high' and 2 more \(also 'low'\) is not a number"),
        (("inf",), "row 2: value 'inf' is not a number"),
    ],
)
def test_what_is_no_number_is_named_once(values, words):
    with pytest.raises(TableError, match=f"f.csv: column 'x', {words}"):
        numbers(*values)


@pytest.mark.parametrize(
    ("yes", "no"),
    [("1", "0"), ("TRUE", "False"), ("yes", "No"), ("present", "absent"), ("pos", "neg"), ("1.0", "0,0")],
)
def test_yes_and_no_in_words(yes, no):
    assert cells.yes_or_no(pd.Series([yes, no]), "truth", "f.csv").tolist() == [1, 0]


@pytest.mark.parametrize("values", [("1", "2"), ("1", "-1"), ("ill", "well")])
def test_codes_that_may_mean_either_are_refused(values):
    with pytest.raises(TableError, match=r"column 'truth', row \d: value .* is neither 1 nor 0"):
        cells.yes_or_no(pd.Series(values, index=[1, 2]), "truth", "f.csv")


def names(*values):
    notes = []
    return cells.names(pd.Series(values, index=range(1, len(values) + 1)), "source", "f.csv", notes).tolist(), notes


def test_blanks_at_the_ends_of_names_are_removed_with_a_note():
    assert names("film", "film ", "screen") == (
        ["film", "film", "screen"],
        ["Column 'source': blanks at the ends of 1 cells were removed."],
    )


def test_whole_numbers_are_names_without_decimals():
    assert names("1.0", "2")[0] == ["1", "2"] and names("v1.0", "2.5")[0] == ["v1.0", "2.5"]


def test_names_that_differ_by_case_or_blanks_only_are_one_error_that_lists_them():
    words = (
        r"column 'source' .* differ by case, .*: 'Film' \(row 2\)/'film' \(row 4\); 'a b' \(row 3\)/'a  b' \(row 5\)"
    )
    with pytest.raises(TableError, match=words):
        names("Film", "a b", "film", "a  b")
    with pytest.raises(TableError, match=r"'01' \(row 2\)/'1' \(row 4\)"):
        names("01", "2", "1")


def test_a_spreadsheet_s_error_is_no_name():
    assert pd.isna(names("film", "#N/A")[0][1])


@pytest.mark.parametrize(("one", "other"), [("R-1", "R–1"), ("A1", "А1"), ("O'Neil", "O’Neil")])
def test_names_that_look_alike_are_one_error(one, other):
    with pytest.raises(TableError, match="look alike"):
        cells.names(pd.Series([one, other]), "reader", "file", [])


def test_numbers_that_differ_by_rounding_only_are_one_number():
    found = cells.numbers(pd.Series(["0.30000000000000004", "0.3", "1e-9"]), "rating", "file", [])
    assert found[0] == found[1] and found[2] == 1e-9


def test_a_plus_and_a_dash_alone_are_yes_and_no_where_there_is_nothing_else():
    assert cells.yes_or_no(pd.Series(["+", "-"]), "truth", "file").tolist() == [1, 0]
    assert cells.yes_or_no(pd.Series(["1", "-"]), "correct", "file", nullable=True).isna().tolist() == [False, True]
