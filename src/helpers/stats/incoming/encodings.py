"""Decode a text file: UTF-8, the encoding given by a byte order mark, or the most plausible older encoding.

Names are short, so letter statistics mislead: the same bytes are Peña in one encoding and Peńa in another. The Western
Windows encoding is used unless it gives implausible names: signs or capitals inside words, letters of two scripts in
one word, many accented letters in a row.
"""

import re
import unicodedata
from pathlib import Path

from charset_normalizer import from_bytes

from helpers.errors import TableError

MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
ENCODINGS = ("cp1252", "cp1250", "mac_roman", "cp850", "cp1251", "cp1253")  # if equally plausible, the first
SAVE_AS = "save it as CSV UTF-8, or as an Excel workbook (.xlsx)"
_WORD = re.compile(r"[^\s,;|\t\"]*[^\x00-\x7f][^\s,;|\t\"]*")
_SHOWN = 5


def decoded(path: Path, data: bytes) -> tuple[str, list[str]]:
    """Text, and a note if its encoding had to be guessed. Raises TableError if the file is not text."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), []
    sample = data[:4000]
    if b"\x00" in sample:
        encoding = "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
        try:
            return data.decode(encoding), [_note(encoding.upper(), "")]
        except UnicodeDecodeError as error:
            raise TableError(f"{path}: no text and no workbook ({error}); {SAVE_AS}") from error
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        encoding = _most_plausible(b"\n".join(line for line in data.splitlines() if not line.isascii())[:20000])
    text = data.decode(encoding, errors="replace")
    return text, [_note(encoding, text)]


def _note(encoding: str, text: str) -> str:
    words = list(dict.fromkeys(_WORD.findall(text)))
    shown = f": {', '.join(words[:_SHOWN])}{', ...' if len(words) > _SHOWN else ''}" if words else ""
    return f"The file is not in UTF-8; it was read as {encoding}. Check letters with accents{shown}."


def _most_plausible(strange: bytes) -> str:
    """Encoding of non-ASCII lines: the first of ``ENCODINGS`` without odd words, else the best guess."""
    odd = {encoding: _odd(strange.decode(encoding, errors="replace")) for encoding in ENCODINGS}
    best = min(odd, key=odd.__getitem__)
    if odd[best]:
        found = from_bytes(strange).best()
        if found and _odd(strange.decode(found.encoding, errors="replace")) < odd[best]:
            return found.encoding
    return best


def _odd(text: str) -> int:
    """Number of implausible places in the non-ASCII words."""
    return sum(_odd_places(word) for word in _WORD.findall(text))


def _odd_places(word: str) -> int:
    signs = sum(not character.isalpha() for character in word if not character.isascii())
    capitals = sum(before.islower() and not here.isascii() and here.isupper()
                   for before, here in zip(word, word[1:], strict=False))  # fmt: skip
    scripts = {unicodedata.name(character, "").split(" ")[0] for character in word if character.isalpha()}
    accents = len(re.search(r"[^\x00-\x7f]*", max(re.findall(r"[^\x00-\x7f]+", word), key=len)).group())
    crowded = accents > 3 and scripts == {"LATIN"}
    return signs + capitals + 2 * (len(scripts) - 1 if scripts else 0) + 2 * crowded
