"""Texts that people typed, as cells of a CSV file: a spreadsheet program must not take one for a formula.

Following OWASP's advice on CSV injection, a text that such a program would evaluate gets an apostrophe in front. A text
that has apostrophes before such a sign gets one more, so that reading the file gives back exactly what was typed.
"""

import pandas as pd

FREE_TEXT = ("cue_text", "subspecialty")  # columns of any table that hold what people typed
STARTS_FORMULA = "=+\\-@\t\r\n＝＋－＠"


def guarded(table: pd.DataFrame) -> pd.DataFrame:
    """The table in a form that is safe in a CSV file.

    >>> guarded(pd.DataFrame({"cue_text": ["=1+1", "'-2", "rib 5 - 7"]}))["cue_text"].tolist()
    ["'=1+1", "''-2", 'rib 5 - 7']
    """
    return _replaced(table, rf"^('*[{STARTS_FORMULA}])", r"'\1")


def unguarded(table: pd.DataFrame) -> pd.DataFrame:
    """The table as it was before ``guarded``.

    >>> unguarded(pd.DataFrame({"cue_text": ["'=1+1", "''-2", "'70s"]}))["cue_text"].tolist()
    ['=1+1', "'-2", "'70s"]
    """
    return _replaced(table, rf"^'('*[{STARTS_FORMULA}])", r"\1")


def _replaced(table: pd.DataFrame, pattern: str, by: str) -> pd.DataFrame:
    typed = [name for name in FREE_TEXT if name in table and pd.api.types.is_string_dtype(table[name].dropna())]
    return table.assign(**{name: table[name].str.replace(pattern, by, regex=True) for name in typed})
