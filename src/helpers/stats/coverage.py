"""Coverage of the intervals and type I error of the tests, in simulated studies.

Studies are drawn from a known model (``roe_metz``), analysed as the notebooks analyse readings, and counted. For
"readers like these" the true value is that of all readers; for "these readers" it is that of the readers drawn. The
table next to this module was made by ``python -m helpers.stats.coverage``.
"""

import argparse
import platform
import time
from collections.abc import Callable
from importlib import metadata
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.files import write_text
from helpers.progress import track
from helpers.stats.bootstrap import case_samples, interval
from helpers.stats.crossed import LIKE, THESE, Spread, t_interval, t_p_value
from helpers.stats.intraclass import icc
from helpers.stats.latent import Latent
from helpers.stats.mover import MOVER, STUDENT, correlation_of, mover_interval
from helpers.stats.power import LEVEL, SPREADS, monte_carlo_interval, sides, size_of
from helpers.stats.roe_metz import ACCURACY, AREA, draw, grades, influence, means, true_icc, true_icc_of, true_values
from helpers.stats.wilson import wilson

COMMITTED = Path(__file__).with_suffix(".csv")
COVERAGE, TYPE_ONE = "coverage", "type I error"
WILSON, BOOTSTRAP = "wilson", "bootstrap"
SIZES = ((3, 50), (5, 100), (10, 200))  # readers, cases of one source
ALIKE, DIFFERENT = "readers alike", "readers differ"
READER_SHARES = {ALIKE: (0.0, 0.0), DIFFERENT: (0.1, 0.05)}  # reader, reader x source
ICC = "icc"
CASE_SHARES = {ACCURACY: 0.2, AREA: 0.2, ICC: 0.5}
FIVE_GRADES = (-1.2, -0.3, 0.3, 1.2)
THRESHOLDS = {ACCURACY: (-0.3, 0.3), AREA: FIVE_GRADES, ICC: FIVE_GRADES}
VALUES = {ACCURACY: (0.7, 0.9), AREA: (0.8, 0.93)}
DIFFERENCE = 0.1  # true difference of two sources for the coverage of its interval
RESAMPLES = 500
_CHUNK = 1_000_000  # readings simulated at a time, which bounds memory
KEY = ["what", "measure", "value", "difference", "interval", "readers", "cases", "spread", "conclusion"]
COLUMNS = [*KEY, "share", "low", "high", "width", "sets"]


def table(sets: int, seed: int) -> pd.DataFrame:
    """Coverage of 95 % intervals and type I error of tests at the 5 % level, from ``sets`` studies in each setting.

    Columns: what ("coverage", "type I error"), measure ("accuracy", "auc", "icc"), value (the true one; for two
    sources their midpoint), difference (of two sources; NaN for one), interval ("wilson", "student", "mover",
    "bootstrap"; for tests the corresponding one), readers, cases (of one source), spread ("readers alike",
    "readers differ"), conclusion, share, (low, high) its 95 % Monte Carlo interval, width (mean of the intervals; NaN
    for tests) and sets. The same seed gives the same table.
    """
    settings = list(product((ACCURACY, AREA, ICC), READER_SHARES, SIZES))
    lines = []
    for measure, name, (readers, cases) in track(settings, "Simulating", "settings"):
        latent = Latent(*READER_SHARES[name], CASE_SHARES[measure], THRESHOLDS[measure])
        make = _agreement_lines if measure == ICC else _value_lines
        setting = {"measure": measure, "readers": readers, "cases": cases, "spread": name, "sets": sets}
        lines += [setting | line for line in make(measure, latent, readers, cases, sets, seed)]
    bounds = [monte_carlo_interval(line["share"], sets) for line in lines]
    low, high = zip(*bounds, strict=True)
    return pd.DataFrame(lines).assign(low=low, high=high)[COLUMNS]


def load(path: Path = COMMITTED) -> pd.DataFrame:
    """A committed table; its first line says how it was made."""
    return pd.read_csv(path, comment="#")


def origin(path: Path = COMMITTED) -> str:
    """How a committed table was made: sets, seed, seconds and versions."""
    with open(path, encoding="utf-8") as file:
        return file.readline().removeprefix("#").strip()


def compared(known: pd.DataFrame, again: pd.DataFrame) -> pd.DataFrame:
    """Two tables side by side: the settings, share, share_again, sets_again and the z value of their difference."""
    both = known.merge(again, on=KEY, suffixes=("", "_again"), validate="one_to_one")
    pooled = (both["share"] * both["sets"] + both["share_again"] * both["sets_again"]) / (
        both["sets"] + both["sets_again"]
    )
    error = np.sqrt(pooled * (1 - pooled) * (1 / both["sets"] + 1 / both["sets_again"]))
    z = ((both["share_again"] - both["share"]) / error.where(error > 0)).fillna(0.0)
    return both[[*KEY, "share", "share_again", "sets_again"]].assign(z=z)


def _value_lines(measure: str, latent: Latent, readers: int, cases: int, sets: int, seed: int) -> list[dict]:
    """Rows for accuracy or area: one source, and the difference of two, without and with a true difference."""
    lines = []
    for value in VALUES[measure]:
        generator = np.random.default_rng([seed, readers, cases, round(1000 * value)])
        (one, _), none, own = _studies(measure, latent, [value, value], readers, cases, sets, generator)
        apart, some, own_of_two = _studies(measure, latent, sides(value, DIFFERENCE), readers, cases, sets, generator)
        for conclusion in (THESE, LIKE):
            these = conclusion == THESE
            bounds = wilson(one.value, *one.of(conclusion), size_of(measure, cases, readers), one.between(conclusion))
            line = {"value": value, "conclusion": conclusion}
            lines.append(line | {"interval": WILSON} | _coverage(bounds, own[:, 0] if these else value))
            true = own[:, 0] - own[:, 1] if these else 0.0
            found = t_p_value(none.value, *none.of(conclusion), null=true) < LEVEL
            line |= {"interval": STUDENT}
            lines.append(line | {"what": TYPE_ONE, "difference": 0.0, "share": float(found.mean())})
            true = own_of_two[:, 0] - own_of_two[:, 1] if these else DIFFERENCE
            bounds = t_interval(some.value, *some.of(conclusion))
            lines.append(line | {"difference": DIFFERENCE} | _coverage(bounds, true))
            bounds = _mover_interval(apart, some, conclusion, size_of(measure, cases, readers))
            lines.append(line | {"difference": DIFFERENCE, "interval": MOVER} | _coverage(bounds, true))
    return lines


def _mover_interval(apart: tuple[Spread, Spread], difference: Spread, conclusion: str, size: int):
    alone = [(side.value, *wilson(side.value, *side.of(conclusion), size, side.between(conclusion))) for side in apart]
    variances = (side.of(conclusion)[0] for side in (*apart, difference))
    return mover_interval(*alone, correlation_of(*variances))


def _studies(
    measure: str, latent: Latent, values: list[float], readers: int, cases: int, sets: int, generator
) -> tuple[tuple[Spread, Spread], Spread, np.ndarray]:
    """Simulated studies of two sources: the estimate of each, the difference, and the drawn readers' own values."""
    mean = means(measure, latent, values)
    step = max(1, _CHUNK // (2 * readers * cases))
    first, second, difference, own = [], [], [], []
    for start in range(0, sets, step):
        evidence = draw(latent, mean, readers, cases, min(step, sets - start), generator)
        answers = grades(evidence.cases + evidence.readers, latent.thresholds)
        parts = [influence(answers[:, source], len(latent.thresholds)) for source in range(2)]
        for found, part in ((first, parts[0]), (second, parts[1]), (difference, parts[0] - parts[1])):
            found.append(SPREADS[measure](part))
        own.append(true_values(latent, mean, evidence.readers))
    return (_joined(first), _joined(second)), _joined(difference), np.concatenate(own)


def _joined(parts: list[Spread]) -> Spread:
    return Spread(*(np.concatenate(arrays) for arrays in zip(*(vars(part).values() for part in parts), strict=True)))


def _agreement_lines(measure: str, latent: Latent, readers: int, cases: int, sets: int, seed: int) -> list[dict]:
    """The row for ICC(A,1): bootstrap over cases, for these readers."""
    generator = np.random.default_rng([seed, readers, cases])
    evidence = draw(latent, np.zeros((1, 1)), readers, cases, sets, generator)
    ratings = grades(evidence.cases + evidence.readers, latent.thresholds)[:, 0, 0].astype("float64")
    weights = case_samples(np.arange(cases), seed, RESAMPLES)
    bounds = np.array([interval(icc(own, weights), RESAMPLES, cases) for own in ratings]).T
    true = true_icc_of(latent, evidence.readers[:, 0, 0, :, 0])
    return [{"value": round(true_icc(latent), 3), "conclusion": THESE, "interval": BOOTSTRAP} | _coverage(bounds, true)]


def _coverage(bounds, true) -> dict:
    low, high = bounds
    share, width = float(np.mean((low <= true) & (true <= high))), float(np.mean(high - low))
    return {"what": COVERAGE, "share": share, "width": width}


def remake(table: Callable[[int, int], pd.DataFrame], path: Path) -> None:
    """Remake a committed table from the command line: ``table(sets, seed)``, written to ``path``."""
    parser = argparse.ArgumentParser(description=f"Simulate intervals and tests; writes {path.name}.")
    parser.add_argument("--sets", type=int, default=10_000, help="simulated studies in each setting")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    start = time.monotonic()
    made = table(arguments.sets, arguments.seed)
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "scipy", "pandas"))
    how = f"{arguments.sets} studies in each setting, seed {arguments.seed}, {time.monotonic() - start:.0f} s, "
    how += f"Python {platform.python_version()}, {versions}; made by python -m helpers.stats.{path.stem}"
    write_text(path, f"# {how}\n" + made.to_csv(index=False, float_format="%.5g"))


if __name__ == "__main__":
    remake(table, COMMITTED)
