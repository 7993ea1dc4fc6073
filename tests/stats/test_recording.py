"""Estimates under dotted names."""

import pandas as pd

from helpers.provenance import Stage
from helpers.runs import Run
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.recording import record


def test_both_conclusions_are_recorded_with_what_cannot_be_estimated_as_null(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    stage = Stage("08_realism", Run("demo"), {})
    table = pd.DataFrame(
        {
            "source": ["my gan 2.0"] * 2, "finding": "atelectasis", "truth": [1, 1], "conclusion": [THESE, LIKE],
            "value": [0.6, 0.6], "low": [0.5, float("nan")], "high": [0.7, float("nan")], "readings": 10,
            "note": ["", "not estimable: one reader"],
        }
    )  # fmt: skip
    record(stage, "realism.{source}.accuracy.{finding}_{state}", table, "a method")
    these, like = stage.results
    assert these.name == "realism.my_gan_2_0.accuracy.atelectasis_present"
    assert (these.low, these.n, these.method) == (0.5, 10, "a method; these readers")
    assert like.name == these.name + ".readers_like_these"
    assert like.low is None and like.method.endswith("not estimable: one reader")
