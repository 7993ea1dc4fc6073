"""What cannot be meant is one error with the rows of the user's file."""

import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.tables import PAIR, SINGLE


def study(*readers: str) -> pd.DataFrame:
    """A long table of some readers who read 24 cases in two treatments, right more often than not."""
    rows = [(reader, treatment, f"c{case}", case % 2, 1 + (case // 2 + len(reader)) % 3 + 2 * (case % 2))
            for reader in readers for treatment in ("film", "screen") for case in range(24)]  # fmt: skip
    return pd.DataFrame(rows, columns=["reader", "treatment", "case", "truth", "rating"])


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


def test_a_reader_who_alone_turned_the_scale_round_is_named(loaded, said):
    long = study("ann", "bob", "eve")
    turned = long.assign(rating=long["rating"].where(long["reader"] != "bob", 6 - long["rating"]))
    assert "High ratings of reader 'bob' go with absent findings" in said(loaded(turned))
    assert "High ratings" not in said(loaded(long))


def test_a_reader_on_another_scale_is_named(loaded, said):
    long = study("ann", "bob", "ai")
    for factor, span in ((20, "from 20 to 100"), (0.1, "from 0.1 to 0.5")):
        other = long.assign(rating=long["rating"].where(long["reader"] != "ai", long["rating"] * factor))
        assert f"Ratings of reader 'ai' run {span}, those of the others from 1 to 5" in said(loaded(other))
    assert "Ratings of reader" not in said(loaded(long))
    cautious = long.assign(rating=long["rating"].where(long["reader"] != "ai", long["rating"].clip(upper=2)))
    assert "Ratings of reader" not in said(loaded(cautious))


def test_cells_that_were_merged_are_told_from_blank_ones(long, loaded):
    with pytest.raises(TableError, match="column 'reader', row 3 .*merged cells keep their value in the first row"):
        loaded(long.assign(reader=long["reader"].mask(long.duplicated(["reader", "treatment"]))))


def test_a_scale_that_is_turned_round_is_said(long, loaded, said):
    turned = long.assign(rating=6 - long["rating"])
    assert "High ratings go with absent findings" in said(loaded(turned))
    assert "High ratings go" not in said(loaded(long)) and "High ratings go" not in said(loaded(turned.head(8)))
