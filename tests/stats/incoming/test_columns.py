"""Headers in any case and place, empty rows and columns; two columns of one name are refused."""

import pytest

from helpers.errors import TableError


@pytest.mark.parametrize("change", [str.upper, str.title, lambda name: f" {name} "])
def test_names_of_columns_count_without_regard_to_case_and_blanks(long, loaded, change):
    assert len(loaded(long.rename(columns=change))) == len(long)


def test_names_of_other_programs_are_said(long, loaded, said):
    readings = loaded(long.rename(columns={"treatment": "Modality_ID", "rating": "score"}))
    assert "'Modality_ID' was read as treatment. Column 'score' was read as rating." in said(readings)


@pytest.mark.parametrize("side", ["reader", "treatment"])
def test_ratings_side_by_side_are_to_be_put_below_each_other(long, loaded, side):
    wide = long.pivot(
        index=[n for n in ("reader", "treatment", "case", "truth") if n != side], columns=side, values="rating"
    )
    names = ", ".join(map(repr, wide.columns))
    with pytest.raises(TableError, match=f"Columns {names} look like ratings side by side: give each rating a row"):
        loaded(wide.reset_index())


def test_the_header_may_stand_below_a_title(long, loaded, said):
    readings = loaded("Study of film\n\n" + long.to_csv(index=False))
    assert len(readings) == len(long) and "The header was found in row 3" in said(readings)


def test_empty_rows_and_columns_do_not_count(long, loaded, said):
    text = long.to_csv(index=False) + ",,,,\n\n"
    readings = loaded(text.replace("\n", "," * 2000 + "\n"))
    assert len(readings) == len(long) and "Empty rows, left out: 2." in said(readings)


def test_a_header_in_the_middle_is_left_out_with_a_note(long, loaded, said):
    halves = long[:10].to_csv(index=False) + long[10:].to_csv(index=False)
    readings = loaded(halves)
    assert len(readings) == len(long) and "Rows that repeat the header, left out: 1." in said(readings)


@pytest.mark.parametrize("form", ["long", "pairs"])
def test_a_column_too_many_is_left_out_with_a_note(long, loaded, said, form):
    table = long.assign(comment="x")
    if form == "pairs":
        table = table.rename(columns={"treatment": "source"}).assign(task="realism_pair", finding="f", side="left")
        table["rating"] -= 3
    assert "Columns not used: comment." in said(loaded(table))


@pytest.mark.parametrize("separator", [",", " "])
def test_row_names_as_r_writes_them_are_no_column(long, loaded, separator):
    lines = long.to_csv(index=False, sep=separator).splitlines()
    numbered = [f'"{number}"{separator}{line}' for number, line in enumerate(lines[1:], start=1)]
    assert loaded("\n".join([lines[0], *numbered]))["rating"].tolist() == long["rating"].tolist()


def test_a_column_without_a_name_is_left_out_with_a_note(long, loaded, said):
    assert "Column 1 has no name" in said(loaded(long.to_csv()))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("truth", "rating "), "columns 4 and 5 are both named 'rating'"),
        (lambda text: text.replace("truth", "score").replace("rating", "confidence"), "could both be 'rating'"),
        (lambda text: text.splitlines()[0], "a header and no rows"),
        (lambda text: text.replace(",3\n", ",3,5\n", 1), "row . has more cells than the header .*decimal mark"),
        (lambda text: text.split("\n", 1)[1], "the first row must name the columns"),
        (lambda text: text.replace("truth", "status"), "column 'truth' is missing.*columns found: .*'status'"),
    ],
)
def test_what_cannot_be_a_table_is_one_error(long, loaded, change, words):
    with pytest.raises(TableError, match=words):
        loaded(change(long.to_csv(index=False)))
