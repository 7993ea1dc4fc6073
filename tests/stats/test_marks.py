"""Where the cue is: densities of marks against integration, limits and broken marks."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import StatisticsError
from helpers.stats.marks import as_text, each_mark, mark_density, marked
from helpers.stats.readings import analysed

BY = ["source", "call"]


@pytest.fixture(scope="module")
def rows(readings):
    """Decided realism readings, each with a mark: right calls on the left lung, wrong ones anywhere."""
    rows = analysed(readings, "realism_pair")
    generator = np.random.default_rng(1)
    right = (rows["correct"] == 1).fillna(False)
    x = np.where(right, generator.normal(0.7, 0.03, len(rows)).clip(0, 1), generator.random(len(rows)))
    decided = rows["correct"].notna()
    return rows.assign(mark_x=np.where(decided, x, np.nan), mark_y=np.where(decided, 0.4, np.nan))


def single(x, y, width=np.nan, height=np.nan, **others):
    mark = {"mark_x": x, "mark_y": y, "mark_width": width, "mark_height": height}
    base = {"source": "gan", "finding": "atelectasis", "truth": 1, "reader": "a", "trial_id": "t", "correct": 1}
    return pd.DataFrame([base | mark | others])


@settings(max_examples=30)
@given(*[st.floats(0, 1)] * 2, *[st.floats(0.02, 1)] * 2, st.floats(0.01, 0.3))
def test_a_density_is_positive_and_its_mean_is_one(x, y, width, height, bandwidth):
    for mark in (single(x, y), single(x, y, width, height)):
        density = mark_density(mark, BY, 16, bandwidth)["density"]
        assert (density >= -1e-9).all() and density.mean() == pytest.approx(1.0)


def test_a_point_is_a_gaussian_around_it():
    table = mark_density(single(0.5, 0.25), BY, 64, 0.08)
    expected = np.exp(-((table["x"] - 0.5) ** 2 + (table["y"] - 0.25) ** 2) / (2 * 0.08**2))
    np.testing.assert_allclose(table["density"], expected / expected.mean(), atol=0.15)
    assert table["density"].max() == pytest.approx(1 / (2 * np.pi * 0.08**2), rel=0.02)


def test_a_box_is_the_mean_of_the_points_within_it():
    box = mark_density(single(0.5, 0.5, 0.3, 0.1), BY, 32, 0.05)["density"]
    inside = [(0.5 + u, 0.5 + v) for u in np.linspace(-0.145, 0.145, 30) for v in np.linspace(-0.045, 0.045, 10)]
    points = pd.concat([single(x, y, trial_id=f"t{i}") for i, (x, y) in enumerate(inside)])
    np.testing.assert_allclose(box, mark_density(points, BY, 32, 0.05)["density"], atol=0.05)


def test_every_reader_weighs_the_same():
    many = pd.concat([single(0.2, 0.5, trial_id=f"t{i}") for i in range(9)] + [single(0.8, 0.5, reader="b")])
    table = mark_density(many, BY)
    assert table["marks"].eq(10).all() and table["readers"].eq(2).all()
    left, right = (table.loc[side, "density"].mean() for side in (table["x"] < 0.5, table["x"] > 0.5))
    assert left == pytest.approx(right)


def test_marks_are_where_they_were_put_by_source_and_call(rows):
    table = mark_density(rows, BY)
    groups = table.groupby(BY, sort=False)
    assert list(groups.groups) == [("gan", "right"), ("gan", "wrong"), ("diffusion", "right"), ("diffusion", "wrong")]
    peaks = table.loc[groups["density"].idxmax()].set_index(BY)
    assert peaks.loc[("gan", "right"), "x"] == pytest.approx(0.7, abs=0.05)
    assert groups["density"].max()["gan", "right"] > groups["density"].max()["gan", "wrong"]
    counts = marked(rows).groupby(BY).size()
    pd.testing.assert_series_equal(groups["marks"].first().sort_index(), counts, check_names=False)


def test_readings_without_marks_give_an_empty_table(readings):
    rows = analysed(readings, "realism_pair")
    assert mark_density(rows, BY).empty
    assert mark_density(rows.assign(mark_x=np.nan, mark_y=np.nan), BY).empty


@pytest.mark.parametrize(
    "mark",
    [(0.5, np.nan), (1.2, 0.5), (0.5, 0.5, 0.2), (0.5, 0.5, 0.2, 0.0), (np.nan, np.nan, 0.1, 0.1)],
)
def test_a_mark_that_makes_no_sense_is_named(mark):
    with pytest.raises(StatisticsError, match="trial 't' of reader 'a'"):
        marked(single(*mark))


def test_marks_beside_the_main_one_count_as_it_does():
    several = single(0.2, 0.5, more_marks="0.8 0.5;0.5 0.5 0.1 0.2")
    each = pd.concat([single(0.2, 0.5), single(0.8, 0.5), single(0.5, 0.5, 0.1, 0.2)])
    found = marked(several)
    pd.testing.assert_frame_equal(found[list(each)], each.reset_index(drop=True), check_dtype=False)
    together, apart = mark_density(several, BY), mark_density(each, BY)
    np.testing.assert_allclose(together["density"], apart["density"])
    assert together["marks"].eq(3).all()


def test_the_marks_of_a_reading_stand_together_and_keep_its_index():
    rows = pd.concat([single(0.1, 0.1, more_marks="0.3 0.3 left"), single(np.nan, np.nan), single(0.2, 0.2)])
    found = each_mark(rows.set_axis([7, 8, 9]))
    assert found.index.tolist() == [7, 7, 9] and found["mark_x"].tolist() == [0.1, 0.3, 0.2]
    assert found["mark_side"].iloc[1] == "left"


@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.none() | st.tuples(*[st.floats(1e-9, 1)] * 2),
    st.sampled_from([None, "right", "3"]),
)
def test_a_mark_is_read_as_it_was_written(x, y, size, side):
    text = as_text((x, y, *(size or (0.0, 0.0))), side)
    mark = each_mark(single(0.5, 0.5, more_marks=text)).iloc[1]
    assert (mark.mark_x, mark.mark_y, mark.mark_side) == (x, y, side)
    assert size == (mark.mark_width, mark.mark_height) if size else np.isnan(mark.mark_width)


@pytest.mark.parametrize(
    "text", ["", "0.5", "0.5 0.5;", "0.5 0.5 0.1", "0.5 0.5 top", "0.5,0.5", "2 0.5", "0.5 0.5 0.1 0", "nan 1"]
)
def test_further_marks_that_make_no_sense_are_named(text):
    with pytest.raises(StatisticsError, match="trial 't' of reader 'a'"):
        each_mark(single(0.5, 0.5, more_marks=text))
    with pytest.raises(StatisticsError, match="without a main mark"):
        each_mark(single(np.nan, np.nan, more_marks="0.5 0.5"))
