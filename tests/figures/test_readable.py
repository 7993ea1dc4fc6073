"""Tables for people."""

import numpy as np
import pandas as pd
import pytest

from helpers.figures.readable import both_conclusions, interval_text, number_text, p_text, readable, with_letters
from helpers.stats.crossed import LIKE, THESE


def test_titles_and_rounded_numbers():
    table = pd.DataFrame({"source": ["gan"], "p_value": [1e-5], "truth": [1], "mean_rating": [0.123456]})
    shown = readable(table, ["source"])
    assert shown.index.tolist() == ["GAN"] and shown.index.name == "Source"
    assert shown.iloc[0].to_dict() == {"p": "< 0.001", "Finding is": "present", "Mean rating": "0.12"}


def test_both_conclusions_stand_side_by_side():
    lines = [("gan", THESE, 0.6, 0.5, 0.7, 0.01, 3, ""), ("gan", LIKE, 0.6, np.nan, np.nan, np.nan, 3, "one reader")]
    columns = ["source", "conclusion", "value", "low", "high", "p_value", "readers", "note"]
    shown = both_conclusions(pd.DataFrame(lines, columns=columns), ["source"], title="Right")
    row = shown.loc["GAN"]
    assert row["", "Right"] == "0.60" and row["These readers", "95 % interval"] == "0.50 to 0.70"
    assert row["Readers like these", "95 % interval"] == "–" and row["Readers like these", "p"] == "–"
    assert row[" ", "Readers"] == "3" and row[" ", "Note"] == "one reader"


def test_estimates_that_differ_are_shown_with_their_conclusion():
    lines = [("a", THESE, 0.1, 0.1, 0.2), ("a", LIKE, 0.4, 0.3, np.nan), ("b", THESE, 0.2, 0.1, 0.3)]
    table = pd.DataFrame(
        [*lines, ("b", LIKE, 0.2, 0.1, 0.3)], columns=["question", "conclusion", "difference", "low", "high"]
    )
    shown = both_conclusions(table, ["question"], "difference", "Detectable")
    assert shown.notna().all(axis=None) and shown.loc["b", ("Readers like these", "Detectable")] == "0.20"
    assert shown.loc["a", ("These readers", "Detectable")] == "0.10"
    assert shown.loc["a", ("Readers like these", "95 % interval")] == "0.30 to –"


def test_estimates_that_differ_by_rounding_are_the_same_one():
    table = pd.DataFrame([("gan", THESE, 0.3, 0.1, 0.5), ("gan", LIKE, 0.1 + 0.2, 0.1, 0.5)])
    table.columns = ["source", "conclusion", "value", "low", "high"]
    assert both_conclusions(table, ["source"]).loc["GAN", ("", "Estimate")] == "0.30"


def test_what_both_conclusions_note_is_said_once():
    lines = [("gan", THESE, 0.6, 0.5, 0.7, "1 left out"), ("gan", LIKE, 0.6, 0.4, 0.8, "1 left out; two readers")]
    table = pd.DataFrame(lines, columns=["source", "conclusion", "value", "low", "high", "note"])
    assert both_conclusions(table, ["source"]).loc["GAN", (" ", "Note")] == "1 left out; two readers"


def test_cases_with_and_without_the_finding_are_counted_and_a_blank_note_is_no_note():
    lines = [("gan", THESE, 0.9, 24, 20, np.nan), ("gan", LIKE, 0.9, 24, 20, np.nan)]
    table = pd.DataFrame(lines, columns=["source", "conclusion", "value", "present", "absent", "note"])
    shown = both_conclusions(table.assign(low=0.8, high=0.95), ["source"])
    assert shown.loc["GAN", " "].to_dict() == {"Present": "24", "Absent": "20"}


@pytest.mark.parametrize(("value", "text"), [(0.0004, "< 0.001"), (0.0456, "0.046"), (np.nan, "–")])
def test_p_is_never_zero(value, text):
    assert p_text(value) == text


def test_an_unknown_interval_is_a_dash():
    assert interval_text(np.nan, np.nan) == "–" and interval_text(0.1, 0.25) == "0.10 to 0.25"


def test_negative_numbers_have_a_true_minus_sign_and_zero_has_none():
    assert interval_text(-0.30, -0.004) == "\N{MINUS SIGN}0.30 to 0.00"


def test_both_ends_of_an_interval_stand_in_one_column_that_says_how_wide_it_is_meant_to_be():
    table = pd.DataFrame({"source": ["gan"], "estimate": [0.5], "low": [0.4], "high": [0.6], "p": [0.04]})
    shown = readable(table, ["source"], interval="90 % interval")
    assert shown.iloc[0].to_dict() == {"Estimate": "0.50", "90 % interval": "0.40 to 0.60", "p": "0.040"}


def test_odds_ratios_keep_their_digits_where_they_are_small_and_never_look_like_zero():
    table = pd.DataFrame(
        {"term": ["a", "b"], "odds_ratio": [0.00123, 29034.12], "low": [2e-9, 0], "high": [0.12, np.inf]}
    )
    shown = readable(table, ["term"])
    assert shown["Odds ratio"].tolist() == ["0.0012", "29034"]
    assert shown["95 % interval"].tolist() == ["< 0.000001 to 0.12", "0 to ∞"]


def estimates(notes: list[str]) -> pd.DataFrame:
    rows = [{"source": f"s{number}", "value": 0.5, "low": -0.25, "high": 0.75, "note": note, "conclusion": THESE}
            for number, note in enumerate(notes)]  # fmt: skip
    return both_conclusions(pd.DataFrame(rows), ["source"])


def test_each_note_is_said_once_below_the_table_and_a_letter_stands_in_its_place():
    short, notes = with_letters(estimates(["few cases", "", "one reader", "few cases"]))
    assert notes == {"a": "few cases", "b": "one reader"}
    assert short[" ", "Note"].tolist() == ["a", "", "b", "a"]
    short, notes = with_letters(readable(pd.DataFrame({"source": ["gan"], "note": ["few cases"]}), ["source"]))
    assert notes == {"a": "few cases"} and short["Note"].tolist() == ["a"]


def test_a_table_without_notes_has_no_letters():
    assert with_letters(estimates(["", ""]))[1] == {}
    assert "Note" not in readable(pd.DataFrame({"source": ["gan"], "note": [np.nan]}), ["source"])


def test_more_notes_than_letters_are_still_told_apart():
    notes = with_letters(estimates([f"note {number}" for number in range(28)]))[1]
    assert list(notes)[24:] == ["y", "z", "aa", "bb"]


def test_missing_whole_numbers_are_dashes_and_huge_ones_powers_of_ten():
    shown = readable(pd.DataFrame({"source": ["gan", "real"], "df": pd.array([3, None], dtype="Int64")}), ["source"])
    assert shown["Df"].tolist() == [3, "–"]
    assert [number_text(value) for value in (21694937834.9, 999999.0, np.inf)] == ["2 × 10¹⁰", "999999.00", "∞"]
