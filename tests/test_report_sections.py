"""Tables and figures of a report's sections."""

import re

import pandas as pd
import pytest
from PIL import Image

from helpers.figures.readable import both_conclusions
from helpers.report_sections import as_html, pictures, with_letters
from helpers.runs import Run
from helpers.stats.crossed import THESE


def estimates(notes: list[str]) -> pd.DataFrame:
    rows = [{"source": f"s{number}", "value": 0.5, "low": -0.25, "high": 0.75, "note": note, "conclusion": THESE}
            for number, note in enumerate(notes)]  # fmt: skip
    return both_conclusions(pd.DataFrame(rows), ["source"])


def test_each_note_is_said_once_below_the_table_and_a_letter_stands_in_its_place():
    table = with_letters(estimates(["few cases", "", "one reader", "few cases"]))
    assert table.notes == {"a": "few cases", "b": "one reader"}
    assert re.findall(r"<td>(\w*)</td>\s*</tr>", table.html) == ["a", "", "b", "a"]


def test_a_table_without_notes_has_no_letters():
    table = with_letters(estimates(["", ""]))
    assert table.notes == {} and "Note" not in table.html


def test_more_notes_than_letters_are_still_told_apart():
    notes = with_letters(estimates([f"note {number}" for number in range(28)])).notes
    assert list(notes)[24:] == ["y", "z", "aa", "bb"]


def test_numbers_and_intervals_are_not_broken_over_two_lines_but_words_may_be():
    minus, space = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"
    page = as_html(pd.DataFrame({"a": [f"{minus}0.20 to 0.02", "< 0.001", "0.64 (0.53 to 0.73)", "Pleural effusion"]}))
    for cell in (f"{minus}0.20{space}to{space}0.02", f"&lt;{space}0.001", f"0.64{space}(0.53{space}to{space}0.73)"):
        assert f"<td>{cell}</td>" in page
    assert "<td>Pleural effusion</td>" in page


@pytest.mark.parametrize(("density", "width"), [({"dpi": (150, 150)}, 192), ({}, 300)])
def test_a_figure_stands_in_the_page_at_the_size_it_was_drawn_in(workspace, density, width):
    """300 pixels at 150 an inch are two inches: 192 pixels of a page. A file that does not say is shown as it is."""
    run = Run("pilot")
    run.figures.mkdir(parents=True)
    Image.new("L", (300, 10)).save(run.figures / "08_realism_my_own_figure.png", **density)
    (picture,) = pictures(run, "08_realism", with_images=False)
    assert picture.width == width and picture.caption == "My own figure."
