import pandas as pd
import pytest

from helpers.explore.selection import Table, describe, rating_words


@pytest.fixture
def rows() -> pd.DataFrame:
    """Two cases read by three readers: all right on the first, all different on the second."""
    table = pd.DataFrame({"reader": ["a", "b", "c"] * 2, "case": ["one"] * 3 + ["two"] * 3, "task": "conditionality"})
    table = table.assign(finding="atelectasis", source=["gan"] * 3 + ["real"] * 3, truth=[1] * 3 + [0] * 3)
    table["rating"], table["correct"] = [1, 2, 2, -1, 0, 2], pd.array([1, 1, 1, 1, None, 0], "Int64")
    return describe(
        table.assign(
            cue=None,
            active_ms=[3000, 1000, 2000, 6000, 5000, None],
            images=table["case"],
            repeat_of=None,
            reader_kind="human",
        )
    )


def test_disagreement_is_the_share_that_is_not_the_most_frequent_answer(rows):
    assert rows["disagreement"].tolist() == pytest.approx([0, 0, 0, 2 / 3, 2 / 3, 2 / 3])
    assert rows["answer"].tolist() == ["right"] * 4 + ["undetermined", "wrong"]


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"source": []}, [0, 1, 2, 3, 4, 5]),
        ({"source": ["real"]}, [3, 4, 5]),
        ({"source": ["real"], "answer": ["wrong", "undetermined"]}, [4, 5]),
        ({"rating": ["2"]}, [1, 2, 5]),
        ({"state": ["present"], "reader": ["a"]}, [0]),
        ({"disagreement": (0.5, 1)}, [3, 4, 5]),
        ({"seconds": (1, 2)}, [1, 2]),
        ({"image": ["one"]}, [0, 1, 2]),
        ({"source": ["nobody's"]}, []),
    ],
)
def test_filters_keep_what_passes_all_of_them(rows, chosen, kept):
    assert Table(rows).select(chosen).tolist() == kept


def test_the_table_is_sorted_by_any_column_blank_last(rows):
    table = Table(rows)
    assert table.select({}, ("seconds", False)).tolist() == [1, 2, 0, 4, 3, 5]
    assert table.select({}, ("rating", True)).tolist()[:3] == [1, 2, 5]
    assert table.select({}, ("source", False)).tolist() == [0, 1, 2, 3, 4, 5]


def test_without_truth_nothing_tells_it(rows):
    table = Table(rows, tells_truth=False)
    assert not {"source", "state", "answer", "disagreement"} & {*table.columns, *table.choices, *table.limits}
    assert table.select({"answer": ["wrong"]}).tolist() == [0, 1, 2, 3, 4, 5]


def test_lines_are_what_people_read(rows):
    table = Table(rows)
    line = dict(zip(table.columns, table.lines([4])[0], strict=True))
    assert line["rating"] == "Cannot determine" and line["source"] == "Real" and line["disagreement"] == "67%"


def test_answers_are_in_the_words_of_their_buttons():
    assert rating_words("realism_pair", -2) == "Definitely left"
    assert rating_words("realism_pair", 7.5) == "7.5"
