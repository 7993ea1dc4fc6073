"""From rows to a block of ratings; and what rows cannot be."""

import numpy as np
import pytest

from helpers.errors import StatisticsError
from helpers.stats.mrmc.panel import panel


def test_every_rating_is_in_its_cell_and_unread_cells_are_blank(ratings):
    rows = ratings(1).sample(frac=0.8, random_state=1)
    block = panel(rows)
    assert block.read.sum() == len(rows)
    cases = sorted(set(rows["case"]))
    for row in rows.head(30).itertuples():
        unit = block.case == cases.index(row.case)
        t, r = block.treatments.index(row.source), block.readers.index(row.reader)
        assert block.ratings[t, r, unit].item() == row.rating and block.truth[unit].item() == row.truth


def test_a_reader_is_able_who_saw_both_truths_of_every_finding(ratings):
    rows = ratings(1)
    rows.loc[rows["case"].str.endswith(("1", "3")), "finding"] = "opacity"
    unseen = (
        (rows["reader"] == "r1") & (rows["source"] == "gan") & (rows["finding"] == "opacity") & (rows["truth"] == 1)
    )
    block = panel(rows[~unseen])
    assert block.treatments == ("gan", "diffusion")
    assert block.able().tolist() == [[True, False, True, True], [True] * 4]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda rows: rows.drop(columns="finding"), "no column 'finding'"),
        (lambda rows: rows.iloc[:0], "no readings to analyse"),
        (lambda rows: rows.assign(rating=rows["rating"].astype(str)), "column 'rating' holds text"),
        (lambda rows: rows.assign(rating=rows["rating"].where(rows.index != 4)), "column 'rating' is blank in row 5"),
        (lambda rows: rows.assign(truth=rows["truth"] * 2), "column 'truth' is 2"),
        (lambda rows: rows.iloc[[*range(len(rows)), 3]], "reader 'r0' rated case 'gancase-3' .* more than once"),
        (lambda rows: rows.assign(case="one"), "present in one row and absent in another"),
    ],
)
def test_wrong_rows_are_refused_with_what_is_wrong(ratings, spoil, message):
    with pytest.raises(StatisticsError, match=message):
        panel(spoil(ratings(1)))


def test_the_order_of_rows_does_not_matter(ratings):
    rows = ratings(1)
    np.testing.assert_array_equal(panel(rows).ratings, panel(rows.sample(frac=1, random_state=2)).ratings)
