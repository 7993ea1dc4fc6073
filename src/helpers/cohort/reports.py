"""Radiology reports: the text that goes with an image. It stays in the cohort's table and is shown to no reader."""

import re
from pathlib import Path

import pandas as pd

from helpers.progress import track

HEADING = re.compile(r"^[ \t]*([A-Z][A-Z /&(),-]+):", re.MULTILINE)
PREFERRED = ("IMPRESSION", "CONCLUSION", "FINDINGS")


def sections(report: str) -> dict[str, str]:
    """Sections of a report by heading (capitals at the start of a line, up to a colon), with single spaces.

    Text before the first heading has the name "". If a heading occurs twice, the last one counts.
    """
    parts = HEADING.split(report)
    named = zip(["", *(name.strip() for name in parts[1::2])], parts[::2], strict=True)
    return {name: " ".join(text.split()) for name, text in named if text.strip()}


def main_text(report: str) -> str | None:
    """The impression of a report; failing that, its conclusion, its findings, or its last paragraph; None if blank."""
    found = sections(report)
    for wanted in PREFERRED:
        for name, text in found.items():
            if wanted in name:
                return text
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", report) if part.strip()]
    return paragraphs[-1] if paragraphs else None


def first_of(*columns: pd.Series) -> pd.Series:
    """The first non-blank text among several columns, with single spaces; missing if all are blank."""
    text = pd.Series(pd.NA, index=columns[0].index, dtype="string")
    for column in columns:
        column = column.astype("string").str.replace(r"\s+", " ", regex=True).str.strip()
        text = text.fillna(column.mask(column == ""))
    return text


def read_reports(files: pd.Series) -> pd.Series:
    """``main_text`` of each report file, missing if there is no file; a file named several times is read once."""
    found = {}
    for path in track(files.dropna().unique(), "Reading reports", "reports"):
        try:
            found[path] = main_text(Path(path).read_text(encoding="utf-8", errors="replace"))
        except FileNotFoundError:
            continue
    return files.map(found).astype("string")
