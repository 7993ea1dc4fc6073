"""Ratings as calls: sensitivity, specificity and likelihood ratios."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from helpers.stats.crossed import LIKE, THESE
from helpers.stats.proportions import COLUMNS, summarise
from helpers.stats.readings import by_group, grouped, in_front, score, with_labels
from helpers.stats.scales import NO_CUT_OFF, without_cut_off
from helpers.stats.wilson import wilson

CHANCE = 0.5
MEASURES = ("sensitivity", "specificity", "LR+", "LR-")
HALF = "a count is 0: 0.5 added to each"


def sensitivity_specificity(rows: pd.DataFrame, by: list[str], undetermined: str = "half") -> pd.DataFrame:
    """Share of present cases called present, and of absent cases called absent, in each group of ``by``.

    Columns as in ``proportions.accuracy``, with ``measure`` (sensitivity, specificity) first. A measure is missing if
    its group has no such cases. Without a cut-off (``scales``) a group has no numbers, and its note says so.

    >>> rows = pd.DataFrame({"reader": "a", "case": range(20), "source": "film", "truth": [1] * 10 + [0] * 10,
    ...                      "correct": [1] * 9 + [0] + [1] * 8 + [0] * 2})
    >>> table = sensitivity_specificity(rows, ["source"]).query("conclusion == 'these readers'")
    >>> table[["measure", "value"]].values.tolist()
    [['sensitivity', 0.9], ['specificity', 0.8]]
    """
    rows = with_labels(rows)
    lacking = without_cut_off(rows)
    tables = []
    for measure, truth in (("sensitivity", 1), ("specificity", 0)):
        side = rows[(rows["truth"] == truth) & ~lacking]
        if len(side):
            tables.append(in_front(summarise(side, score(side, undetermined), by, CHANCE), measure=measure))
        side = rows[(rows["truth"] == truth) & lacking]
        if len(side):
            tables.append(in_front(by_group(side, by, _not_estimable), measure=measure))
    return pd.concat(tables, ignore_index=True)


def _not_estimable(rows: pd.DataFrame) -> pd.DataFrame:
    counts = {"readers": rows["reader"].nunique(), "cases": rows["case"].nunique(), "readings": len(rows)}
    lines = [{"conclusion": conclusion, **counts, "note": NO_CUT_OFF} for conclusion in (THESE, LIKE)]
    table = pd.DataFrame(lines).reindex(columns=COLUMNS)
    return table.astype({name: "float64" for name in table if name not in ("conclusion", "note", *counts)})


def likelihood_ratios(rows: pd.DataFrame, by: list[str], undetermined: str = "half") -> pd.DataFrame:
    """Sensitivity, specificity and both likelihood ratios of each reader in each group of ``by``; cases random.

    LR+ = sensitivity / (1 - specificity), LR- = (1 - sensitivity) / specificity. Intervals: Wilson's for the two
    proportions; the log method for the ratios (Simel, Samsa and Matchar 1991, Journal of Clinical Epidemiology
    44:763), exp(log LR -+ z sqrt((1 - p) / (m p) + (1 - q) / (n q))) for LR = p / q. If p or q is 0, one half is
    added to each count, and the note says so. An undetermined answer counts as half a call, none, or a wrong one.
    Without a cut-off there are no numbers, and the note says so.
    Columns: by..., reader, measure, value, low, high, standard_error (of the log for ratios), present, absent, note.

    >>> rows = pd.DataFrame({"reader": "a", "case": range(20), "source": "film", "truth": [1] * 10 + [0] * 10,
    ...                      "correct": [1] * 9 + [0] + [1] * 8 + [0] * 2})
    >>> table = likelihood_ratios(rows, ["source"]).set_index("measure")
    >>> table.loc[["LR+", "LR-"], ["value", "low", "high"]].round(3).values.tolist()  # 0.9 / 0.2 and 0.1 / 0.8
    [[4.5, 1.281, 15.812], [0.125, 0.019, 0.823]]
    """
    rows = with_labels(rows)
    values = score(rows, undetermined)
    kept = rows[values.notna()].assign(score=values)
    lines = []
    by = [name for name in by if name != "reader"]
    columns = ["measure", "value", "low", "high", "standard_error", "present", "absent", "note"]
    for key, _ in grouped(rows[without_cut_off(rows)], [*by, "reader"]):
        lines += [(*key, measure, *(np.nan,) * 4, 0, 0, NO_CUT_OFF) for measure in MEASURES]
    for key, group in grouped(kept, [*by, "reader"]):
        sides = [group.loc[group["truth"] == truth, "score"].to_numpy() for truth in (1, 0)]
        start, counts = key, tuple(map(len, sides))
        for measure, numbers in _of_reader(*sides):
            lines.append((*start, measure, *numbers[:-1], *counts, numbers[-1]))
    return pd.DataFrame(lines, columns=[*by, "reader", *columns])


def _of_reader(present: np.ndarray, absent: np.ndarray) -> list[tuple[str, tuple]]:
    """(measure, (value, low, high, standard error, note)) of the four measures; scores (m,) and (n,)."""
    lines = []
    for measure, scores, truth in (("sensitivity", present, "present"), ("specificity", absent, "absent")):
        if len(scores):
            value, error = scores.mean(), scores.std() / np.sqrt(len(scores))
            low, high = wilson(value, error**2, np.inf, len(scores))
            lines.append((measure, (value, float(low), float(high), error, "")))
        else:
            lines.append((measure, (np.nan,) * 4 + (f"not estimable: no {truth} cases",)))
    shares = (present, 1.0 - absent), (1.0 - present, absent)
    for measure, (upper, lower) in zip(("LR+", "LR-"), shares, strict=True):
        lines.append((measure, _ratio(upper, lower)))
    return lines


def _ratio(upper: np.ndarray, lower: np.ndarray) -> tuple:
    """Ratio of two means of scores by the log method: value, low, high, standard error of the log, note."""
    if not len(upper) or not len(lower):
        return (np.nan,) * 4 + ("not estimable: no present or no absent cases",)
    half = min(upper.mean(), lower.mean()) == 0
    if half:
        upper, lower = (np.append(side, [0.0, 1.0]) for side in (upper, lower))
        weights = [np.append(np.ones(len(side) - 2), [0.5, 0.5]) for side in (upper, lower)]
    else:
        weights = [np.ones(len(side)) for side in (upper, lower)]
    means = [np.average(side, weights=w) for side, w in zip((upper, lower), weights, strict=True)]
    squares = [
        np.average((side - mean) ** 2, weights=w) / (w.sum() * mean**2)
        for side, w, mean in zip((upper, lower), weights, means, strict=True)
    ]
    value, error = means[0] / means[1], np.sqrt(sum(squares))
    reach = np.exp(ndtri(0.975) * error)
    return value, value / reach, value * reach, error, HALF if half else ""
