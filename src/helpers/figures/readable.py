"""Tables for people: titles for columns, sources and findings, and both conclusions of an estimate side by side."""

import string
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from helpers.figures.style import CUE_TITLES, TASK_TITLES, finding_title, level_title, source_title
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.multiplicity import P_VALUES

_COUNTS = ("readers", "cases", "present", "absent", "readings", "note")
_HIDDEN = ("standard_error", "degrees_of_freedom", "family_size")
_TITLES = {"p_value": "p", "p": "p", "p_holm": "p (Holm)", "truth": "Finding is", "reader_kind": "Kind"}
QUESTION_TITLES = {"accuracy": "Right answers", "difference": "Difference", "auc": "AUC"}
MEASURE_TITLES = {
    "weighted_kappa": "Weighted kappa",
    "fleiss_kappa": "Fleiss' kappa",
    "krippendorff_alpha": "Krippendorff's alpha",
    "gwet_ac1": "Gwet's AC1",
    "gwet_ac2": "Gwet's AC2",
    "icc": "ICC(A,1)",
    "same_answer": "Same answer",
}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
WORDS = {
    "source": source_title,
    "first": source_title,
    "second": source_title,
    "finding": finding_title,
    "truth": lambda value: "present" if value else "absent",
    "level": level_title,
    "contrast": lambda value: " minus ".join(map(level_title, value.split(" minus "))),
    "compared": lambda value: " minus ".join(map(source_title, value.split(" minus "))),
    "question": lambda value: QUESTION_TITLES.get(value, value),
    "task": lambda value: TASK_TITLES.get(value, value),
    "measure": lambda value: MEASURE_TITLES.get(value, value),
    "cue": lambda value: CUE_TITLES.get(value, value),
    "part": lambda value: CUE_TITLES.get(value) or finding_title(value),
}


def readable(table: pd.DataFrame, index: list[str], decimals: int = 2, interval: str = "95 % interval") -> pd.DataFrame:
    """Tidy table as people read it: titles, rounded numbers, ``index`` columns as row labels; cells are text.

    low and high become one column, ``interval``. Notes are the last column, which is left out if there are none.
    """
    shown = table.drop(columns=[name for name in _HIDDEN if name in table])
    if "note" in shown:
        notes = shown.pop("note").astype(object).fillna("")
        shown = shown.assign(note=notes) if notes.ne("").any() else shown
    text = _number(shown, decimals)
    if {"low", "high"} <= set(shown):
        ends = [interval_text(low, high, text) for low, high in zip(shown["low"], shown["high"], strict=True)]
        shown = shown.assign(low=ends).drop(columns="high").rename(columns={"low": interval})
    shown = _in_words(shown, text)
    return shown.set_index([_title(name) for name in index])


def _title(name: str) -> str:
    return _TITLES.get(name, name[:1].upper() + name[1:].replace("_", " "))


def _number(table: pd.DataFrame, decimals: int) -> Callable[[float], str]:
    """How the numbers of a table are written: small odds ratios keep their digits."""
    return ratio_text if "odds_ratio" in table else partial(number_text, decimals=decimals)


def _in_words(table: pd.DataFrame, text: Callable[[float], str]) -> pd.DataFrame:
    shown = table.copy()
    for name in shown:
        if name in WORDS:
            shown[name] = shown[name].map(WORDS[name])
        elif name in P_VALUES:
            shown[name] = shown[name].map(p_text)
        elif pd.api.types.is_float_dtype(shown[name]):
            shown[name] = shown[name].map(text)
        elif shown[name].isna().any():
            shown[name] = shown[name].astype(object).where(shown[name].notna(), "–")
    return shown.rename(columns=_title)


def both_conclusions(
    table: pd.DataFrame,
    index: list[str],
    estimate: str = "value",
    title: str = "Estimate",
    interval: str = "95 % interval",
    decimals: int = 2,
) -> pd.DataFrame:
    """One row for each ``index``: the estimate, then interval (and p) for these readers and for readers like these.

    ``table`` has columns index..., conclusion, ``estimate``, low, high and whatever else is to be shown (p_value,
    p_holm, readers, cases, present, absent, readings, note). If estimates differ between conclusions, each is shown
    with its own.
    """
    lines, text = [], _number(table, decimals)
    rounded = table.assign(
        estimate=table[estimate].round(9)
    )  # two computations of one number differ in the last digits
    same = bool((rounded.groupby(index)["estimate"].nunique(dropna=False) == 1).all())
    for key, own in table.groupby(index, sort=False):
        rows = own.set_index("conclusion")
        line = dict(zip(index, key, strict=True))
        if same:
            line["", title] = text(rows[estimate].iloc[0])
        for conclusion in [c for c in (THESE, LIKE) if c in rows.index]:
            row, heading = rows.loc[conclusion], conclusion.capitalize()
            if not same:
                line[heading, title] = text(row[estimate])
            line[heading, interval] = interval_text(row["low"], row["high"], text)
            for name in [name for name in P_VALUES if name in row]:
                line[heading, _title(name)] = p_text(row[name])
        for name in [n for n in _COUNTS if n in own and n not in index]:
            parts = [part for value in own[name].dropna() for part in str(value).split("; ") if part]
            line[" ", name.capitalize()] = "; ".join(dict.fromkeys(parts))
        lines.append(line)
    shown = _in_words(pd.DataFrame([{name: line[name] for name in index} for line in lines]), text)
    body = pd.DataFrame([{k: v for k, v in line.items() if k not in index} for line in lines])
    body.columns = pd.MultiIndex.from_tuples(body.columns)
    if (" ", "Note") in body and not body[" ", "Note"].astype(bool).any():
        body = body.drop(columns=[(" ", "Note")])
    body.index = pd.MultiIndex.from_frame(shown) if len(index) > 1 else pd.Index(shown.iloc[:, 0])
    return body


def with_letters(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """A table from ``readable`` or ``both_conclusions`` with a letter for each note, and the notes by letter."""
    column = next((name for name in table if name in ("Note", (" ", "Note"))), None)
    if column is None:
        return table, {}
    said = [note for note in dict.fromkeys(table[column]) if note]
    letters = {note: string.ascii_lowercase[i % 26] * (1 + i // 26) for i, note in enumerate(said)}
    short = table.copy()
    short[column] = table[column].map(lambda note: letters.get(note, ""))
    return short, {letter: note for note, letter in letters.items()}


def number_text(value: float, decimals: int = 2) -> str:
    """A rounded number with a true minus sign, never minus zero; a power of ten from a million on; a dash for NaN."""
    if pd.isna(value):
        return "–"
    if np.isinf(value):
        return "∞" if value > 0 else "\N{MINUS SIGN}∞"
    if abs(value) < 1e6:
        return f"{value:z.{decimals}f}".replace("-", "\N{MINUS SIGN}")
    digits, power = f"{value:.0e}".split("e+")
    return f"{digits} × 10{str(int(power)).translate(_RAISED)}".replace("-", "\N{MINUS SIGN}")


def ratio_text(value: float) -> str:
    """A ratio with two decimals; with two significant digits if small, with no decimals if large."""
    if value == 0:
        return "0"
    if 0 < value < 1e-6:
        return "< 0.000001"
    if 0 < value < 0.1:
        return np.format_float_positional(value, precision=2, unique=False, fractional=False)
    return number_text(value, 2 if value < 100 else 0)


def interval_text(low: float, high: float, text: Callable[[float], str] = number_text) -> str:
    """``0.55 to 0.71``; a dash if the interval cannot be estimated; ``text`` formats its ends."""
    if np.isnan(low) and np.isnan(high):
        return "–"
    return f"{text(low)} to {text(high)}"


def p_text(value: float) -> str:
    """A p value with three decimals, never 0."""
    return "–" if np.isnan(value) else "< 0.001" if value < 0.001 else f"{value:.3f}"
