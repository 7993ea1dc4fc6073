"""Ratings point at the synthetic image, whichever side it was on."""

import pandas as pd

from helpers.stats.orientation import oriented, rating_matrix, with_orientation

ROWS = pd.DataFrame(
    [("a", "realism_pair", "left", -2), ("b", "realism_pair", "right", 1), ("c", "conditionality", "left", -1)],
    columns=["reader", "task", "side", "rating"],
).assign(case="x", source="gan", finding="none")


def test_a_pair_is_turned_where_the_synthetic_image_is_on_the_left_and_a_single_image_never_is():
    assert oriented(ROWS).tolist() == [2, 1, -1]


def test_nothing_but_the_rating_is_turned():
    turned = with_orientation(ROWS)
    assert turned["rating"].tolist() == [2, 1, -1]
    pd.testing.assert_frame_equal(turned.drop(columns="rating"), ROWS.drop(columns="rating"))


def test_readers_are_rows_and_what_one_did_not_read_is_blank():
    matrix = rating_matrix(pd.concat([ROWS[:2], ROWS[1:2].assign(case="y")]))
    assert matrix.index.tolist() == ["a", "b"] and matrix["x", "gan", "none"].tolist() == [2, 1]
    assert matrix["y", "gan", "none"].isna().tolist() == [True, False]
