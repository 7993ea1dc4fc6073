"""A table of a file is read as it is meant, or refused with its place."""

import gzip

import pandas as pd
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
        " a ,b \n1,2\n,\n3,4\n,\n",
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


def test_a_table_is_known_to_be_compressed_by_its_bytes(tmp_path):
    (tmp_path / "t.csv").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    (tmp_path / "t.csv.gz").write_text("a,b\n1,2\n")
    for name in ("t.csv", "t.csv.gz"):
        assert read_raw(tmp_path / name).to_dict("list") == {"a": ["1"], "b": ["2"]}


def test_a_column_that_stands_twice_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("a,b, a\n1,2,0\n")
    with pytest.raises(TableError, match="t.csv: .*column 'a' appears twice; remove or rename one"):
        read_raw(tmp_path / "t.csv")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_table_in_another_encoding_is_named_with_what_to_do(tmp_path, encoding):
    (tmp_path / "t.csv").write_text("a,b\nPeña,2\n", encoding=encoding)
    with pytest.raises(TableError, match=r"t.csv: not text in UTF-8; save it as CSV \(UTF-8\)"):
        read_raw(tmp_path / "t.csv")


def test_a_workbook_is_named_with_what_to_do(tmp_path):
    pd.DataFrame({"a": ["x"]}).to_excel(tmp_path / "t.xlsx", index=False)
    with pytest.raises(TableError, match=r"t.xlsx: an Excel workbook; save it as CSV"):
        read_raw(tmp_path / "t.xlsx")
