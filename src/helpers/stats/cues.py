"""Which visual cue gave an image away: shares of the named cues, given that the call was right or wrong.

Only decided answers to the realism tasks have a cue. Every reader has the same weight, and intervals account for
readers and cases as those of ``proportions`` do.
"""

import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.proportions import summarise
from helpers.stats.readings import in_front
from helpers.tables import CUES

RIGHT, WRONG, EITHER = "right", "wrong", "either"


def decided(rows: pd.DataFrame) -> pd.DataFrame:
    """Analysed realism readings that chose a side and named a cue; raises StatisticsError if there are none."""
    kept = rows[(rows["rating"] != 0) & rows["cue"].notna()]
    if kept.empty:
        raise StatisticsError(
            "no decided realism answer names a cue; the column 'cue' is blank wherever rating is not 0"
        )
    return kept.reset_index(drop=True)


def cue_shares(rows: pd.DataFrame, by: list[str], call: str = EITHER) -> pd.DataFrame:
    """Share of each cue among decided answers of each group of ``by``; ``call`` keeps right or wrong answers only.

    Columns: cue, call, by..., conclusion, value, low, high, ..., readers, cases, readings, note (as in
    ``proportions.accuracy``). Groups without such answers are missing. Within a group the shares add up to one.
    """
    kept = decided(rows)
    if call != EITHER:
        kept = kept[kept["correct"] == (1 if call == RIGHT else 0)]
    if kept.empty:
        return pd.DataFrame(columns=["cue", "call", *by, "conclusion", "value", "low", "high", "note"])
    tables = []
    for cue in CUES:
        table = summarise(kept, (kept["cue"] == cue).astype("float64"), by, 1.0 / len(CUES))
        tables.append(in_front(table.drop(columns="p_value"), cue=cue, call=call))
    return pd.concat(tables, ignore_index=True)


def accuracy_by_cue(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """How often a call based on a cue was right: columns cue, by..., then as in ``proportions.accuracy``."""
    kept = decided(rows)
    return summarise(kept, kept["correct"].astype("float64"), ["cue", *by], 0.5)


def free_texts(rows: pd.DataFrame) -> pd.DataFrame:
    """What readers wrote about their cue: reader, source, finding, cue, cue_text; may be empty."""
    written = rows[rows["cue_text"].notna()]
    return written[["reader", "source", "finding", "cue", "cue_text"]].reset_index(drop=True)
