"""An answer is checked before it becomes an event."""

import pytest

from helpers.errors import ReadingError
from helpers.study.answer import Answer


@pytest.mark.parametrize(
    "wrong",
    [
        {"rating": 5},
        {"rating": -3},
        {"rating": True},
        {"rating": 1.0},
        {"rating": None},
        {"rating": 1, "cue": "hunch"},
        {"rating": 1, "cue_text": "a note without a reason"},
        {"rating": 1, "cue": "other", "cue_text": "x" * 2001},
        {"rating": 1, "active_ms": -1},
        {"rating": 1, "idle_ms": float("nan")},
        {"rating": 1, "active_ms": float("inf")},
    ],
)
def test_an_answer_out_of_range_is_refused(wrong):
    with pytest.raises(ReadingError):
        Answer(**wrong)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"rating": 1, "cue": "other", "cues": ("soft_tissue",)}, "main reason"),
        ({"rating": 1, "cue": "other", "cues": ("other", "other")}, "named once"),
        ({"rating": 1, "cue": "other", "cues": ("other", "hunch")}, "cues"),
        ({"rating": 1, "cues": ("other",)}, "main reason"),
        ({"rating": 1, "cue": "other", "cues": "other"}, "cues = 'other'"),
        ({"rating": 1, "cue": "other", "mark": (0.5, 1.5, 0, 0)}, r"mark\[1\] = 1.5: must be less than or equal to 1"),
        ({"rating": 1, "cue": "other", "mark": (0.5, float("nan"), 0, 0)}, r"mark\[1\] = nan"),
        ({"rating": 1, "cue": "other", "mark": (0.5, 0.5)}, "mark"),
        ({"rating": 1, "cue": "other", "mark": (0.5, 0.5, 0.1, 0)}, "above 0"),
        ({"rating": 1, "cue": "other", "mark_side": "left"}, "mark_side .* needs a mark"),
        ({"rating": 1, "cue": "other", "more_marks": [((0.5, 0.5, 0, 0), None)]}, "more_marks: need a mark"),
        (
            {"rating": 1, "cue": "other", "mark": (0.5, 0.5, 0, 0), "more_marks": [((0.5, 0.5, 0, 0.1), None)]},
            "above 0",
        ),
        ({"rating": 1, "cue": "other", "mark": (0.5, 0.5, 0, 0), "more_marks": [((0.5, 0.5), None)]}, "more_marks"),
        (
            {"rating": 1, "cue": "other", "mark": (0.5, 0.5, 0, 0), "more_marks": [((1, 1, 0, 0), "left")] * 20},
            "at most 19",
        ),
        ({"rating": 1, "cue": "other", "mark": (0.5, 0.5, 0, 0), "mark_side": "top"}, "'left', 'right'"),
    ],
)
def test_reasons_and_marks_out_of_range_are_refused(wrong, named):
    with pytest.raises(ReadingError, match=named):
        Answer(**wrong)


def test_the_main_reason_comes_first_and_stands_alone_where_no_other_is_ticked():
    assert Answer(1, "other", cues=["soft_tissue", "other"]).cues == ("other", "soft_tissue")
    assert Answer(1, "other").cues == ("other",) and Answer(0).cues == ()
