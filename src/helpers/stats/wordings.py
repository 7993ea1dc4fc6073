"""The wording of a prompt as a factor: how the same readers judge images that were requested in different words.

One source that was prompted with several templates is analysed like several sources, each template in place of one:
every estimate and every difference of this package applies, with readers and cases random as they are there. The
template itself is random in ``like_these``, for wordings that nobody has tried yet.
"""

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.crossed import t_interval
from helpers.stats.prompt_effect import two_way

LIKE_WORDINGS = "readers and wordings like these"
COLUMNS = ("over", "value", "low", "high", "standard_error", "degrees_of_freedom", "readers", "wordings")


def by_wording(rows: pd.DataFrame) -> pd.DataFrame:
    """Readings of images that were requested in several wordings, with the template in place of the source.

    A source with one template, or with none, is left out. If several sources were prompted, a template's name is
    preceded by that of its source. Raises StatisticsError if no source has two templates.

    >>> rows = pd.DataFrame({"source": ["gan", "diffusion", "diffusion"], "template": [None, "original", "negated"]})
    >>> by_wording(rows)["source"].tolist()
    ['original', 'negated']
    """
    told = rows[rows["template"].notna()] if "template" in rows else rows.iloc[:0]
    several = told.groupby("source", observed=True)["template"].transform("nunique") >= 2 if len(told) else None
    told = told[several] if several is not None else told
    if told.empty:
        raise StatisticsError("no source was asked for its images in two wordings or more")
    names = told["template"].astype(str)
    if told["source"].nunique() > 1:
        names = told["source"].astype(str) + ", " + names
    return told.assign(source=names)


def like_these(cells: pd.DataFrame) -> pd.DataFrame:
    """Mean of an estimate over wordings, for other readers and other wordings of the same kind: one row.

    ``cells``: the estimate of each reader for each wording, columns reader, source (the wording), value in 0..1. The
    variance of the mean of this table is (MS_R + MS_W - MS_RW) / (R W) (Searle, Casella and McCulloch 1992, Variance
    Components, chapter 4), never less than the larger of MS_R and MS_W over (R W); degrees of freedom by Satterthwaite.
    Columns: over, value, low, high, standard_error, degrees_of_freedom, readers, wordings. Raises StatisticsError for
    fewer than two readers or wordings, and if a reader lacks a wording.

    >>> cells = pd.DataFrame({"reader": list("aaabbb"), "source": list("xyz") * 2, "value": [0.5, 0.7, 0.9] * 2})
    >>> like_these(cells)[["value", "standard_error", "degrees_of_freedom"]].round(3).values[0].tolist()
    [0.7, 0.115, 2.0]
    """
    table = cells.pivot_table(index="reader", columns="source", values="value", observed=True)
    readers, wordings = table.shape
    if min(readers, wordings) < 2:
        raise StatisticsError("other wordings need two readers and two wordings at least")
    if table.isna().to_numpy().any():
        raise StatisticsError("not every reader has an estimate for every wording")
    squares = np.array([float(np.squeeze(each)) for each in two_way(table.to_numpy(dtype=float)[None])])
    reader, wording, both = squares
    whole = max(reader + wording - both, reader, wording)
    freedom = np.array([readers - 1, wordings - 1, (readers - 1) * (wordings - 1)])
    spread = float((squares**2 / freedom).sum())
    degrees = max(whole**2 / spread, 1.0) if spread > 0 else float(freedom[1])
    value, variance = float(table.to_numpy().mean()), whole / (readers * wordings)
    low, high = np.clip(t_interval(value, variance, degrees), 0, 1)
    numbers = (value, float(low), float(high), variance**0.5, degrees, readers, wordings)
    return pd.DataFrame([(LIKE_WORDINGS, *numbers)], columns=COLUMNS)
