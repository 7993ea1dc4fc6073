"""Active reading time: geometric means and ratios on the log scale, with readers and cases both random.

Times are skewed to the right, so means and differences are taken of log(active_ms) and transformed back: a mean becomes
a geometric mean in seconds, a difference of sources a ratio. Learning, and whether wrong answers take longer, come from
each reader's own regression, averaged over readers. Variances are those of ``crossed``: a mixed model with crossed
readers and cases gives the same estimates on complete data, but its Wald intervals ignore how few the readers are (for
three readers who differ between sources, coverage is 79 % at a nominal 95 %; here 93 %).
"""

from itertools import combinations

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.crossed import (
    LIKE,
    THESE,
    Influence,
    components,
    mean_influence,
    spread,
    t_interval,
    t_p_value,
)
from helpers.stats.proportions import accuracy
from helpers.stats.readings import grouped, source_order
from helpers.stats.scales import without_cut_off

PARTS = 8  # of a session, in which times are averaged


def timed(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with a positive active time, with column ``log_seconds``; may be empty."""
    kept = rows[rows["active_ms"].fillna(0) > 0]
    return kept.assign(log_seconds=np.log(kept["active_ms"].astype("float64") / 1000.0))


def geometric_means(rows: pd.DataFrame, by: list[str] | None = None) -> pd.DataFrame:
    """Geometric mean of active seconds in each group; two rows per group, one for each conclusion.

    Columns: by..., conclusion, seconds, low, high, readers, cases, readings. Raises StatisticsError without times.
    """
    lines = []
    for key, group in grouped(_some(rows), by):
        readers = sorted(set(group["reader"]))
        result = spread(mean_influence(group, group["log_seconds"].to_numpy(), readers))
        sizes = {"readers": len(readers), "cases": group["case"].nunique(), "readings": len(group)}
        for conclusion, value, low, high, _ in _intervals(result):
            seconds = {"seconds": np.exp(value), "low": np.exp(low), "high": np.exp(high)}
            lines.append(dict(zip(by or [], key, strict=True)) | {"conclusion": conclusion} | seconds | sizes)
    return pd.DataFrame(lines)


def source_ratios(rows: pd.DataFrame) -> pd.DataFrame:
    """Ratio of geometric mean times for each pair of sources, by the readers who read both.

    Columns: first, second, conclusion, ratio, low, high, p_value (of ratio 1), readers, readings.
    """
    rows = _some(rows)
    lines = []
    for first, second in combinations(source_order(rows["source"]), 2):
        sides = [rows[rows["source"] == source] for source in (first, second)]
        readers = sorted(set(sides[0]["reader"]) & set(sides[1]["reader"]))
        if not readers:
            continue
        sides = [side[side["reader"].isin(readers)] for side in sides]
        parts = [mean_influence(side, side["log_seconds"].to_numpy(), readers) for side in sides]
        pair = {"first": first, "second": second}
        lines += [pair | line for line in _ratios(pd.concat(sides), parts[0] - parts[1])]
    return pd.DataFrame(lines)


def learning(rows: pd.DataFrame, per_trials: int = 100) -> pd.DataFrame:
    """Change of time over a session: ratio of times ``per_trials`` positions apart, from each reader's own regression.

    Each reader's log time is regressed on position by least squares; the slopes are averaged over readers. Columns:
    conclusion, ratio, low, high, p_value (of no change), readers, readings. Readers with fewer than three readings
    at different positions are left out.
    """
    rows = _some(rows)
    design = pd.DataFrame({"position": rows["position"].astype("float64") / per_trials})
    readers, influence = coefficient_influence(rows, design, "position")
    if not readers:
        raise StatisticsError("no reader has three timed readings at different positions; learning cannot be seen")
    return pd.DataFrame(_ratios(rows[rows["reader"].isin(readers)], influence))


def speed_accuracy(rows: pd.DataFrame, by: list[str] | None = None) -> pd.DataFrame:
    """Ratio of times of wrong and of undetermined answers to right ones, like for like, in each group of ``by``.

    Each reader's log time is regressed on the answer, on position, and on source and finding if they vary; the
    coefficients are averaged over readers. Columns: by..., answer (wrong, undetermined), conclusion, ratio, low, high,
    p_value (of ratio 1), readers, readings, note. Readers without right answers or without such answers are left out
    and counted in the note; without any reader left the ratio is NaN.
    """
    lines = []
    for key, group in grouped(_some(rows)[lambda some: ~without_cut_off(some)], by):
        group = group.reset_index(drop=True)
        answer = group["correct"].map({1: "right", 0: "wrong"}).fillna("undetermined")
        for name in ("wrong", "undetermined"):
            line = dict(zip(by or [], key, strict=True)) | {"answer": name}
            lines += [line | rest for rest in _against_right(group[answer.isin([name, "right"])], name)]
    return pd.DataFrame(lines)


def accuracy_by_speed(rows: pd.DataFrame, by: list[str] | None = None) -> pd.DataFrame:
    """Proportion of right answers among the fastest fifth of each reader's readings, the next fifth, and so on.

    Fifths are of equal number, within reader and group of ``by``; an undetermined answer counts one half. Empty
    if no cut-off defines what is right. Columns: by..., part (1 the fastest), then as in ``proportions.accuracy``, and
    seconds, the geometric mean time of the part.
    """
    rows = _some(rows)[lambda some: ~without_cut_off(some)]
    if rows.empty:
        return pd.DataFrame()
    rank = rows.groupby(["reader", *(by or [])])["log_seconds"].rank(method="first", pct=True)
    rows = rows.assign(part=np.ceil(rank * 5 - 1e-9).astype("int64"))
    keys = [*(by or []), "part"]
    seconds = np.exp(rows.groupby(keys)["log_seconds"].mean()).rename("seconds").reset_index()
    return accuracy(rows, keys).merge(seconds, on=keys, how="left")


def variance_components(rows: pd.DataFrame, by: list[str] | None = None) -> pd.DataFrame:
    """How much log time differs between readers, between cases and otherwise: standard deviations by moments.

    Columns: by..., reader, case, rest (standard deviations of log seconds), readers, cases. A component whose moment
    estimate is negative is set to 0. The component of readers is NaN with one reader.
    """
    lines = []
    for key, group in grouped(_some(rows), by):
        readers = sorted(set(group["reader"]))
        variances = components(mean_influence(group, group["log_seconds"].to_numpy(), readers))
        deviations = {name: float(np.sqrt(np.maximum(value, 0.0))) for name, value in variances.items()}
        sizes = {"readers": len(readers), "cases": group["case"].nunique()}
        lines.append(dict(zip(by or [], key, strict=True)) | deviations | sizes)
    return pd.DataFrame(lines)


def by_position(rows: pd.DataFrame) -> pd.DataFrame:
    """Geometric mean seconds of each reader in eight equal parts of the session: reader, position (mean), seconds."""
    rows = _some(rows)
    part = rows.groupby("reader")["position"].transform(lambda p: np.floor((p.rank() - 1) / len(p) * PARTS))
    means = rows.assign(part=part).groupby(["reader", "part"])[["position", "log_seconds"]].mean().reset_index()
    return means.assign(seconds=np.exp(means["log_seconds"]))[["reader", "position", "seconds"]]


def _some(rows: pd.DataFrame) -> pd.DataFrame:
    kept = timed(rows)
    if kept.empty:
        raise StatisticsError("the readings have no active times (column active_ms is blank or 0 everywhere)")
    return kept


def coefficient_influence(rows: pd.DataFrame, design: pd.DataFrame, name: str) -> tuple[list[str], Influence]:
    """One coefficient of each reader's own least-squares regression of log seconds, and its influence by case.

    ``design``: numeric columns on the index of ``rows``; a constant is added. Returns the readers whose data identify
    the coefficient, even without any one reading, and their influence: that of the jackknife (HC3, MacKinnon and White
    1985, Journal of Econometrics 29:305), added up by case.
    """
    readers, slopes, influence = [], [], []
    case = pd.Series(pd.factorize(rows["case"], sort=True)[0], index=rows.index)
    cases = case.nunique()
    for reader, own in rows.groupby("reader", sort=True):
        others = np.column_stack([np.ones(len(own)), design.loc[own.index].drop(columns=name).to_numpy("float64")])
        of_interest, log_seconds = design.loc[own.index, name].to_numpy("float64"), own["log_seconds"].to_numpy()
        # Frisch and Waugh: the residuals of both sides after regression on the other columns.
        basis, sizes, _ = np.linalg.svd(others, full_matrices=False)
        basis = basis[:, sizes > 1e-9 * sizes[0]]
        left, right = (side - basis @ (basis.T @ side) for side in (of_interest, log_seconds))
        spread_left = left @ left
        if spread_left <= 1e-9 * (of_interest @ of_interest):
            continue
        slope = left @ right / spread_left
        room = 1.0 - (basis**2).sum(axis=1) - left**2 / spread_left  # 1 - leverage
        counts = left**2 > 1e-9 * spread_left
        if (room[counts] < 1e-9).any():
            continue
        jackknife = np.where(counts, left * (right - slope * left) / spread_left / np.where(counts, room, 1.0), 0.0)
        part = np.zeros(cases)
        np.add.at(part, case[own.index], jackknife)
        readers.append(reader)
        slopes.append(slope)
        influence.append(part)
    return readers, Influence(np.array(slopes), np.array(influence), np.zeros(cases, dtype=int))


def _against_right(rows: pd.DataFrame, name: str) -> list[dict]:
    """Ratio of times of one kind of answer to right ones, both conclusions."""
    design = pd.get_dummies(rows[["source", "finding"]], drop_first=True, dtype="float64")
    other = rows["correct"].ne(1).fillna(True).astype("float64")
    design = design.assign(position=rows["position"].astype("float64"), other=other)
    readers, influence = coefficient_influence(rows, design, "other")
    left_out = rows["reader"].nunique() - len(readers)
    if not readers:
        nothing = dict.fromkeys(("ratio", "low", "high", "p_value"), float("nan"))
        nothing |= {
            "readers": 0,
            "readings": 0,
            "note": f"not estimable: no reader has enough right and {name} answers",
        }
        return [{"conclusion": conclusion} | nothing for conclusion in (THESE, LIKE)]
    note = f"readers with too few right or {name} answers, left out: {left_out}" if left_out else ""
    return [line | {"note": note} for line in _ratios(rows[rows["reader"].isin(readers)], influence)]


def _ratios(rows: pd.DataFrame, influence: Influence) -> list[dict]:
    """A mean difference of log times as a ratio, both conclusions."""
    sizes = {"readers": rows["reader"].nunique(), "readings": len(rows)}
    lines = []
    for conclusion, value, low, high, p_value in _intervals(spread(influence)):
        ratio, low, high = np.exp([value, low, high])
        lines.append({"conclusion": conclusion, "ratio": ratio, "low": low, "high": high, "p_value": p_value} | sizes)
    return lines


def _intervals(result):
    """(conclusion, value, low, high, p value) of both conclusions, on the log scale."""
    for conclusion in (THESE, LIKE):
        variance, degrees = result.of(conclusion)
        low, high = t_interval(result.value, variance, degrees)
        yield (
            conclusion,
            float(result.value),
            float(low),
            float(high),
            float(t_p_value(result.value, variance, degrees)),
        )
