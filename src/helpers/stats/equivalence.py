"""Are two things the same for every practical purpose? Two one-sided tests against a margin set in advance.

Equivalent means: the estimate is surely above the lower and surely below the upper margin, each tested one-sided at 5 %
(Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics 15:657). That is the same as a 90 % interval wholly
inside the margins. The intervals and tests are those of ``proportions`` and ``mrmc``, for both conclusions. A result
may be different from the null and equivalent at once: a difference that is there, and too small to matter.

pingouin's ``tost`` takes observations as independent. Readings that share readers and cases are not.
"""

from collections.abc import Callable
from itertools import combinations
from numbers import Real

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats import mrmc, proportions
from helpers.stats.crossed import t_p_value
from helpers.stats.proportions import CHANCE, wilson_p_value
from helpers.stats.readings import source_order

ALPHA = 0.05
VERDICTS = {(True, False): "equivalent", (False, True): "different", (True, True): "both", (False, False): "undecided"}
FROM_INTERVAL = "the estimate has no variance: verdict from its intervals"
COLUMNS = ["conclusion", "estimate", "low90", "high90", "margin_low", "margin_high"]
COLUMNS += ["p_lower", "p_upper", "p", "verdict", "method", "note"]


def of_accuracy(
    rows: pd.DataFrame, margin: float | None = None, by: list[str] | None = None, undetermined: str = "half"
) -> pd.DataFrame:
    """Is the proportion of right answers within 0.5 -+ ``margin``, as if readers guessed? For each group of ``by``.

    ``rows``: analysed readings. Columns: by..., conclusion, estimate, low90, high90, margin_low, margin_high, p_lower
    (of the estimate being at or below the lower margin), p_upper, p (the larger of both), verdict ("equivalent",
    "different" from 0.5 at 5 %, "both", "undecided"), method, note. Wilson's intervals and tests. Raises
    StatisticsError when no margin is set, or one outside 0..0.5.
    """
    limits = _limits(margin, CHANCE, CHANCE)
    table = proportions.accuracy(rows, by, undetermined, 1 - 2 * ALPHA)

    def tail(line: pd.Series, limit: float) -> float:
        variance = line["standard_error"] ** 2
        return wilson_p_value(line["value"], variance, line["degrees_of_freedom"], line["cases"], limit) / 2

    different = table["p_value"] < ALPHA
    return _verdicts(table, limits, tail, different, by or [], "two one-sided tests, Wilson")


def of_accuracy_differences(
    rows: pd.DataFrame,
    margin: float | None = None,
    pairs: list[tuple[str, str]] | None = None,
    undetermined: str = "half",
) -> pd.DataFrame:
    """Are two sources' proportions of right answers within ``margin`` of each other? Every pair, or ``pairs``.

    Columns: first, second, then as in ``of_accuracy``; "different" is from no difference. Student's intervals and
    tests. Raises StatisticsError when no margin is set, or one outside 0..1.
    """

    def difference(first: str, second: str, confidence: float) -> pd.DataFrame:
        return proportions.difference(rows, first, second, undetermined, confidence)

    return _of_differences(rows, margin, pairs, difference)


def of_auc_differences(
    rows: pd.DataFrame, margin: float | None = None, pairs: list[tuple[str, str]] | None = None
) -> pd.DataFrame:
    """The same for areas under the ROC curve, ``rows`` being readings of the conditionality task."""
    return _of_differences(rows, margin, pairs, lambda first, second, c: mrmc.auc_difference(rows, first, second, c))


def _of_differences(rows: pd.DataFrame, margin: float | None, pairs, difference: Callable) -> pd.DataFrame:
    limits = _limits(margin, 0.0, 1.0)
    tables = []
    for first, second in pairs or combinations(source_order(rows["source"]), 2):
        table, wide = (difference(first, second, confidence) for confidence in (1 - 2 * ALPHA, 1 - ALPHA))
        different = (wide["low"] > 0) | (wide["high"] < 0)
        method = "two one-sided tests, Student's t"
        tables.append(_verdicts(table, limits, _t_tail, different, ["first", "second"], method))
    if not tables:
        raise StatisticsError("there is one source only: nothing to compare; use of_accuracy, or add a source")
    return pd.concat(tables, ignore_index=True)


def _t_tail(line: pd.Series, limit: float) -> float:
    return t_p_value(line["value"], line["standard_error"] ** 2, line["degrees_of_freedom"], limit) / 2


def _limits(margin: float | None, null: float, largest: float) -> tuple[float, float]:
    if margin is None:
        raise StatisticsError(
            "no margin is set: equivalence can only be claimed against a margin that was set before the readings were "
            f"seen; give the largest distance from {null} that does not matter, such as 0.05"
        )
    if isinstance(margin, bool) or not isinstance(margin, Real) or not 0 < margin < largest:
        raise StatisticsError(f"margin = {margin!r}: give a number between 0 and {largest}, such as 0.05")
    return null - margin, null + margin


def _verdicts(
    table: pd.DataFrame,
    limits: tuple[float, float],
    tail: Callable[[pd.Series, float], float],
    different: pd.Series,
    names: list[str],
    method: str,
) -> pd.DataFrame:
    """Two one-sided tests of each line of a table made at 90 %; ``tail``: half of the two-sided p value at a limit."""
    lines = []
    for (_, line), apart in zip(table.iterrows(), different, strict=True):
        estimate, low, high = line["value"], line["low"], line["high"]
        lower, upper = (float(tail(line, limit)) for limit in limits)
        lower, upper = (lower if estimate >= limits[0] else 1 - lower), (upper if estimate <= limits[1] else 1 - upper)
        within = bool(low > limits[0] and high < limits[1])
        verdict = VERDICTS[within, bool(apart)]
        note = line["note"]
        if np.isnan(lower + upper) and not np.isnan(low + high):
            note = "; ".join(filter(None, [note, FROM_INTERVAL]))
        tests = (lower, upper, float(np.maximum(lower, upper)))
        numbers = (line["conclusion"], estimate, low, high, *limits, *tests, verdict, method, note)
        lines.append((*(line[name] for name in names), *numbers))
    return pd.DataFrame(lines, columns=[*names, *COLUMNS])
