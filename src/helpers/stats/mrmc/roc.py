"""ROC curves of each reader and of their mean, and the readers' operating points.

A reader's curve joins the rates at every rating that was given, so any scale will do. Curves are averaged along the
diagonals of constant sum of both rates (Chen and Samuelson 2014, British Journal of Radiology 87:20140016): the area
under the mean curve is then the mean of the areas.
"""

import numpy as np
import pandas as pd

from helpers.stats.mrmc.panel import as_numbers
from helpers.stats.readings import grouped, score

MEAN = "mean of readers"
RATES = ["false_positive_rate", "true_positive_rate"]


def roc_points(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Points of the curves in each group of ``by``: by..., reader ("mean of readers" last), both rates.

    Several findings in a group are averaged for each reader first, so that areas are those of ``auc``. Readers without
    present and absent cases of every finding have no curve.

    >>> rows = pd.DataFrame({"reader": "r", "source": "real", "finding": "mass", "truth": [0, 0, 1, 1],
    ...                      "rating": [1, 2, 2, 3]})
    >>> roc_points(rows, ["source"])[RATES].head(4).values.tolist()
    [[0.0, 0.0], [0.0, 0.5], [0.5, 1.0], [1.0, 1.0]]
    """
    tables = []
    for key, group in grouped(rows, by):
        findings = group["finding"].nunique()
        curves = {}
        for reader, own in group.groupby("reader"):
            parts = [_curve(part) for _, part in own.groupby("finding") if part["truth"].nunique() == 2]
            if len(parts) == findings:
                curves[reader] = _mean(parts)
        if curves:
            curves[MEAN] = _mean(list(curves.values()))
        for reader, curve in curves.items():
            table = pd.DataFrame(curve, columns=RATES)
            tables.append(table.assign(reader=reader, **dict(zip(by, key, strict=True))))
    columns = [*by, "reader", *RATES]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def reader_calls(rows: pd.DataFrame, by: list[str], undetermined: str = "half") -> pd.DataFrame:
    """Operating point of each reader, from the right answers: by..., reader, both rates, present, absent (cases).

    The mean of readers comes last; readers without present and absent cases are left out.

    >>> rows = pd.DataFrame({"reader": "a", "case": range(20), "source": "film", "truth": [1] * 10 + [0] * 10,
    ...                      "correct": [1] * 9 + [0] + [1] * 8 + [0] * 2})
    >>> reader_calls(rows, ["source"]).loc[0, RATES].round(2).tolist()
    [0.2, 0.9]
    """
    values = score(rows, undetermined)
    kept = rows[values.notna()].assign(score=values)
    lines = []
    for key, group in grouped(kept, by):
        points = []
        for reader, own in group.groupby("reader"):
            right = own.groupby("truth")["score"].agg(["mean", "size"])
            if len(right) == 2:
                points.append((reader, 1.0 - right.at[0, "mean"], right.at[1, "mean"], *right.loc[[1, 0], "size"]))
        if points:
            means = np.array([point[1:3] for point in points]).mean(axis=0)
            points.append((MEAN, *means, *np.array([point[3:] for point in points]).sum(axis=0)))
        lines += [(*key, *point) for point in points]
    return pd.DataFrame(lines, columns=[*by, "reader", *RATES, "present", "absent"])


def _curve(rows: pd.DataFrame) -> np.ndarray:
    """Rates at every cut-off of one reader's ratings, from strict to lax: (cuts + 1, 2)."""
    ratings, truth = as_numbers(rows["rating"]), rows["truth"].to_numpy()
    cuts = np.unique(ratings)[::-1]
    sides = [np.sort(ratings[truth == state]) for state in (0, 1)]
    rates = [1.0 - side.searchsorted(cuts) / len(side) for side in sides]
    return np.vstack([[0.0, 0.0], np.column_stack(rates)])


def _mean(curves: list[np.ndarray]) -> np.ndarray:
    """Mean of curves along the diagonals: the mean of their heights above the chance line at the same sum of rates."""
    if len(curves) == 1:
        return curves[0]
    sums = [np.round(curve.sum(axis=1), 12) for curve in curves]
    at = np.unique(np.concatenate(sums))
    heights = [np.interp(at, s, curve[:, 1] - curve[:, 0]) for s, curve in zip(sums, curves, strict=True)]
    height = np.mean(heights, axis=0)
    return np.column_stack([(at - height) / 2, (at + height) / 2])
