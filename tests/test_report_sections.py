"""Tables and figures of a report's sections."""

import pandas as pd
import pytest
from PIL import Image

from helpers.report_sections import as_html, pictures
from helpers.runs import Run


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
