"""Labels of images, from the columns or the lists in which a table names its findings."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from helpers.cohort.listing import any_of, parse_labels
from helpers.cohort.settings import Settings, expect
from helpers.cohort.values import known
from helpers.errors import CohortError
from helpers.findings import Findings


def from_columns(table: pd.DataFrame, names: Mapping[str, Sequence[str]], origin: str | Path) -> pd.DataFrame:
    """A column for each finding, Int64 (1, 0, -1, blank), from the columns of its ``names`` that the table has.

    Raises CohortError for a finding without a column, and for a cell that is not a label.
    """
    labels = {}
    for finding, columns in names.items():
        there = [name for name in columns if name in table]
        if not there:
            raise CohortError(
                f"{origin}: column {columns[0]!r} is missing; it has {', '.join(map(str, table.columns))}"
            )
        labels[finding] = any_of(pd.concat([parse_labels(table[name], origin) for name in there], axis=1))
    return pd.DataFrame(labels, index=table.index)


def from_lists(lists: pd.Series, names: Mapping[str, Sequence[str]], separator: str) -> pd.DataFrame:
    """The same from lists such as ``Atelectasis|Effusion``: 1 if any of a finding's names is listed, else 0.

    ``separator`` is a regular expression. Case, and brackets, quotes and spaces around a name, are ignored. A blank
    list gives blank labels.
    """
    text = known(lists)
    listed = {cell: names_in(cell, separator) for cell in text.dropna().unique()}
    labels = {}
    for finding, wanted in names.items():
        wanted = {name.casefold() for name in wanted}
        labels[finding] = text.map({cell: int(bool(found & wanted)) for cell, found in listed.items() if found})
    return pd.DataFrame(labels, index=lists.index).astype("Int64")


def names_in(cell: str, separator: str) -> set[str]:
    """The names of a list, in lower case."""
    return {part.strip(" []'\"").casefold() for part in re.split(separator, cell)} - {""}


def naming(findings: Findings, vocabulary: str) -> tuple[str, ...]:
    """A note on the findings that a data set names differently; none if all names are the same."""
    words = findings.naming(vocabulary)
    return (f"In the words of this data set: {words}",) if words else ()


def expect_labels(settings: Settings, known: Sequence[str], blank: str) -> None:
    """Raise ParameterError for ``labels`` that the data set does not have; ``blank`` is what null stands for."""
    advice = f"choose one of {', '.join(known)}; null is {blank}"
    expect("labels", settings.labels, settings.labels in (None, *known), advice)
