"""What cannot be meant is one error with the rows of the user's file."""

import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.tables import PAIR, SINGLE


def ours(long, task, **columns):
    table = long.rename(columns={"treatment": "source"})
    return table.assign(task=task, finding="f", rating=table["rating"] - 3, **columns)


def test_a_case_read_twice_is_named_with_both_rows(long, loaded):
    with pytest.raises(TableError, match="rows 4 and 26: reader 'r1' has the same rating of case 'c2'"):
        loaded(pd.concat([long, long.iloc[[2]]]))
    with pytest.raises(TableError, match="rows 2 and 26: .* 24 such rows in all"):
        loaded(pd.concat([long, long]))


def test_case_numbers_that_start_anew_are_told_from_wrong_truths(long, loaded):
    with pytest.raises(
        TableError, match="case '1' .*truth 1 in row 3 and truth 0 in row 2, and so have 2 more; .*anew"
    ):
        loaded(long.assign(case=long["case"].str[1:].astype(int) // 2 + 1))
    with pytest.raises(TableError, match="where case numbers start anew for sources"):
        loaded(long.assign(truth=long["truth"].where(long["treatment"] == "film", 1 - long["truth"])))


def test_cases_under_several_sources_are_said_to_be_the_same(long, loaded, said):
    assert "6 of 6 cases stand under several sources" in said(loaded(long))
    assert "several sources" not in said(loaded(long.assign(case=long["treatment"] + long["case"])))


@pytest.mark.parametrize("column", ["reader", "case", "treatment", "truth"])
def test_a_blank_cell_is_named_with_its_row(long, loaded, column):
    with pytest.raises(TableError, match=r"column '\w+', row 6: is blank"):
        loaded(long.assign(**{column: long[column].astype(object).mask(long.index == 4)}))


def test_real_images_under_another_name_are_asked_for(long, loaded, said):
    table = ours(long, SINGLE).replace({"source": {"film": "Real", "screen": "gan"}})
    with pytest.raises(TableError, match=r"no source is named 'real' \(sources: 'Real', 'gan'\); .*parameter real"):
        loaded(table)
    readings = loaded(table, real="Real")
    assert set(readings["source"]) == {"real", "gan"} and "'Real' holds the real images" in said(readings)
    right = (readings["rating"] < 0) == (readings["source"] == "real")
    decided = readings["rating"] != 0
    assert readings["correct"][decided].tolist() == right[decided].astype(int).tolist()
    with pytest.raises(TableError, match="real = 'true' is no source"):
        loaded(table, real="true")
    assert set(loaded(table, real="real")["source"]) == {"Real", "gan"}


def test_pairs_need_their_side_or_correct(long, loaded):
    with pytest.raises(TableError, match=r"row \d+ and \d+ more: .* needs column side, .* or column correct"):
        loaded(ours(long, PAIR))
    assert len(loaded(ours(long, PAIR, side="Right"))) == len(long)
    given = ours(long, PAIR).assign(correct=lambda t: t["truth"].map({1: "TRUE", 0: "FALSE"}).mask(t["rating"] == 0))
    assert loaded(given)["correct"].isna().sum() == (given["rating"] == 0).sum()


def test_a_task_that_is_none_is_named(long, loaded):
    with pytest.raises(
        TableError, match="column 'task', row 2: value 'pairs' and 23 more is no task; choose of realism"
    ):
        loaded(ours(long, "pairs"))


def test_a_value_that_breaks_a_rule_in_every_row_is_one_complaint(long, loaded):
    with pytest.raises(TableError, match=r"column 'side', row 2: value 'top' .*\(and 23 more rows\)$"):
        loaded(ours(long, PAIR, side="top"))


def test_a_scale_that_is_turned_round_is_said(long, loaded, said):
    turned = long.assign(rating=6 - long["rating"])
    assert "High ratings go with absent findings" in said(loaded(turned))
    assert "High ratings go" not in said(loaded(long)) and "High ratings go" not in said(loaded(turned.head(8)))
