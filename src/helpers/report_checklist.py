"""The reporting table: what CLAIM 2024 and STARD 2015 ask of such a reader study, filled in from the run.

After the Checklist for Artificial Intelligence in Medical Imaging, 2024 update (Tejani et al., Radiology: Artificial
Intelligence 6:e240300), and STARD 2015 (Bossuyt et al., BMJ 351:h5527), whose item numbers are given; the wording is
our own.
Items on patients' treatment, scanners and clinical data, which this study does not have, are for the authors to add.
``checklist.csv`` in the run's folder has a column ``authors`` to write in, which is kept when the report is made again;
``checklist.md`` is the same table for a manuscript.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.files import write_text
from helpers.raw_tables import read_raw
from helpers.report_facts import Facts
from helpers.runs import Run
from helpers.tables import write_table

COLUMNS = ["stard", "item", "run", "authors", "authors_must"]


@dataclass(frozen=True)
class Item:
    """``stard``: item numbers, empty if only CLAIM asks; ``asks``: what is to be reported; ``answer``: what the run
    says about it; ``authors``: whether the authors must write something, too."""

    stard: str
    asks: str
    answer: Callable[[Facts], str]
    authors: bool = True


def _nothing(facts: Facts) -> str:
    return ""


ITEMS = (
    Item("1", "Title or abstract: AI images judged by readers, kind of model, measure of accuracy", Facts.subject),
    Item("2", "Structured abstract", _nothing),
    Item("3", "Background; what the images are meant for", _nothing),
    Item("4", "Aims, hypotheses, primary questions", Facts.primary),
    Item("5", "Planned before or after the data were collected", Facts.timing),
    Item("7–9", "Where the real images come from, when, and how they were chosen", Facts.cohort),
    Item("6", "Images that were included and left out", Facts.inclusion),
    Item("", "Preparation and display of images", Facts.display, authors=False),
    Item("", "De-identification", Facts.identity),
    Item("16", "Readings that are missing, and what was done about them", Facts.missing, authors=False),
    Item("", "Acquisition of the real images", _nothing),
    Item("10b, 11, 12b", "Reference standard: what counts as true, why, and who decided it", Facts.truth),
    Item("", "Agreement between readers, and of readers with themselves", Facts.agreement, authors=False),
    Item("", "Training, validation and test images; level of separation", Facts.splits, authors=False),
    Item("18", "Sample size, and how it was decided", Facts.size),
    Item("", "Generators: models, starting weights, training, choice of the final model", Facts.models),
    Item("", "Software and versions", Facts.software, authors=False),
    Item("10a", "The reading: who reads what, how it is asked", Facts.reading),
    Item("12a", "Which answers count as a call, and whether that was decided in advance", Facts.cutoff, authors=False),
    Item("13a, 13b", "What readers knew", Facts.blinding),
    Item("14", "Measures and statistical methods", Facts.methods, authors=False),
    Item("15", "Undetermined answers", Facts.undetermined, authors=False),
    Item("17", "Subgroups, variability, sensitivity to assumptions", Facts.sensitivity, authors=False),
    Item("", "What gave images away", Facts.reasons, authors=False),
    Item("", "Tests on internal and on other data", _nothing),
    Item("19", "Flow: images and trials planned, read, left out", Facts.flow, authors=False),
    Item("20, 21a", "Who the patients are, by split; severity", Facts.people),
    Item("23", "Calls by truth", Facts.cross_table, authors=False),
    Item("24", "Estimates with intervals", Facts.estimates, authors=False),
    Item("", "Failures: which images mislead readers", _nothing),
    Item("26", "Limits", Facts.limits),
    Item("27", "What follows for practice", _nothing),
    Item("28, 29", "Registration; where the protocol can be read", Facts.registration),
    Item("", "Where code, models and data can be had", Facts.availability),
    Item("30", "Funding, and the part of those who paid", _nothing),
)


def checklist(run: Run) -> pd.DataFrame:
    """The table with the authors' own words, if ``checklist.csv`` has any, written back to it and to Markdown.

    Columns: stard (item numbers), item, run (what the run says), authors, authors_must ("yes" if the authors
    have to write). Raises TableError for a checklist.csv that has lost the columns of its items.
    """
    facts = Facts(run)
    rows = [(i.stard, i.asks, i.answer(facts), "", "yes" if i.authors else "") for i in ITEMS]
    table = pd.DataFrame(rows, columns=COLUMNS)
    written = _written(path_of(run))
    table["authors"] = [written.get(item, "") for item in table["item"]]
    write_table(table, path_of(run))
    write_text(path_of(run).with_suffix(".md"), markdown(table, run.name))
    return table


def path_of(run: Run) -> Path:
    """The file that the authors complete."""
    return run.folder / "checklist.csv"


def markdown(table: pd.DataFrame, name: str) -> str:
    """The table as Markdown, with a line to write on where the authors have to and have not yet."""
    lines = [f"# Reporting table of run {name}", "", "After CLAIM 2024 and STARD 2015. Complete it in `checklist.csv`."]
    lines += ["", "| STARD | To be reported | From the run | By the authors |", "|---|---|---|---|"]
    for row in table.itertuples():
        own = row.authors or ("______" if row.authors_must else "")
        cells = (row.stard, row.item, row.run, own)
        lines.append(f"| {' | '.join(cell.replace('|', '/').replace(chr(10), ' ') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _written(path: Path) -> dict[str, str]:
    """What the authors wrote, by item."""
    if not path.is_file():
        return {}
    table = read_raw(path).fillna("")
    return dict(zip(table["item"], table["authors"], strict=True)) if {"item", "authors"} <= set(table) else {}
