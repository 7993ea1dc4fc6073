"""Families of questions: which were named in advance, and p values corrected for their number.

The questions of a study that its authors named before the readings were seen are primary; all others are exploratory.
Holm's step-down correction (1979, Scandinavian Journal of Statistics 6:65) keeps the chance of any false positive in a
family below the level of the test, whatever the dependence between its questions.
"""

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError

PRIMARY, EXPLORATORY = "primary", "exploratory"
P_VALUES = ("p_value", "p", "p_holm")  # columns of p values in any table


def holm(table: pd.DataFrame, family: list[str], p_value: str = "p_value") -> pd.DataFrame:
    """The table with ``p_holm``, adjusted within each family, and ``family_size``, its number of p values.

    ``family``: columns whose values together name a family (["conclusion"], say); [] treats the whole table as one. A p
    value that is NaN stays NaN and does not count. Raises StatisticsError for missing columns and for p values outside
    0..1.
    """
    missing = [name for name in [*family, p_value] if name not in table]
    if missing:
        raise StatisticsError(f"the table has no column {missing[0]!r}; it has: {', '.join(map(str, table.columns))}")
    p = table[p_value].astype(float)
    odd = p.notna() & ~p.between(0, 1)
    if odd.any():
        raise StatisticsError(
            f"column {p_value!r} is {p[odd].iloc[0]} in row {int(np.argmax(odd)) + 1}: not within 0..1"
        )
    families = p.groupby([table[name] for name in family] or [np.zeros(len(p))], dropna=False)
    return table.assign(p_holm=families.transform(_adjusted), family_size=families.transform("count"))


def labelled(table: pd.DataFrame, primary: list[str], question: str, family: list[str]) -> pd.DataFrame:
    """The table with ``role``, and ``holm`` within each family of the primary questions.

    ``primary``: values of the column ``question`` that were named in advance. Exploratory questions are not corrected:
    their ``p_holm`` is NaN and ``family_size`` 0. Raises StatisticsError if a primary question is not in the table.
    """
    if question not in table:
        raise StatisticsError(f"the table has no column {question!r}; it has: {', '.join(map(str, table.columns))}")
    unknown = [name for name in primary if name not in set(table[question])]
    if unknown:
        raise StatisticsError(
            f"primary question {unknown[0]!r} is not in the table; there is: {', '.join(map(str, table[question]))}"
        )
    role = np.where(table[question].isin(primary), PRIMARY, EXPLORATORY)
    corrected = holm(table.assign(role=role), [*family, "role"])
    explored = corrected["role"] == EXPLORATORY
    return corrected.assign(
        p_holm=corrected["p_holm"].mask(explored), family_size=corrected["family_size"].mask(explored, 0)
    )


def _adjusted(p: pd.Series) -> pd.Series:
    """The smallest of n p values times n, the next times n - 1, and so on; none below the one before, none above 1."""
    values = p.to_numpy(float)
    order = np.argsort(values, kind="stable")[: int(np.isfinite(values).sum())]  # NaN is sorted last
    adjusted = np.full(len(values), np.nan)
    raised = values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return pd.Series(adjusted, index=p.index)
