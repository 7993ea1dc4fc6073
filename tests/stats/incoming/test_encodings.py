"""Names come out of a file as they went in, whatever the encoding; where it had to be guessed, a note shows them."""

import pytest

from helpers.stats.incoming.encodings import decoded

WESTERN = "Peña, Ødegård, Müller, Åse, D’Arcy"
ANY = "Peña, Müller, François"


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (WESTERN, "cp1252"), ("Peña, Ødegård", "latin-1"), ("Łukasz, Żółć", "cp1250"), (ANY, "mac_roman"),
        (ANY, "cp850"), ("Иван, Мария", "cp1251"), ("Γιάννης, Ελένη", "cp1253"), ("王小明, 李四, 张三", "gbk"),
        ("田中太郎, 鈴木一郎", "shift_jis"),
    ],
)  # fmt: skip
def test_names_with_accents_come_out_as_they_went_in_and_are_shown(tmp_path, names, encoding):
    text, (note,) = decoded(tmp_path / "x.csv", ("reader\n" + 20 * f"{names}\n").encode(encoding))
    assert text.splitlines()[1] == names
    assert "not in UTF-8" in note and names.split(", ")[0] in note


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_what_a_file_says_of_itself_needs_no_note(tmp_path, encoding):
    assert decoded(tmp_path / "x.csv", WESTERN.encode(encoding)) == (WESTERN, [])
