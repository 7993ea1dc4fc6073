"""Coverage in hard settings: two readers, unequal classes, values near 1, ties, missing readings.

The settings of ``coverage`` are moderate; each setting here is extreme in one respect. Wilson's interval is counted for
one source, MOVER's with its one-sided tests for the difference of two: those that ``proportions``, ``mrmc`` and
``equivalence`` report. The table next to this module was made by ``python -m helpers.stats.coverage_limits``.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.progress import track
from helpers.stats.coverage import COVERAGE, FIVE_GRADES, READER_SHARES, remake
from helpers.stats.crossed import LIKE, THESE, Influence, Spread
from helpers.stats.latent import Latent
from helpers.stats.mover import MOVER, correlation_of, mover_interval
from helpers.stats.power import SPREADS, monte_carlo_interval
from helpers.stats.roe_metz import ACCURACY, AREA, draw, grades, influence_of_read, means, true_values
from helpers.stats.wilson import answers_of, wilson

COMMITTED = Path(__file__).with_suffix(".csv")
WILSON = "wilson"
EQUIVALENCE, NON_INFERIORITY = "equivalence at the margin", "non-inferiority at the margin"
HOLDS = {COVERAGE: (0.93, 1.0), EQUIVALENCE: (0.0, 0.065), NON_INFERIORITY: (0.0, 0.065)}
CHOICE = (-0.3, 0.3)
TIES = (-1.8, -1.0, 1.0, 1.8)  # most ratings are 0
_CHUNK = 500_000  # readings simulated at a time, which bounds memory
KEY = ["what", "measure", "design", "value", "difference", "interval", "readers", "cases", "spread", "conclusion"]
COLUMNS = [*KEY, "share", "low", "high", "width", "sets", "holds"]


@dataclass(frozen=True)
class Setting:
    """One design: ``cases`` of one source (for areas: absent, present), share of missing readings, true values."""

    design: str
    measure: str
    readers: int
    cases: tuple[int, ...]
    values: tuple[float, float]
    case_share: float = 0.2
    thresholds: tuple[float, ...] = FIVE_GRADES
    missing: float = 0.0


def settings() -> list[Setting]:
    """All designs."""
    high, middle = (0.98, 0.88), (0.8, 0.7)
    return [
        Setting("two readers", ACCURACY, 2, (25,), middle, thresholds=CHOICE),
        Setting("two readers", ACCURACY, 2, (100,), middle, thresholds=CHOICE),
        Setting("two readers, unequal classes", AREA, 2, (90, 15), (0.85, 0.75)),
        Setting("three readers", ACCURACY, 3, (100,), middle, thresholds=CHOICE),
        Setting("three readers", AREA, 3, (50, 50), (0.85, 0.75)),
        Setting("near 1", ACCURACY, 3, (20,), (0.99, 0.89), thresholds=CHOICE),
        Setting("near 1", ACCURACY, 3, (20,), high, thresholds=CHOICE),
        Setting("near 1", ACCURACY, 5, (100,), high, thresholds=CHOICE),
        Setting("near 1", AREA, 3, (25, 25), high),
        Setting("near 1", AREA, 5, (50, 50), high),
        Setting("unequal classes", AREA, 4, (90, 15), (0.9, 0.8)),
        Setting("ties at 0", AREA, 4, (40, 40), middle, thresholds=TIES),
        Setting("a quarter missing", ACCURACY, 4, (60,), middle, thresholds=CHOICE, missing=0.25),
        Setting("a quarter missing", AREA, 4, (40, 40), (0.85, 0.75), missing=0.25),
        Setting("case share 0.8", ACCURACY, 4, (60,), middle, 0.8, CHOICE),
        Setting("case share 0.8", AREA, 4, (40, 40), (0.85, 0.75), 0.8),
    ]


def table(sets: int, seed: int) -> pd.DataFrame:
    """Coverage of 95 % intervals and errors of one-sided tests at 5 %, from ``sets`` studies in each setting.

    Columns: what ("coverage"; "equivalence" or "non-inferiority at the margin": how often it is claimed when the true
    difference lies on the margin), measure, design, value (of the better source), difference (of the two; NaN for one),
    interval, readers, cases (of one source), spread, conclusion, share, (low, high) its 95 % Monte Carlo interval,
    width (mean), sets, and holds (coverage at least 93 %, error at most 6.5 %). The same seed gives the same table.
    """
    lines = []
    for setting in track(settings(), "Simulating", "settings"):
        for name, shares in READER_SHARES.items():
            key = {"measure": setting.measure, "design": setting.design, "readers": setting.readers}
            key |= {"cases": sum(setting.cases), "spread": name, "value": setting.values[0], "sets": sets}
            lines += [key | line for line in _lines(setting, shares, sets, seed)]
    found = pd.DataFrame(lines)
    low, high = zip(*(monte_carlo_interval(share, sets) for share in found["share"]), strict=True)
    least, most = np.transpose([HOLDS[what] for what in found["what"]])
    holds = (found["share"] >= least) & (found["share"] <= most)
    return found.assign(low=low, high=high, holds=holds)[COLUMNS]


def _lines(setting: Setting, shares: tuple[float, float], sets: int, seed: int) -> list[dict]:
    first, second, difference, own = _studies(setting, shares, sets, seed)
    true = setting.values[0] - setting.values[1]
    lines = []
    for conclusion in (THESE, LIKE):
        these = conclusion == THESE
        value, apart = (own[:, 0], own[:, 0] - own[:, 1]) if these else (setting.values[0], true)
        bounds = _alone(setting, first, conclusion, 0.95)
        none = {"difference": np.nan, "interval": WILSON, "conclusion": conclusion}
        lines.append(none | _counted(COVERAGE, (bounds[0] <= value) & (value <= bounds[1]), bounds))
        some = {"difference": round(true, 3), "interval": MOVER, "conclusion": conclusion}
        low, high = _mover(setting, (first, second, difference), conclusion, 0.95)
        lines.append(some | _counted(COVERAGE, (low <= apart) & (apart <= high), (low, high)))
        low, high = _mover(setting, (first, second, difference), conclusion, 0.9)
        lines.append(some | _counted(EQUIVALENCE, (low > -np.abs(apart)) & (high < np.abs(apart))))
        lines.append(some | _counted(NON_INFERIORITY, high < apart))
    return lines


def _counted(what: str, found: np.ndarray, bounds: tuple | None = None) -> dict:
    width = float(np.mean(bounds[1] - bounds[0])) if bounds else np.nan
    return {"what": what, "share": float(found.mean()), "width": width}


def _answers(setting: Setting) -> float:
    cases = 2.0 * min(setting.cases) if setting.measure == AREA else setting.cases[0]
    return answers_of(cases, setting.readers * (1.0 - setting.missing))


def _alone(setting: Setting, part: Spread, conclusion: str, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    side = (*part.of(conclusion), _answers(setting), part.between(conclusion))
    return wilson(part.value, *side, confidence)


def _mover(setting: Setting, parts: tuple[Spread, Spread, Spread], conclusion: str, confidence: float) -> tuple:
    alone = [(side.value, *_alone(setting, side, conclusion, confidence)) for side in parts[:2]]
    return mover_interval(*alone, correlation_of(*(part.of(conclusion)[0] for part in parts)))


def _studies(setting: Setting, shares: tuple[float, float], sets: int, seed: int) -> tuple:
    """Estimates of both sources, of their difference, and the drawn readers' own values (sets, 2)."""
    latent = Latent(*shares, setting.case_share, setting.thresholds)
    mean, truths = means(setting.measure, latent, list(setting.values)), len(setting.cases)
    most = max(setting.cases)
    generator = np.random.default_rng([seed, setting.readers, *setting.cases, round(1000 * setting.values[0])])
    step = max(1, _CHUNK // (2 * setting.readers * most * truths))
    found, own = [], []
    for start in range(0, sets, step):
        evidence = draw(latent, mean, setting.readers, most * truths, min(step, sets - start), generator)
        answers = grades(evidence.cases + evidence.readers, latent.thresholds)
        read = generator.random(answers.shape, dtype=np.float32) >= setting.missing
        read &= (np.arange(most) < np.array(setting.cases)[:, None])[:, None]
        parts = [_shown(influence_of_read(answers[:, s], read[:, s], len(latent.thresholds))) for s in range(2)]
        found.append([vars(SPREADS[setting.measure](part)) for part in (*parts, parts[0] - parts[1])])
        own.append(true_values(latent, mean, evidence.readers))
    joined = [
        Spread(*(np.concatenate([chunk[place][name] for chunk in found]) for name in found[0][place]))
        for place in range(3)
    ]
    return *joined, np.concatenate(own)


def _shown(part: Influence) -> Influence:
    """The same without the columns of cases that no reader of any study has read."""
    kept = part.cases.any(axis=tuple(range(part.cases.ndim - 1)))
    return Influence(part.value, part.cases[..., kept], part.stratum[kept])


if __name__ == "__main__":
    remake(table, COMMITTED)
