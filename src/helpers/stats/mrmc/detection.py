"""Signal detection in the single-image task: how well readers detect synthetic images, and which way they lean.

A hit is a synthetic image called synthetic, a false alarm a real image called synthetic; H and F are their rates.

    d' = z(H) - z(F)      criterion c = -(z(H) + z(F)) / 2, above 0 for readers who lean towards "real"

Rates always have the log-linear correction, (calls + 1/2) / (images + 1), so that z is finite for rates of 0 and 1
(Macmillan and Creelman 2005, Detection Theory, chapter 1; Hautus 1995, Behavior Research Methods 27:46). The variance
of one reader's d' is H (1 - H) / (n phi(z(H))^2) plus the same for F (Gourevitch and Galanter 1967, Psychometrika
32:25); that of c is a quarter of it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import norm

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE, Influence, mean_influence, spread, t_interval, t_p_value
from helpers.stats.readings import grouped, score, source_order
from helpers.stats.reasons import FEW_CASES, NO_READERS, NO_SPREAD
from helpers.tables import REAL

MEASURES = {"d'": (1.0, -1.0), "criterion": (-0.5, -0.5)}  # weights of z(H) and z(F)
NUMBERS = ["value", "low", "high", "standard_error"]
NOBODY = "not estimable: no reader saw both real images and these"


@dataclass(frozen=True)
class _Side:
    """Calls of each reader on one side (synthetic or real): z of the corrected rate (R,) with its influence by case,
    and images (R,)."""

    influence: Influence
    images: np.ndarray


def mean(rows: pd.DataFrame, by: list[str] | None = None, undetermined: str = "half") -> pd.DataFrame:
    """Mean d' and criterion over readers for each synthetic source, "these readers" and "readers like these".

    Columns: by..., source, measure, conclusion, value, low, high, standard_error, degrees_of_freedom, p_value (against
    0), readers, readings, note. Variances are those of ``crossed`` by the delta method; what the correction of the
    rates adds to a reader's variance is treated as specific to that reader. Readers without both kinds of images are
    left out.

    >>> rows = pd.DataFrame({"reader": "a", "case": range(20), "source": ["gan"] * 10 + ["real"] * 10,
    ...                      "correct": [1] * 9 + [0] + [1] * 8 + [0] * 2})
    >>> table = mean(rows).query("conclusion == 'these readers'")
    >>> table[["measure", "value"]].round(2).values.tolist()  # H = 9.5 / 11, F = 2.5 / 11
    [["d'", 1.84], ['criterion', -0.17]]
    """
    lines = []
    for key, source, readers, signal, noise, everyone in _sides(rows, by, undetermined):
        if not readers:
            unknown = [(m, c, *[np.nan] * 6, 0, 0, NOBODY) for m in MEASURES for c in (THESE, LIKE)]
            lines += [(*key, source, *line) for line in unknown]
            continue
        readings = int(signal.images.sum() + noise.images.sum())
        for measure, weights in MEASURES.items():
            result = spread(_combined(signal, noise, weights))
            for conclusion in (THESE, LIKE):
                variance, degrees = map(float, result.of(conclusion))
                low, high = t_interval(result.value, variance, degrees)
                numbers = result.value, low, high, variance**0.5, degrees, t_p_value(result.value, variance, degrees)
                note = _note(result, conclusion, len(readers), everyone - len(readers))
                lines.append((*key, source, measure, conclusion, *map(float, numbers), len(readers), readings, note))
    columns = [*(by or []), "source", "measure", "conclusion", *NUMBERS, "degrees_of_freedom", "p_value"]
    return pd.DataFrame(lines, columns=[*columns, "readers", "readings", "note"])


def _sides(rows: pd.DataFrame, by: list[str] | None, undetermined: str) -> list[tuple]:
    """Key, source, readers who saw both kinds, their calls on synthetic and on real images, number of all readers."""
    values = score(rows, undetermined)
    calls = values.where(rows["source"] != REAL, 1.0 - values)
    kept = rows[values.notna()].assign(call=calls)
    if not (kept["source"] == REAL).any() or (kept["source"] == REAL).all():
        raise StatisticsError(
            f"d' needs answers on real and on synthetic images; there is only {sorted(set(kept['source']))}: "
            "take the single-image task"
        )
    lines = []
    for key, group in grouped(kept, by):
        real = group[group["source"] == REAL]
        for source in [name for name in source_order(group["source"]) if name != REAL]:
            own = group[group["source"] == source]
            readers = sorted(set(own["reader"]) & set(real["reader"]))
            everyone = len(set(own["reader"]) | set(real["reader"]))
            sides = (_side(own, readers), _side(real, readers)) if readers else (None, None)
            lines.append((key, source, readers, *sides, everyone))
    return lines


def _side(rows: pd.DataFrame, readers: list[str]) -> _Side:
    rows = rows[rows["reader"].isin(readers)]
    calls = rows.groupby("reader")["call"].agg(["sum", "count"]).loc[readers]
    total, images = calls["sum"].to_numpy(), calls["count"].to_numpy()
    rate = (total + 0.5) / (images + 1.0)
    z = ndtri(rate)
    height = norm.pdf(z)
    error = np.sqrt(rate * (1 - rate) / images) / height
    moved = mean_influence(rows, rows["call"].to_numpy(), readers).cases / height[:, None]
    rest = np.sqrt(np.maximum(error**2 - (moved**2).sum(axis=1), 0.0))
    moved = np.concatenate([moved, np.diag(rest)], axis=1)
    return _Side(Influence(z, moved, np.zeros(moved.shape[1], dtype=int)), images)


def _combined(signal: _Side, noise: _Side, weights: tuple[float, float]) -> Influence:
    """Weighted sum of the two z; real and synthetic cases are distinct."""
    parts = [
        Influence(w * side.influence.value, w * side.influence.cases, side.influence.stratum)
        for w, side in zip((weights[0], -weights[1]), (signal, noise), strict=True)
    ]
    return parts[0] - parts[1]


def _note(result, conclusion: str, readers: int, left_out: int) -> str:
    notes = [f"readers without both real and synthetic images, left out: {left_out}"] if left_out else []
    if conclusion == LIKE and readers == 1:
        notes.append(NO_READERS)
    elif np.isnan(result.of(conclusion)[0]):
        notes.append(FEW_CASES)
    elif conclusion == LIKE and result.like_variance == result.these_variance:
        notes.append(NO_SPREAD)
    return "; ".join(notes)
