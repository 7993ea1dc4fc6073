"""The questions of a study that were named in advance, side by side, with p values corrected for their number."""

from collections.abc import Mapping

import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.multiplicity import PRIMARY, labelled

COLUMNS = ["question", "source", "first", "second", "conclusion", "value", "low", "high", "p_value", "note"]


def primary_questions(tables: Mapping[str, pd.DataFrame], primary: list[str]) -> pd.DataFrame:
    """Rows of the tables that answer a primary question, with Holm's correction within each conclusion.

    ``tables``: question ("accuracy", "difference") -> its table with conclusion, value, low, high, p_value and source,
    or first and second; ``primary``: the questions that were named before the readings were seen. A question with no
    rows (one source only) is left out. Returns question, compared (a source, or "A minus B"), conclusion, value,
    low, high, p_value, note, p_holm and family_size; empty if no question is primary. Raises StatisticsError for a
    question that is not in the tables.
    """
    unknown = [name for name in primary if name not in tables]
    if unknown:
        raise StatisticsError(f"primary = {primary}: no question {unknown[0]!r}; there is: {', '.join(tables)}")
    asked = [tables[name].assign(question=name).reindex(columns=COLUMNS) for name in primary if len(tables[name])]
    if not asked:
        return pd.DataFrame(columns=["question", "compared", *COLUMNS[4:], "p_holm", "family_size"])
    table = pd.concat([part.astype({"p_value": float}) for part in asked], ignore_index=True)
    pairs = table["first"].astype(str) + " minus " + table["second"].astype(str)
    table.insert(1, "compared", table["source"].where(table["source"].notna(), pairs))
    table = labelled(table, list(dict.fromkeys(table["question"])), "question", ["conclusion"])
    return table[table["role"] == PRIMARY].drop(columns=["source", "first", "second", "role"])
