"""Power by simulation from the latent model: what a study with these numbers of readers and cases can find.

Each design (readers x cases) has its own random numbers, from the seed and its two sizes, so a design's power does
not depend on which others are requested or on the number of processes; every difference in one design uses the same
numbers, so that power rises smoothly with the difference.
"""

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from statsmodels.stats.proportion import proportion_confint

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE, Influence, spread, t_p_value
from helpers.stats.latent import Latent
from helpers.stats.mrmc.area_variance import hillis
from helpers.stats.proportions import CHANCE
from helpers.stats.roe_metz import ACCURACY, AREA, draw, grades, influence, means
from helpers.stats.wilson import answers_of, wilson_p_value

_CHUNK = 2_000_000  # readings simulated at a time, which bounds memory
LEVEL = 0.05  # of the tests
LARGER = "larger than"  # begins the note if no tried difference is detected
SPREADS = {ACCURACY: spread, AREA: hillis}  # variances and degrees of freedom, of proportions and of areas
_EDGE = 0.01  # accuracies and areas are kept this far from 0 and 1
COLUMNS = ["readers", "cases", "difference", "conclusion", "power", "low", "high", "sets"]


def simulate(
    latent: Latent,
    measure: str,
    values: list[float],
    readers: int,
    cases: int,
    sets: int,
    generator: np.random.Generator,
    crossed: bool = False,
) -> dict[str, list[Influence]]:
    """Simulated studies by conclusion: for each source, each reader's accuracy ("accuracy") or area ("auc").

    ``values`` are the expected accuracies or areas of the sources; ``cases`` counts those of one source, for areas
    half of them with the finding. For "readers like these" each study draws its readers; for "these readers" their
    effects add up to zero in every study, so that the values are those of these readers. All else is drawn once
    for both. ``crossed``: all sources show the same cases.

    >>> latent = Latent(reader=0.05, reader_by_source=0.0, case=0.1, thresholds=(0.0,))
    >>> studies = simulate(latent, "accuracy", [0.8], 4, 50, sets=2000, generator=np.random.default_rng(1))
    >>> [(conclusion, float(own[0].value.mean().round(2))) for conclusion, own in studies.items()]
    [('these readers', 0.8), ('readers like these', 0.8)]
    """
    evidence = draw(latent, means(measure, latent, values), readers, cases, sets, generator, crossed)
    shifts = {THESE: evidence.readers - evidence.readers.mean(axis=3, keepdims=True), LIKE: evidence.readers}
    highest = len(latent.thresholds)
    answers = {conclusion: grades(evidence.cases + shift, latent.thresholds) for conclusion, shift in shifts.items()}
    return {c: [influence(own[:, source], highest) for source in range(len(values))] for c, own in answers.items()}


def power(
    latent: Latent,
    measure: str,
    values: list[float],
    readers: int,
    cases: int,
    sets: int = 1000,
    seed: int = 1,
    crossed: bool = False,
) -> dict[str, float]:
    """Share of simulated studies with p < 0.05, by conclusion; NaN where it cannot be estimated.

    Two values: the test of their difference, as in ``proportions.difference`` or ``mrmc.auc_difference``; one: the test
    against chance, as in ``proportions.accuracy`` or ``mrmc.auc``. ``crossed``: both sources show the same cases and
    are compared case by case. Raises StatisticsError for sizes too small.

    >>> independent = Latent(reader=0.0, reader_by_source=0.0, case=0.0, thresholds=(0.0,))
    >>> power(independent, "accuracy", [0.65], readers=1, cases=100)  # the normal approximation gives 0.86
    {'these readers': 0.873, 'readers like these': nan}
    """
    fewest = 2 if measure == ACCURACY else 4
    if readers < 1 or cases < fewest or sets < 1:
        raise StatisticsError(f"{readers} readers, {cases} cases, {sets} sets: need at least 1, {fewest} and 1")
    generator = np.random.default_rng([seed, readers, cases])
    step = max(1, _CHUNK // (len(values) * readers * cases))
    found = {THESE: 0, LIKE: 0}
    for start in range(0, sets, step):
        studies = simulate(latent, measure, values, readers, cases, min(step, sets - start), generator, crossed)
        for conclusion, parts in studies.items():
            found[conclusion] += int(
                (_p_values(measure, parts, conclusion, size_of(measure, cases, readers), crossed) < LEVEL).sum()
            )
    return {c: (np.nan if c == LIKE and readers == 1 else n / sets) for c, n in found.items()}


def _p_values(measure: str, parts: list[Influence], conclusion: str, size: float, crossed: bool) -> np.ndarray:
    """p value of each set's difference of two sources, or of one source's accuracy or area against chance.

    ``size`` as ``size_of``; ``crossed``: the two show the same cases.
    """
    if len(parts) == 2:
        result = SPREADS[measure](parts[0].minus(parts[1]) if crossed else parts[0] - parts[1])
        return t_p_value(result.value, *result.of(conclusion))
    result = SPREADS[measure](parts[0])
    return wilson_p_value(result.value, *result.of(conclusion), size, CHANCE, result.between(conclusion))


def size_of(measure: str, cases: int, readers: int) -> float:
    """Number of answers that a source counts for if all are alike, as in ``proportions`` and ``mrmc``.

    >>> size_of("accuracy", 40, 1), size_of("auc", 41, 1)  # an area: twice the 20 cases of one truth
    (40.0, 40.0)
    """
    return answers_of(2.0 * (cases // 2) if measure == AREA else cases, readers)


def design_grid(
    latent: Latent,
    measure: str,
    centre: float | None,
    differences: list[float],
    readers: list[int],
    cases: list[int],
    sets: int = 1000,
    seed: int = 1,
    jobs: int = 1,
    crossed: bool = False,
) -> pd.DataFrame:
    """Power for every readers x cases x difference, two rows each (conclusions); columns as in ``COLUMNS``.

    ``centre`` is the accuracy or area half-way between two sources; None means one source against chance;
    ``difference`` is then the value - 0.5. ``cases`` counts those of one source; ``crossed``: the two sources show
    the same ones. (low, high) is the 95 % Monte Carlo interval.

    >>> latent = Latent(reader=0.05, reader_by_source=0.0, case=0.1, thresholds=(0.0,))
    >>> table = design_grid(latent, "accuracy", 0.6, [0.1, 0.2], readers=[5], cases=[50], sets=200)
    >>> table.query("conclusion == 'readers like these'")[["difference", "power"]].values.tolist()
    [[0.1, 0.4], [0.2, 0.94]]
    """
    designs = [(r, c, d) for r in readers for c in cases for d in differences]
    work = (
        delayed(power)(latent, measure, sides(centre, difference), r, c, sets, seed, crossed)
        for r, c, difference in designs
    )  # numpy releases Python's lock while it draws and adds, so threads run in parallel
    lines = []
    for design, found in zip(designs, Parallel(n_jobs=jobs, prefer="threads")(work), strict=True):
        for conclusion, share in found.items():
            low, high = monte_carlo_interval(share, sets)
            lines.append((*design, conclusion, share, low, high, sets))
    return pd.DataFrame(lines, columns=COLUMNS)


def monte_carlo_interval(share: float, sets: int) -> tuple[float, float]:
    """95 % Wilson interval of a share of simulated studies; NaN for NaN.

    >>> [round(end, 3) for end in monte_carlo_interval(0.05, 1000)]
    [0.038, 0.065]
    """
    return proportion_confint(round(share * sets), sets, method="wilson") if share == share else (share, share)


def sides(centre: float | None, difference: float) -> list[float]:
    """Values to simulate: two around the centre, moved inwards if one would pass 0.01 or 0.99; or 0.5 + d.

    >>> [round(value, 2) for value in sides(0.6, 0.1)], sides(None, 0.2)
    ([0.65, 0.55], [0.7])
    """
    if centre is None:
        return [float(np.clip(CHANCE + difference, _EDGE, 1 - _EDGE))]
    if not 0 <= difference <= 1 - 2 * _EDGE:
        raise StatisticsError(f"difference {difference}: must lie in 0..{1 - 2 * _EDGE}")
    middle = float(np.clip(centre, _EDGE + difference / 2, 1 - _EDGE - difference / 2))
    return [middle + difference / 2, middle - difference / 2]


def detectable(curve: pd.DataFrame, target: float = 0.8) -> pd.DataFrame:
    """Smallest difference detected with power ``target``, by design and conclusion, interpolated between those tried.

    ``curve`` as from ``design_grid``. Columns: readers, cases, conclusion, difference, low, high (Monte Carlo), note.
    If no tried difference suffices, difference is NaN and the note says so.

    >>> curve = pd.DataFrame({"readers": 5, "cases": 50, "conclusion": "these readers", "difference": [0.1, 0.2],
    ...                       "power": [0.6, 1.0], "low": [0.5, 0.9], "high": [0.7, 1.0]})
    >>> float(detectable(curve).at[0, "difference"].round(3))  # half-way from a power of 0.6 to 1.0
    0.15
    """
    lines = []
    for (readers, cases, conclusion), own in curve.groupby(["readers", "cases", "conclusion"], sort=False):
        own = own.sort_values("difference")
        value, low, high = (_crossing(own["difference"], own[name], target) for name in ("power", "high", "low"))
        tried = f"{own['difference'].max():.2f}, the largest difference tried"
        note = f"{LARGER} {tried}" if np.isnan(value) else f"its error reaches beyond {tried}" if np.isnan(high) else ""
        note = "not estimable: one reader" if own["power"].isna().any() else note
        lines.append((readers, cases, conclusion, value, low, high, note))
    return pd.DataFrame(lines, columns=["readers", "cases", "conclusion", "difference", "low", "high", "note"])


def _crossing(differences: pd.Series, shares: pd.Series, target: float) -> float:
    """Where a rising curve passes ``target``, by linear interpolation; NaN if it never does."""
    x, y = differences.to_numpy(), np.maximum.accumulate(shares.to_numpy())
    if not (y >= target).any():
        return np.nan
    index = int(np.argmax(y >= target))
    if index == 0:
        return float(x[0])
    step = (target - y[index - 1]) / (y[index] - y[index - 1])
    return float(x[index - 1] + step * (x[index] - x[index - 1]))
