"""Equivalence for all practical purposes: two one-sided tests against a margin set in advance.

Equivalent means significantly above the lower and significantly below the upper margin, each tested one-sided at 5 %
(Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics 15:657). That is the same as a 90 % interval wholly
inside the margins. The intervals and tests are those of ``proportions`` and ``mrmc``, for both conclusions; for
differences they are MOVER's, as Student's claim equivalence too often near 0 and 1 (``coverage``). A result may be both
different from the null and equivalent: a real difference that is too small to matter.

pingouin's ``tost`` treats observations as independent. Readings that share readers and cases are not.
"""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import combinations
from numbers import Real

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats import mrmc, proportions
from helpers.stats.mover import MOVER
from helpers.stats.proportions import CHANCE
from helpers.stats.readings import source_order

ALPHA = 0.05
VERDICTS = {(True, False): "equivalent", (False, True): "different", (True, True): "both", (False, False): "undecided"}
COLUMNS = ["conclusion", "estimate", "low90", "high90", "margin_low", "margin_high"]
COLUMNS += ["p_lower", "p_upper", "p", "verdict", "method", "note"]


def of_accuracy(
    rows: pd.DataFrame, margin: float | None = None, by: list[str] | None = None, undetermined: str = "half"
) -> pd.DataFrame:
    """Test, in each group of ``by``, whether the proportion right is within 0.5 -+ ``margin``, as if readers guessed.

    ``rows``: analysed readings. Columns: by..., conclusion, estimate, low90, high90, margin_low, margin_high, p_lower
    (of the estimate being at or below the lower margin), p_upper, p (the larger of both), verdict ("equivalent",
    "different" from 0.5 at 5 %, "both", "undecided"), method, note. Wilson's intervals and tests. Raises
    StatisticsError if no margin is set, or one outside 0..0.5.

    >>> rows = pd.DataFrame({"reader": "a", "case": range(200), "source": "gan", "correct": [1, 0] * 100})
    >>> table = of_accuracy(rows, margin=0.1).query("conclusion == 'these readers'")
    >>> table[["low90", "high90", "p", "verdict"]].round(3).values.tolist()  # z = 0.1 / sqrt(0.4 x 0.6 / 200) = 2.89
    [[0.442, 0.558, 0.002, 'equivalent']]
    """
    limits = _limits(margin, CHANCE, CHANCE)
    table = proportions.accuracy(rows, by, undetermined, 1 - 2 * ALPHA, limits)
    return _verdicts(table, limits, by or [], "two one-sided tests, Wilson")


def of_accuracy_differences(
    rows: pd.DataFrame,
    margin: float | None = None,
    pairs: list[tuple[str, str]] | None = None,
    undetermined: str = "half",
) -> pd.DataFrame:
    """Test whether two sources' proportions right are within ``margin`` of each other, for every pair or ``pairs``.

    Columns: first, second, then as in ``of_accuracy``; "different" means from no difference. MOVER intervals and
    tests. Raises StatisticsError if no margin is set, or one outside 0..1.

    >>> rows = pd.DataFrame({"reader": "a", "case": range(400), "source": ["gan", "real"] * 200})
    >>> rows = rows.assign(correct=[1, 1, 0, 0] * 100)
    >>> table = of_accuracy_differences(rows, margin=0.1).query("conclusion == 'these readers'")
    >>> table[["low90", "high90", "verdict"]].round(3).values.tolist()  # as Newcombe 1998, method 10
    [[-0.082, 0.082, 'equivalent']]
    """

    return _of_differences(rows, margin, pairs, partial(proportions.difference, undetermined=undetermined))


def of_auc_differences(
    rows: pd.DataFrame, margin: float | None = None, pairs: list[tuple[str, str]] | None = None
) -> pd.DataFrame:
    """The same for areas under the ROC curve; ``rows`` are readings of the conditionality task.

    >>> case = np.arange(400)
    >>> rows = pd.DataFrame({"reader": "a", "case": case, "source": np.where(case < 200, "gan", "real"),
    ...                      "finding": "mass", "truth": case % 2, "rating": case // 2 % 5 + 2 * (case % 2)})
    >>> table = of_auc_differences(rows, margin=0.1).query("conclusion == 'these readers'")
    >>> table[["estimate", "low90", "high90", "verdict"]].round(3).values.tolist()  # both areas are 20.5 / 25
    [[0.0, -0.065, 0.065, 'equivalent']]
    """
    return _of_differences(rows, margin, pairs, mrmc.auc_difference)


def _of_differences(rows: pd.DataFrame, margin: float | None, pairs, difference: Callable) -> pd.DataFrame:
    limits = _limits(margin, 0.0, 1.0)
    tables = []
    for first, second in pairs or combinations(source_order(rows["source"]), 2):
        table = difference(rows, first, second, confidence=1 - 2 * ALPHA, interval=MOVER, limits=limits)
        tables.append(_verdicts(table, limits, ["first", "second"], "two one-sided tests, MOVER"))
    if not tables:
        raise StatisticsError("there is one source only: nothing to compare; use of_accuracy, or add a source")
    return pd.concat(tables, ignore_index=True)


def _limits(margin: float | None, null: float, largest: float) -> tuple[float, float]:
    if margin is None:
        raise StatisticsError(
            "no margin is set: equivalence can only be claimed against a margin that was set before the readings were "
            f"seen; give the largest distance from {null} that does not matter, such as 0.05"
        )
    if isinstance(margin, bool) or not isinstance(margin, Real) or not 0 < margin < largest:
        raise StatisticsError(f"margin = {margin!r}: give a number between 0 and {largest}, such as 0.05")
    return null - margin, null + margin


def verdict_of(line: Mapping, limits: tuple[float, float]) -> str:
    """One of ``VERDICTS`` for an estimate, where low and high are its 90 % interval and p_value tests no difference:
    two one-sided tests at 5 % are the same as that interval within the margins.

    >>> verdict_of({"low": -0.04, "high": 0.06, "p_value": 0.5}, (-0.1, 0.1))
    'equivalent'
    """
    within = bool(line["low"] > limits[0] and line["high"] < limits[1])
    return VERDICTS[within, bool(line["p_value"] < ALPHA)]


def _verdicts(table: pd.DataFrame, limits: tuple[float, float], names: list[str], method: str) -> pd.DataFrame:
    """The columns of this module, from a table made at 90 % with one-sided p values; ``names``: its first columns."""
    lines = []
    for line in table.to_dict("records"):
        verdict = verdict_of(line, limits)
        tails = (line["p_lower"], line["p_upper"])
        numbers = (line["value"], line["low"], line["high"], *limits, *tails, float(np.maximum(*tails)))
        lines.append((*(line[name] for name in names), line["conclusion"], *numbers, verdict, method, line["note"]))
    return pd.DataFrame(lines, columns=[*names, *COLUMNS])
