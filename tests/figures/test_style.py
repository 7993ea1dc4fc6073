import matplotlib.pyplot as plt
import pytest

from helpers.figures import style


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


def test_a_note_is_written_on_the_figure_only_where_there_is_one():
    assert [text.get_text() for text in style.add_note(plt.figure(), "Simulated readers").texts] == [
        "Simulated readers"
    ]
    assert style.add_note(plt.figure(), "").texts == []
