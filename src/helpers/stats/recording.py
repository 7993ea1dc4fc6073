"""Estimates into results.json, under dotted names, both conclusions of each."""

import re

import pandas as pd

from helpers.provenance import Stage
from helpers.stats.crossed import LIKE

LIKE_SUFFIX = ".readers_like_these"  # ends the name of a number that speaks of readers in general


def record(stage: Stage, pattern: str, table: pd.DataFrame, method: str, value: str = "value", n: str = "readings"):
    """Record every row of a tidy table under ``pattern`` filled from its columns, ``realism.{source}.accuracy``.

    ``{state}`` is "present" or "absent" from column truth. Rows for readers like these get the suffix
    ``.readers_like_these``; rows without a conclusion get none. ``n`` names the column of the sample size. Names have
    letters, digits, dots, dashes and underscores; anything else in a source's or finding's name becomes "_".
    """
    for row in table.to_dict("records"):
        fields = {name: re.sub(r"[^A-Za-z0-9_-]", "_", str(content)) for name, content in row.items()}
        fields["state"] = "present" if row.get("truth") == 1 else "absent"
        conclusion = row.get("conclusion")
        text = f"{method}; {conclusion}" if conclusion else method
        if row.get("note"):
            text = f"{text}; {row['note']}"
        name = pattern.format(**fields) + (LIKE_SUFFIX if conclusion == LIKE else "")
        stage.record(name, row[value], row.get("low"), row.get("high"), n=row[n], method=text)
