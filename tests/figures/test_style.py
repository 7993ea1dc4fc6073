import matplotlib.pyplot as plt
import pytest

from helpers.figures import style
from helpers.findings import ORIGINAL, Cell, Findings


def test_the_three_sources_of_the_study_keep_their_colours_whoever_else_is_there():
    alone, together = style.source_colours(["gan"]), style.source_colours(["gan", "my-model", "real"])
    assert alone["gan"] == together["gan"] and alone["real"] == together["real"]
    assert len(set(together.values())) == len(together)


def test_other_sources_get_the_same_colour_whatever_their_order():
    assert style.source_colours(["b", "a"]) == style.source_colours(["a", "b"])


@pytest.mark.parametrize(
    ("finding", "title"), [("atelectasis", "Atelectasis"), ("pulmonary_nodule", "Pulmonary nodule")]
)
def test_findings_that_the_study_does_not_know_are_still_readable(finding, title):
    assert style.finding_title(finding) == title


@pytest.fixture
def wet_lung():
    style.use_findings(Findings.from_section([{"name": "edema", "title": "Wet lung", "code": "WL"}]))
    yield
    style.use_findings(ORIGINAL)


def test_a_study_writes_its_findings_as_it_describes_them(wet_lung):
    assert style.finding_title("edema") == "Wet lung"
    assert style.cell_title(Cell("edema", 0)) == "WL absent"
    assert style.cell_title(Cell("mass", 1)) == "MA present"


@pytest.mark.parametrize(("level", "title"), [("edema", "Wet lung"), ("mass", "Mass"), ("under 40", "under 40")])
def test_a_level_that_is_a_finding_has_its_title_and_any_other_stays_as_it_is(level, title, wet_lung):
    assert style.level_title(level) == title


@pytest.mark.parametrize(("count", "shape"), [(1, (1, 1)), (4, (1, 4)), (9, (2, 5)), (14, (3, 5))])
def test_panels_stand_in_rows_of_up_to_five_which_a_page_shows_legibly(count, shape):
    figure, panels = style.panels_of(count, (1, 1))
    assert len(panels) == count and all(panel.get_visible() for panel in panels)
    assert tuple(figure.get_size_inches()) == shape[::-1]


def test_a_note_is_written_on_the_figure_only_where_there_is_one():
    assert [text.get_text() for text in style.add_note(plt.figure(), "Simulated readers").texts] == [
        "Simulated readers"
    ]
    assert style.add_note(plt.figure(), "").texts == []
