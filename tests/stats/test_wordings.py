"""Templates are analysed as sources are, and other wordings count as a sample of theirs."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.errors import StatisticsError
from helpers.stats.proportions import all_differences
from helpers.stats.wordings import by_wording, like_these


def rows(**columns):
    return pd.DataFrame(columns)


def test_a_source_with_one_template_or_none_is_left_out():
    read = rows(source=["gan", "roentgen", "diffusion", "diffusion"], template=[None, "original", "a", "b"])
    assert by_wording(read)["source"].tolist() == ["a", "b"]


def test_templates_of_several_sources_are_told_apart():
    read = rows(source=["one", "one", "two", "two"], template=["a", "b", "a", "b"])
    assert by_wording(read)["source"].tolist() == ["one, a", "one, b", "two, a", "two, b"]


@pytest.mark.parametrize(
    "read", [rows(source=["gan"]), rows(source=["d"], template=["a"]), rows(source=[], template=[])]
)
def test_without_two_wordings_there_is_nothing_to_compare(read):
    with pytest.raises(StatisticsError, match="two wordings"):
        by_wording(read)


def cells(table):
    table = pd.DataFrame(np.asarray(table, dtype=float))
    long = table.rename_axis("reader").reset_index().melt("reader", var_name="source", value_name="value")
    return long.astype({"reader": str, "source": str})


def test_readers_who_agree_leave_the_variance_of_the_wordings():
    """The interval is then Student's of the wordings' means."""
    means = np.array([0.5, 0.6, 0.8, 0.7])
    found = like_these(cells([means, means, means])).iloc[0]
    low, high = stats.t.interval(0.95, 3, means.mean(), means.std(ddof=1) / 2)
    assert (found["low"], found["high"]) == pytest.approx((low, high))


def test_wordings_that_are_alike_leave_the_variance_of_the_readers():
    found = like_these(cells([[0.5] * 3, [0.7] * 3])).iloc[0]
    assert found["standard_error"] == pytest.approx(0.1) and found["degrees_of_freedom"] == pytest.approx(1)


def test_the_interval_holds_the_mean_of_all_readers_and_wordings():
    """Of tables drawn with a variance of readers, wordings and both, 95 % are to hold the mean; 800 are drawn."""
    rng, held = np.random.default_rng(5), 0
    for _ in range(800):
        reader, wording = rng.normal(0, 0.05, (6, 1)), rng.normal(0, 0.05, (1, 5))
        found = like_these(cells(0.6 + reader + wording + rng.normal(0, 0.04, (6, 5)))).iloc[0]
        held += found["low"] <= 0.6 <= found["high"]
    assert 0.925 <= held / 800 <= 0.985


@pytest.mark.parametrize(
    ("table", "said"),
    [([[0.5, 0.6]], "two readers"), ([[0.5], [0.6]], "two readers"), ([[0.5, 0.6], [0.5, np.nan]], "every wording")],
)
def test_what_is_lacking_is_said(table, said):
    with pytest.raises(StatisticsError, match=said):
        like_these(cells(table))


def read_by(rng, effect):
    """40 images of each of two templates, read by 5 readers: the second is seen rightly less often by ``effect``."""
    drawn = []
    for template, right in (("a", 0.8), ("b", 0.8 - effect)):
        image = rng.normal(0, 0.05, 40)[None] + right
        correct = rng.random((5, 40)) < np.clip(image + rng.normal(0, 0.02, (5, 1)), 0, 1)
        for reader, case in np.ndindex(correct.shape):
            drawn.append(("diffusion", template, f"r{reader}", f"{template}{case}", float(correct[reader, case])))
    return pd.DataFrame(drawn, columns=["source", "template", "reader", "case", "correct"])


def test_a_template_that_fails_is_found_at_the_size_of_its_failure():
    rng = np.random.default_rng(3)
    found = [
        all_differences(by_wording(read_by(rng, 0.25))).query("conclusion == 'readers like these'").iloc[0]
        for _ in range(30)
    ]
    assert np.mean([one["value"] for one in found]) == pytest.approx(0.25, abs=0.03)
    assert np.mean([one["low"] <= 0.25 <= one["high"] for one in found]) >= 0.8
    assert np.mean([one["p_value"] < 0.05 for one in found]) > 0.9
