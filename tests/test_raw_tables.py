"""A table of a file is read as it is meant, or refused with its place."""

import gzip

import pytest

from helpers.errors import TableError
from helpers.raw_tables import read_raw


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2,\n3,4,\n",
        "a;b\n1;2\n3;4\n",
        "a\tb\n1\t2\n3\t4\n",
        "\ufeffa,b\n1,2\n\n3,4\n",
        "a,b,,\n1,2\n3,4,,\n",
    ],
)
def test_separators_blank_rows_and_blank_columns_do_not_matter(tmp_path, text):
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    assert read_raw(tmp_path / "t.csv")[["a", "b"]].to_dict("list") == {"a": ["1", "3"], "b": ["2", "4"]}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a,b\n1,2,3\n4,5,6\n", "row 1, line 2: 3 cells, the header has 2"),
        ("a,b\n1,2\n4,5,6\n", "row 2, line 3: 3 cells, the header has 2"),
        ("a,b,c\n1,2,3\n4,5", "row 2, line 3: 2 cells, the header has 3"),
        ('a,b\n1,"x\n2,y\n', "EOF inside string"),
    ],
)
def test_a_ragged_row_is_named_and_no_column_moves(tmp_path, text, complaint):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(TableError, match=f"t.csv: cannot be read as a table .*{complaint}"):
        read_raw(tmp_path / "t.csv")


def test_a_table_that_was_cut_off_while_it_was_copied_is_named(tmp_path):
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 5000)
    (tmp_path / "t.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TableError, match="t.csv.gz: cannot be read as a table"):
        read_raw(tmp_path / "t.csv.gz")
