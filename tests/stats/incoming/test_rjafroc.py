"""RJafroc's workbook: one rating a case, or the highest mark of it."""

import re

import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.runs import PROJECT
from helpers.stats.readings import load

RENAMED = {"reader": "ReaderID", "treatment": "ModalityID", "case": "CaseID"}


def write(path, long, paradigm="ROC", marked=None):
    """The workbook of a long table; ``marked``: the rows that are written."""
    cases = long.drop_duplicates("case")
    truth = pd.DataFrame({"CaseID": cases["case"], "LesionID": cases["truth"], "Weight": 0})
    truth = truth.assign(ReaderID="r1, r2", ModalityID="film, screen", Paradigm=paradigm)
    marks = (long if marked is None else long[marked]).rename(columns=RENAMED)
    with pd.ExcelWriter(path) as book:
        truth.to_excel(book, sheet_name="Truth", index=False)
        for sheet, side, name in (("FP", 0, "FP_Rating"), ("TP", 1, "TP_Rating")):
            own = marks[marks["truth"] == side].rename(columns={"rating": name}).drop(columns="truth")
            own.to_excel(book, sheet_name=sheet, index=False)
    return path


def test_ratings_of_both_sheets_get_their_truth(long, tmp_path):
    readings = load(write(tmp_path / "study.xlsx", long))
    key = ["reader", "source", "case"]
    expected = long.rename(columns={"treatment": "source"}).sort_values(key).reset_index(drop=True)
    found = readings.sort_values(key).reset_index(drop=True)
    assert (
        found[[*key, "truth", "rating"]].astype(expected.dtypes.to_dict()).equals(expected[[*key, "truth", "rating"]])
    )


def test_a_case_without_marks_is_rated_below_all_marks(long, tmp_path, said):
    readings = load(write(tmp_path / "marks.xlsx", long, "FROC", long["case"] != "c4"))
    assert len(readings) == len(long) and set(readings.loc[readings["case"] == "c4", "rating"]) == {0}
    assert "Free-response marks" in said(readings) and "4 cases without marks are rated 0" in said(readings)


def test_the_workbook_that_data_readme_writes_out_is_read(tmp_path):
    text = (PROJECT / "data" / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```\n(TRUTH .*?)```", text, re.DOTALL).group(1)
    with pd.ExcelWriter(tmp_path / "readme.xlsx") as book:
        for sheet in block.strip().split("\n\n"):
            name, *header = re.split(r"\s{2,}", sheet.splitlines()[0])
            rows = [re.split(r"\s{2,}", line.strip()) for line in sheet.splitlines()[1:]]
            pd.DataFrame(rows, columns=header).to_excel(book, sheet_name=name, index=False)
    readings = load(tmp_path / "readme.xlsx")
    rated = readings.set_index(["reader", "source", "case"])["rating"]
    assert len(rated) == 8 and rated["bob", "film", "c1"] == 3 and rated["ann", "screen", "c2"] == 5
    assert readings.groupby("case")["truth"].first().to_dict() == {"c1": 0, "c2": 1}


def test_a_case_without_truth_is_named_with_its_sheet(long, tmp_path):
    path = write(tmp_path / "study.xlsx", long)
    sheets = pd.read_excel(path, sheet_name=None)
    with pd.ExcelWriter(path) as book:
        for name, sheet in sheets.items():
            (sheet.iloc[1:] if name == "Truth" else sheet).to_excel(book, sheet_name=name, index=False)
    with pytest.raises(TableError, match="sheet 'FP': row 2: case 'c0' is not in the sheet TRUTH"):
        load(path)
