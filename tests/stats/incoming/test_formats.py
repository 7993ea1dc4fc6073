"""Tables of other tools become readings; the examples of data/README are among them."""

import io
import re

import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.recording import provenance_banner
from helpers.runs import PROJECT
from helpers.stats.mrmc import auc_difference
from helpers.stats.readings import analysed, load
from helpers.tables import CONDITIONALITY

VAN_DYKE = PROJECT / "tests" / "reference" / "published" / "vandyke.csv"
README = (PROJECT / "data" / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"\*\*(examples/[\w.-]+)\*\*.*?```\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_every_written_example_is_read_and_says_how(loaded, said, name, text):
    readings = loaded(text, name.split("/")[1])
    assert len(readings) > 1 and said(readings)
    assert (PROJECT / "data" / name).read_text(encoding="utf-8") == text


def test_a_long_multi_reader_table_becomes_conditionality_readings(long, loaded):
    readings = loaded(long, scale="1..5")
    assert set(readings["task"]) == {CONDITIONALITY} and readings["source"].tolist() == long["treatment"].tolist()
    assert readings["position"].tolist() == [*range(1, 13)] * 2 and not readings["is_practice"].any()


def test_a_published_long_table_gives_the_published_difference():
    rows = analysed(load(VAN_DYKE), CONDITIONALITY)
    difference = auc_difference(rows, "1", "2").query("conclusion == 'readers like these'").iloc[0]
    assert difference["p_value"] == pytest.approx(0.05123303, abs=5e-9)  # R package MRMCaov, DeLong


def as_list(long, name="-1"):
    """iMRMC's list of a long table, its truth rows first."""
    cases = long.drop_duplicates("case")
    truth = pd.DataFrame({"readerID": name, "caseID": cases["case"], "modalityID": "0", "score": cases["truth"]})
    columns = {"reader": "readerID", "case": "caseID", "treatment": "modalityID", "rating": "score"}
    return pd.concat([truth, long.rename(columns=columns)[list(columns.values())]])


@pytest.mark.parametrize("name", ["-1", "truth"])
def test_imrmc_s_list_takes_its_truth_from_its_truth_rows(long, loaded, name):
    readings = loaded(as_list(long, name))
    assert (
        readings["truth"].tolist() == long["truth"].tolist() and readings["rating"].tolist() == long["rating"].tolist()
    )


@pytest.mark.parametrize("separator", [",", "  "])
def test_imrmc_s_file_begins_after_its_description(long, loaded, separator):
    lines = [separator.join(map(str, row)) for row in as_list(long).to_numpy()]
    readings = loaded("A study, of film\nN0: 3\nN1: 3\nNR: 2\nNM: 2\nBEGIN DATA:\n" + "\n".join(lines), "study.imrmc")
    assert readings["truth"].tolist() == long["truth"].tolist() and set(readings["source"]) == {"film", "screen"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t[t["readerID"] != "-1"], "no row of a reader -1 or 'truth' says which cases are diseased"),
        (lambda t: t.iloc[1:], "row 7: case 'c0' has no row that says its truth"),
        (lambda t: pd.concat([t, t.iloc[[0]].assign(score=1)]), "row 32: case 'c0' has two different truths"),
    ],
)
def test_a_list_whose_truth_is_not_whole_is_one_error(long, loaded, change, words):
    with pytest.raises(TableError, match=words):
        loaded(change(as_list(long)))


def test_sheets_that_belong_together_are_to_be_put_below_each_other(long, loaded):
    content = io.BytesIO()
    with pd.ExcelWriter(content) as book:
        for reader, own in long.groupby("reader"):
            own.drop(columns="reader").to_excel(book, sheet_name=reader, index=False)
    with pytest.raises(TableError, match="sheets 'r1', 'r2' could all be the readings; .* with a column reader"):
        loaded(content.getvalue(), name="readers.xlsx")


@pytest.mark.parametrize("task", ["realism_pair", "conditionality"])
def test_columns_that_can_be_derived_may_be_missing(readings, loaded, task):
    own = readings[(readings["task"] == task) & ~readings["is_practice"] & readings["repeat_of"].isna()]
    own = own.reset_index(drop=True)
    short = loaded(own[["reader", "task", "case", "source", "finding", "truth", "rating", "side"]])
    assert short["correct"].equals(own["correct"])
    assert short["trial_id"].is_unique and set(short["reader_kind"]) == {"human"}


def test_the_places_that_choices_name_are_not_taken_for_ratings(loaded):
    rows = [("ada", f"c{n}", "realism_choice_4", n % 4 + 1, "gan", str(n % 2 + 1)) for n in range(8)]
    table = pd.DataFrame(rows, columns=["reader", "case", "task", "rating", "source", "side"])
    table = table.assign(finding="atelectasis", truth=1)
    read = loaded(table)
    assert list(read.rating) == [1, 2, 3, 4] * 2 and list(read.correct) == [1, 1, 0, 0] * 2
    both = loaded(pd.concat([table, table.assign(task="conditionality", side=None, rating=5)]), scale="1..5")
    assert list(both.rating) == [1, 2, 3, 4] * 2 + [5] * 8 and list(both.correct) == [1, 1, 0, 0] * 2 + [1] * 8


def test_what_was_done_stands_at_the_head_of_the_notebook(long, loaded):
    banner = provenance_banner(loaded(long.assign(comment="x")), None)
    assert "treatments are shown as sources" in banner and "Columns not used: comment." in banner
