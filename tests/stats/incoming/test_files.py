"""Whatever program wrote a file, its cells come out alike; what is no table is named with what to do."""

import gzip

import openpyxl
import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.stats.readings import load


def same(readings, long):
    return readings["rating"].tolist() == long["rating"].tolist() and readings["case"].tolist() == long["case"].tolist()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " "])
def test_the_separator_is_found_whatever_the_file_is_called(long, loaded, separator):
    assert same(loaded(long.to_csv(index=False, sep=separator)), long)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_names_with_accents_survive_their_encoding(long, loaded, encoding):
    text = long.to_csv(index=False).replace("r1", "Müller")
    assert set(loaded(text.encode(encoding))["reader"]) == {"Müller", "r2"}


def test_a_guessed_encoding_is_said(long, loaded, said):
    text = long.to_csv(index=False).replace("r1", "Müller")
    assert "not in UTF-8; it was read as cp1252" in said(loaded(text.encode("latin-1")))
    assert "UTF-8" not in said(loaded(text.encode()))


def test_the_line_that_tells_excel_the_separator_is_not_the_header(long, loaded):
    assert same(loaded("sep=;\n" + long.to_csv(index=False, sep=";")), long)


@pytest.mark.parametrize("name", ["sheet.xlsx", "sheet.csv"])
def test_a_workbook_is_one_whatever_it_is_called(long, loaded, tmp_path, name):
    long.to_excel(tmp_path / "made.xlsx", index=False, startrow=2, startcol=1)
    assert same(loaded((tmp_path / "made.xlsx").read_bytes(), name), long)


def test_the_sheet_that_holds_readings_is_read_and_the_others_named(long, tmp_path, said):
    with pd.ExcelWriter(tmp_path / "two.xlsx") as book:
        pd.DataFrame({"note": ["made up"]}).to_excel(book, sheet_name="About", index=False)
        long.to_excel(book, sheet_name="Data", index=False)
    assert "Sheet 'Data' was read; not read: 'About'." in said(load(tmp_path / "two.xlsx"))
    with pd.ExcelWriter(tmp_path / "same.xlsx") as book:
        for name in ("A", "B"):
            long.to_excel(book, sheet_name=name, index=False)
    with pytest.raises(TableError, match="sheets 'A', 'B' could all be the readings; save the one"):
        load(tmp_path / "same.xlsx")


def test_compressed_and_parquet_files_are_told_by_their_content(long, loaded, tmp_path):
    assert same(loaded(gzip.compress(long.to_csv(index=False).encode()), "packed.csv"), long)
    long.to_parquet(tmp_path / "table.parquet")
    assert same(load(tmp_path / "table.parquet"), long)


def test_a_data_frame_is_read_like_a_file(long):
    assert same(load(long), long)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "the file is empty; it needs a header"),
        ("\n\n", "the file is empty"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), r"old kind \(.xls\).*save it as CSV UTF-8"),
        (b"PK\x03\x04 nothing", "an archive that is no Excel workbook"),
        (b"\x1f\x8b nothing", "a damaged gzip file"),
        (b"$FL2@(#) SPSS DATA FILE\x01\x02\x03", "no text and no workbook; save it as CSV UTF-8"),
        (b"PAR1 nothing", "cannot be read as a table"),
        ("<html></html>", "a web page, XML or JSON"),
        ('[{"reader": "a"}]', "a web page, XML or JSON"),
        ('reader,treatment,case,truth,rating\nr1,"film,c1,1,3\n', "row 2: a quotation mark is not closed"),
    ],
)
def test_what_is_no_table_is_named_with_what_to_do(loaded, content, words):
    with pytest.raises(TableError, match=words):
        loaded(content)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(TableError, match="lost.csv: no such table"):
        load(tmp_path / "lost.csv")


def test_a_formula_that_was_never_calculated_is_named(long, loaded, tmp_path):
    book = openpyxl.Workbook()
    for row in [list(long), *long.astype(object).values.tolist()]:
        book.active.append(row)
    book.active["E3"] = "=1+1"
    book.save(tmp_path / "made.xlsx")
    with pytest.raises(TableError, match="cell E3: a formula that was never calculated"):
        load(tmp_path / "made.xlsx")


def test_hidden_rows_are_read_with_a_note(long, tmp_path, said):
    long.to_excel(tmp_path / "made.xlsx", index=False)
    book = openpyxl.load_workbook(tmp_path / "made.xlsx")
    book.active.row_dimensions[4].hidden = True
    book.save(tmp_path / "made.xlsx")
    readings = load(tmp_path / "made.xlsx")
    assert same(readings, long) and "hidden rows, read too: 1 (the first is row 4)" in said(readings)
