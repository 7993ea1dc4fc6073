"""Counts of answers become one reading each, and none counts twice."""

import pytest

from helpers.errors import TableError
from helpers.stats.proportions import accuracy
from helpers.stats.readings import analysed
from helpers.tables import PAIR


def test_counts_give_the_proportions_that_they_state(loaded, said):
    text = "reader,source,right,total\na,gan,8,10\nb,gan,6,10\na,diffusion,5,10\nb,diffusion,9,10\n"
    readings = loaded(text)
    values = accuracy(analysed(readings, PAIR), ["reader", "source"]).drop_duplicates(["reader", "source"])
    assert dict(zip(values["reader"] + values["source"], values["value"], strict=True)) == {
        "agan": 0.8, "bgan": 0.6, "adiffusion": 0.5, "bdiffusion": 0.9,
    }  # fmt: skip
    assert "every reader has cases of their own" in said(readings)
    with pytest.raises(TableError, match="column 'right', row 2: 8 right of 7"):
        loaded(text.replace("8,10", "8,7"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Total,gan,14,20", r"column 'reader', row 4: 'Total' looks like a sum"),
        ("c,,1,2", "column 'source', row 4: the cell is empty"),
        (",gan,1,2", "column 'reader', row 4: the cell is empty"),
        ("a,gan,1,2", "rows 2 and 4 count answers of the same reader, source"),
    ],
)
def test_counts_are_of_somebody_and_never_count_an_answer_twice(loaded, line, words):
    with pytest.raises(TableError, match=words):
        loaded(f"reader,source,right,total\na,gan,8,10\nb,gan,6,10\n{line}\n")


def test_counts_of_nothing_are_said(loaded, said):
    readings = loaded("reader,source,right,total\na,gan,0,0\nb,gan,6,10\n")
    assert set(readings["reader"]) == {"b"} and "Rows of counts without an answer, left out: 1." in said(readings)


def test_true_and_false_calls_are_counts_of_both_truths(loaded):
    readings = loaded("Reader,Modality,TP,FN,FP,TN\na,film,4,1,2,3\nb,film,5,0,0,6\n")
    assert readings.groupby(["reader", "truth"])["correct"].agg(["sum", "size"]).to_dict("index") == {
        ("a", 0): {"sum": 3, "size": 5}, ("a", 1): {"sum": 4, "size": 5},
        ("b", 0): {"sum": 6, "size": 6}, ("b", 1): {"sum": 5, "size": 5},
    }  # fmt: skip
    for cell in ("4.5", "-4", ""):
        with pytest.raises(TableError, match="column 'tp', row 2: value .* is no count"):
            loaded(f"reader,treatment,TP,FN,FP,TN\na,film,{cell},1,2,3\nb,film,5,0,0,6\n")
    with pytest.raises(TableError, match="rows 2 and 3 count answers of the same"):
        loaded("reader,treatment,TP,FN,FP,TN\na,film,4,1,2,3\na,film,5,0,0,6\n")


def test_counts_by_truth_are_calls(loaded):
    readings = loaded("reader,treatment,truth,right,total\na,film,1,4,5\na,film,0,3,5\n")
    assert readings.groupby("truth")["correct"].mean().to_dict() == {0: 0.6, 1: 0.8}
