"""Coverage of Obuchowski and Rockette's intervals as published, the main analysis of differences of areas.

Studies of three sources are drawn and counted as in ``coverage``. The difference of the first two is analysed with the
error term of these two, as in a study without others, and with that of all three. The variance for readers like these
is not bounded below by that of the cases, and the interval for these readers is normal. The table next to this module
was made by ``python -m helpers.stats.coverage_published``.
"""

from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.progress import track
from helpers.stats.coverage import (
    CASE_SHARES,
    COLUMNS,
    COVERAGE,
    DIFFERENCE,
    READER_SHARES,
    SIZES,
    THRESHOLDS,
    TYPE_ONE,
    VALUES,
    remake,
)
from helpers.stats.crossed import LIKE, THESE, Influence, Spread, t_interval
from helpers.stats.latent import Latent
from helpers.stats.power import monte_carlo_interval, sides
from helpers.stats.roe_metz import AREA, draw, grades, influence, means, true_values

COMMITTED = Path(__file__).with_suffix(".csv")
OWN, POOLED = "Obuchowski-Rockette, two sources", "Obuchowski-Rockette, three sources"
_CHUNK = 1_000_000  # readings simulated at a time, which bounds memory


def table(sets: int, seed: int) -> pd.DataFrame:
    """Coverage and type I error of the published analysis, from ``sets`` studies in each setting of ``coverage``.

    Columns as in ``coverage.table``; interval is ``OWN`` or ``POOLED``. The same seed gives the same table.
    """
    lines = []
    for setting in track(list(product(READER_SHARES, SIZES, VALUES[AREA])), "Simulating", "settings"):
        lines += lines_of(*setting, sets, seed)
    return as_table(lines, sets)


def as_table(lines: list[dict], sets: int) -> pd.DataFrame:
    """Rows of the settings with the Monte Carlo intervals of their shares."""
    low, high = zip(*(monte_carlo_interval(line["share"], sets) for line in lines), strict=True)
    return pd.DataFrame(lines).assign(low=low, high=high)[COLUMNS]


def lines_of(spread: str, size: tuple[int, int], value: float, sets: int, seed: int) -> list[dict]:
    """Rows of one setting; ``size``: readers, and cases of each source."""
    latent = Latent(*READER_SHARES[spread], CASE_SHARES[AREA], THRESHOLDS[AREA])
    generator = np.random.default_rng([seed, *size, round(1000 * value), 3])
    setting = {"measure": AREA, "value": value, "readers": size[0], "cases": size[1], "spread": spread, "sets": sets}
    lines = []
    for difference in (0.0, DIFFERENCE):
        values = [*sides(value, difference), value] if difference else [value] * 3
        found, own = _studies(latent, values, size, sets, generator)
        for interval, conclusion in product((OWN, POOLED), (THESE, LIKE)):
            true = own[:, 0] - own[:, 1] if conclusion == THESE else difference
            low, high = np.clip(t_interval(found[interval].value, *found[interval].of(conclusion)), -1.0, 1.0)
            share = float(np.mean((low <= true) & (true <= high)))
            line = {"difference": difference, "interval": interval, "conclusion": conclusion}
            width = float(np.mean(high - low))
            counted = {"what": COVERAGE, "share": share, "width": width}
            lines.append(setting | line | (counted if difference else {"what": TYPE_ONE, "share": 1.0 - share}))
    return lines


def published(differences: list[Influence], treatments: int) -> Spread:
    """Obuchowski and Rockette's variances and degrees of freedom (Hillis 2007) of the first of the differences.

    ``differences``: of the readers' areas, one for each pair of ``treatments`` that share the error term. The
    interaction mean square is half the mean variance of such a difference between readers, Cov2 - Cov3 half the mean
    covariance of two readers' differences, Var(Err) - Cov1 half the mean variance of one reader's due to cases.
    """
    readers = differences[0].value.shape[-1]
    between, own, shared = np.mean([_parts(difference) for difference in differences], axis=0)
    shared = np.maximum(shared, 0.0)
    like = between + shared
    with np.errstate(invalid="ignore", divide="ignore"):
        degrees = (treatments - 1) * (readers - 1) * (like / between) ** 2
    these = (own + (readers - 1) * shared) / readers
    endless = np.full_like(these, np.inf)
    value = differences[0].value.mean(axis=-1)
    return Spread(value, these, endless, like, np.where(between > 0, degrees, np.inf))


def _parts(difference: Influence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Variance of the mean between readers, mean variance due to cases of one reader, and covariance of two readers."""
    readers = difference.value.shape[-1]
    own = (difference.cases**2).sum(axis=-1).mean(axis=-1)
    shared = (readers * (difference.cases.mean(axis=-2) ** 2).sum(axis=-1) - own) / (readers - 1)
    return difference.value.var(axis=-1, ddof=1) / readers, own, shared


def _studies(
    latent: Latent, values: list[float], size: tuple[int, int], sets: int, generator
) -> tuple[dict[str, Spread], np.ndarray]:
    """The difference of the first two sources with both error terms, and the drawn readers' own areas (sets, 3)."""
    mean, step = means(AREA, latent, values), max(1, _CHUNK // (3 * size[0] * size[1]))
    chunks, own = {OWN: [], POOLED: []}, []
    for start in range(0, sets, step):
        evidence = draw(latent, mean, *size, min(step, sets - start), generator)
        answers = grades(evidence.cases + evidence.readers, latent.thresholds)
        parts = [influence(answers[:, source], len(latent.thresholds)) for source in range(3)]
        differences = [first - second for first, second in combinations(parts, 2)]
        chunks[OWN].append(published(differences[:1], 2))
        chunks[POOLED].append(published(differences, 3))
        own.append(true_values(latent, mean, evidence.readers))
    joined = {
        name: Spread(*map(np.concatenate, zip(*(vars(part).values() for part in found), strict=True)))
        for name, found in chunks.items()
    }
    return joined, np.concatenate(own)


if __name__ == "__main__":
    remake(table, COMMITTED)
