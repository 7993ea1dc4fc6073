"""One-sided claims against margins set in advance: non-inferiority, superiority, equivalence with unequal margins.

The estimate is claimed to lie above ``lower`` if the lower bound of its interval with confidence 1 - 2 alpha does, and
below ``upper`` if the upper bound does; with both margins both must hold (Schuirmann 1987, Journal of Pharmacokinetics
and Biopharmaceutics 15:657). Any table of differences can be used, with its own interval: the p value of a claim is the
smallest alpha at which it holds, so that interval and p value never contradict each other.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from helpers.errors import StatisticsError
from helpers.stats import mrmc
from helpers.stats.crossed import t_p_value
from helpers.stats.mover import MOVER

ALPHA = 0.025
NON_INFERIOR, SUPERIOR, NOT_ABOVE, WITHIN = "non-inferior", "superior", "below the margin", "within the margins"
SHOWN, NOT_SHOWN, UNKNOWN = "shown", "not shown", "not estimable"
COLUMNS = ["value", "low", "high", "margin_low", "margin_high", "p_value", "claim", "verdict", "alpha"]
ONE_SIDED = {"low": "p_lower", "high": "p_upper"}  # columns by the bound that they go with
SMALLEST = 1e-9  # p values are not resolved further


def claims(
    table_of: Callable[[float], pd.DataFrame],
    lower: float | None = None,
    upper: float | None = None,
    alpha: float = ALPHA,
) -> pd.DataFrame:
    """Whether each difference lies above ``lower``, below ``upper``, or between them.

    ``table_of`` makes the table of differences at a confidence: value, low, high, standard_error, degrees_of_freedom
    and columns that name its rows; one-sided p values for these margins (p_lower, p_upper) are used as given.
    Columns: the names, value, low and high (at 1 - 2 ``alpha``), margin_low, margin_high, p_value (one-sided; the
    larger of two), claim ("superior" with a lower margin of 0 or more, "non-inferior" below 0, "below the margin",
    "within the margins"), verdict ("shown", "not shown", "not estimable"), alpha, readers, note.
    Raises StatisticsError without a margin, for a lower margin that is not below the upper one, and for an ``alpha``
    outside 0..0.5.

    >>> from helpers.stats.crossed import t_quantile
    >>> def table_of(confidence):
    ...     half = 0.02 * t_quantile(np.inf, confidence)
    ...     return pd.DataFrame([{"first": "ai", "value": 0.01, "low": 0.01 - half, "high": 0.01 + half,
    ...                           "standard_error": 0.02, "degrees_of_freedom": np.inf}])
    >>> claims(table_of, lower=-0.05)[["claim", "verdict"]].values.tolist()
    [['non-inferior', 'shown']]
    """
    _check(lower, upper, alpha)
    made = cache(table_of)
    table = made(1.0 - 2.0 * alpha)
    given = [(side, margin) for side, margin in (("low", lower), ("high", upper)) if margin is not None]
    lines = []
    for row in range(len(table)):
        own = table.iloc[row]
        known = bool(np.isfinite([own["low"], own["high"]]).all())
        holds = all(own["low"] > m if side == "low" else own["high"] < m for side, m in given)
        p_value = max(_p_value(made, row, side, m) for side, m in given) if known else np.nan
        lines.append((p_value, _claim(lower, upper), UNKNOWN if not known else SHOWN if holds else NOT_SHOWN))
    found = pd.DataFrame(lines, columns=["p_value", "claim", "verdict"], index=table.index)
    margins = {"margin_low": lower, "margin_high": upper, "alpha": alpha}
    table = table.drop(columns=["p_value", "claim", "verdict", *ONE_SIDED.values()], errors="ignore").assign(**margins)
    table = table.astype({"margin_low": float, "margin_high": float}).join(found)
    numbers = ["standard_error", "degrees_of_freedom", "readers", "cases", "readings", "note", *COLUMNS]
    names = [name for name in table if name not in numbers]
    return table[[*names, *COLUMNS, *[name for name in ("readers", "readings", "note") if name in table]]]


def of_auc_differences(
    rows: pd.DataFrame, pairs: list[tuple[str, str]], lower: float | None
) -> pd.DataFrame:  # fmt: skip
    """``claims`` that differences of areas of ``pairs`` of sources lie above ``lower``, by MOVER intervals.

    Raises StatisticsError if there is no pair, or no margin.

    >>> case = np.arange(400)
    >>> rows = pd.DataFrame({"reader": "a", "case": case, "source": np.where(case < 200, "gan", "real"),
    ...                      "finding": "mass", "truth": case % 2, "rating": case // 2 % 5 + 2 * (case % 2)})
    >>> table = of_auc_differences(rows, [("gan", "real")], lower=-0.1).query("conclusion == 'these readers'")
    >>> table[["value", "low", "claim", "verdict"]].round(3).values.tolist()
    [[0.0, -0.077, 'non-inferior', 'shown']]
    """
    if not pairs:
        raise StatisticsError("there is nothing to compare with: no pair of sources")

    limits = (-1.0 if lower is None else lower, 1.0)

    def table_of(confidence: float) -> pd.DataFrame:
        tables = [mrmc.auc_difference(rows, *pair, confidence, interval=MOVER, limits=limits) for pair in pairs]
        return pd.concat(tables, ignore_index=True)

    return claims(table_of, lower)


def _check(lower: float | None, upper: float | None, alpha: float) -> None:
    if lower is None and upper is None:
        raise StatisticsError(
            "no margin is set: give lower, upper or both, as they were set before the readings were seen; -0.05 as "
            "lower claims that the first is worse by less than 0.05"
        )
    if lower is not None and upper is not None and lower >= upper:
        raise StatisticsError(f"lower = {lower}, upper = {upper}: the lower margin must lie below the upper one")
    if not 0 < alpha < 0.5:
        raise StatisticsError(f"alpha = {alpha}: give the one-sided level, between 0 and 0.5, such as {ALPHA}")


def _claim(lower: float | None, upper: float | None) -> str:
    if lower is None:
        return NOT_ABOVE
    if upper is not None:
        return WITHIN
    return SUPERIOR if lower >= 0 else NON_INFERIOR


def _p_value(made: Callable[[float], pd.DataFrame], row: int, side: str, margin: float) -> float:
    """Smallest one-sided level at which the bound of a row on ``side`` is beyond the margin.

    If the table does not give it, Student's is tried first, and kept if the table's bound at that level is the margin;
    otherwise it is found by root search.
    """
    sign = 1.0 if side == "low" else -1.0
    own = made(1.0 - 2.0 * ALPHA).iloc[row]
    if ONE_SIDED[side] in own:
        return float(own[ONE_SIDED[side]])
    if sign * (own["value"] - margin) <= 0:  # the estimate itself is not beyond the margin: use its other bound
        other = "high" if side == "low" else "low"
        return 0.5 if own["value"] == margin else 1.0 - _beyond(made, row, other, margin, -sign)
    return _beyond(made, row, side, margin, sign)


def _beyond(made: Callable[[float], pd.DataFrame], row: int, side: str, margin: float, sign: float) -> float:
    def gap(level: float) -> float:
        return sign * (float(made(1.0 - 2.0 * level).iloc[row][side]) - margin)

    own = made(1.0 - 2.0 * ALPHA).iloc[row]
    students = float(t_p_value(own["value"], own["standard_error"] ** 2, own["degrees_of_freedom"], margin)) / 2
    if students >= SMALLEST and abs(gap(students)) < 1e-9:
        return students
    if gap(SMALLEST) >= 0:
        return SMALLEST
    return float(brentq(gap, SMALLEST, 0.5 - 1e-9, xtol=1e-6)) if gap(0.5 - 1e-9) > 0 else 0.5
