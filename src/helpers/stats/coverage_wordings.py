"""Power, type I error and coverage for the effect of wording, in simulated studies of three wordings.

Studies have the sizes of the default plan: three readers and, for one source, two images in each cell for each
template. Either all templates are alike, or one ignores "absent": whatever it is asked for, its images show the
finding, so that its area under the ROC curve is 1/2. Many studies are analysed at once, with the same results as the
notebooks get from a table of readings (``rows_of``, ``wordings.by_wording``). The table next to this module was made by
``python -m helpers.stats.coverage_wordings``.
"""

from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.findings import ORIGINAL
from helpers.progress import track
from helpers.stats.coverage import COVERAGE, FIVE_GRADES, READER_SHARES, TYPE_ONE, remake
from helpers.stats.crossed import LIKE, THESE, Influence, t_interval, t_p_value
from helpers.stats.latent import Latent, expected_score
from helpers.stats.power import LEVEL, SPREADS, monte_carlo_interval
from helpers.stats.roe_metz import ACCURACY, AREA, Evidence, draw, grades, influence, means, true_values
from helpers.stats.wordings import LIKE_WORDINGS, like_these

COMMITTED = Path(__file__).with_suffix(".csv")
TEMPLATES = ("impression", "negated", "original")  # in the order of the statistics
IGNORES = len(TEMPLATES) - 1  # index of the template whose images show the finding even when it should be absent
FINDINGS = ORIGINAL.names
READERS, PER_CELL = 3, (2, 8)  # of the default plan: 6 images in each cell, two of each template; and a larger one
CASE_SHARE = 0.2
VALUES = {ACCURACY: 0.7, AREA: 0.8}
THRESHOLDS = {ACCURACY: (-0.3, 0.3), AREA: FIVE_GRADES}
SAME, IGNORED, VARY = "templates alike", "one ignores absent", "templates drawn at random"
WORDING_SHARE = 0.05  # variance of the evidence due to the template, when templates are drawn at random
SETTINGS = ((ACCURACY, SAME), (ACCURACY, VARY), (AREA, SAME), (AREA, IGNORED))
ANY, FOUND, OFF = "type I error, any pair", "power", "estimate minus truth"
KEY = ["what", "measure", "truth", "difference", "spread", "cases", "conclusion"]
COLUMNS = [*KEY, "share", "low", "high", "sets"]


def table(sets: int, seed: int) -> pd.DataFrame:
    """Results of ``sets`` simulated studies of each setting.

    Columns: what ("type I error" of two templates, and of any of three pairs after Holm's correction; "power";
    "coverage" of the interval of their difference, or of the mean over wordings; "estimate minus truth", a mean),
    measure ("accuracy", "auc"), truth ("templates alike", "one ignores absent", "templates drawn at random"),
    difference (the true one), spread, cases (of each template), conclusion, share, (low, high) its 95 % Monte Carlo
    interval, and sets. The same seed gives the same table.
    """
    lines = []
    for setting in track(list(product(SETTINGS, READER_SHARES, PER_CELL)), "Simulating", "settings"):
        (measure, truth), spread, per_cell = setting
        key = {"measure": measure, "truth": truth, "spread": spread, "cases": cases_of(per_cell), "sets": sets}
        lines += [key | line for line in _lines(measure, truth, spread, per_cell, sets, seed)]
    return pd.DataFrame(lines)[COLUMNS]


def cases_of(per_cell: int) -> int:
    """Number of cases of each template: every finding present and absent."""
    return 2 * per_cell * len(FINDINGS)


def latent_of(measure: str, spread: str) -> Latent:
    """The model of a setting."""
    return Latent(*READER_SHARES[spread], CASE_SHARE, THRESHOLDS[measure])


def means_of(measure: str, truth: str) -> np.ndarray:
    """Mean evidence (templates, truths); for a template that ignores "absent", the same for both truths."""
    found = means(measure, latent_of(measure, next(iter(READER_SHARES))), [VALUES[measure]] * len(TEMPLATES))
    if truth == IGNORED:
        found[IGNORES, 0] = found[IGNORES, 1]
    return found


def planted(measure: str, truth: str) -> float:
    """True difference between the first template and the one that may ignore "absent", for all readers."""
    return round(VALUES[measure] - 0.5, 3) if truth == IGNORED else 0.0


def studies(
    measure: str, truth: str, spread: str, per_cell: int, sets: int, seed: int
) -> tuple[np.ndarray, Evidence]:  # fmt: skip
    """Grades of simulated studies (sets, templates, truths, readers, cases) and the evidence behind them."""
    generator = np.random.default_rng([seed, per_cell, *map(ord, measure + truth)])
    latent = latent_of(measure, spread)
    evidence = draw(latent, means_of(measure, truth), READERS, cases_of(per_cell), sets, generator)
    seen = evidence.cases + evidence.readers
    if truth == VARY:
        seen = seen + WORDING_SHARE**0.5 * generator.standard_normal((sets, len(TEMPLATES), 1, 1, 1), dtype=np.float32)
    return grades(seen, latent.thresholds), evidence


def rows_of(measure: str, answers: np.ndarray) -> pd.DataFrame:
    """Analysed readings of one study (templates, truths, readers, cases), as notebooks 08 and 09 have them."""
    template, truth, reader, case = np.indices(answers.shape).reshape(4, -1)
    rows = pd.DataFrame({"source": "diffusion", "template": np.array(TEMPLATES)[template], "truth": truth})
    rows["reader"] = np.char.add("reader-", (reader + 1).astype(str))
    rows["case"] = [f"{t}-{side}-{n}" for t, side, n in zip(rows["template"], truth, case, strict=True)]
    rows["finding"] = np.array(FINDINGS)[case // (answers.shape[-1] // len(FINDINGS))]
    if measure == ACCURACY:
        right = np.array([0, None, 1], dtype=object)[answers.ravel()]
        return rows.assign(correct=pd.array(right, dtype="Int64"))
    return rows.assign(rating=answers.ravel() - 2.0)


def of_template(measure: str, answers: np.ndarray) -> Influence:
    """Accuracy, or the area averaged over findings, of each reader in studies of one template."""
    highest = len(THRESHOLDS[measure])
    if measure == ACCURACY:
        return influence(answers, highest)
    parts = [influence(own, highest) for own in np.split(answers, len(FINDINGS), axis=-1)]
    count = len(parts)
    cases = np.concatenate([part.cases / count for part in parts], axis=-1)
    stratum = np.concatenate([part.stratum + 2 * place for place, part in enumerate(parts)])
    return Influence(sum(part.value for part in parts) / count, cases, stratum)


def minus(first: Influence, second: Influence) -> Influence:
    """Difference of two templates, which share readers but no cases."""
    cases = np.concatenate([first.cases, -second.cases], axis=-1)
    stratum = np.concatenate([first.stratum, second.stratum + first.stratum.max() + 1])
    return Influence(first.value - second.value, cases, stratum)


def _lines(measure: str, truth: str, spread: str, per_cell: int, sets: int, seed: int) -> list[dict]:
    """Results of the studies of one setting."""
    answers, evidence = studies(measure, truth, spread, per_cell, sets, seed)
    parts = [of_template(measure, answers[:, place]) for place in range(len(TEMPLATES))]
    if truth == VARY:
        return [{"difference": np.nan, "conclusion": LIKE_WORDINGS} | _share(COVERAGE, _held(parts, varying_mean()))]
    own = true_values(latent_of(measure, spread), means_of(measure, truth), evidence.readers)
    lines = []
    for conclusion in (THESE, LIKE):
        line = {"difference": planted(measure, truth), "conclusion": conclusion}
        lines += [line | found for found in _of_pairs(measure, truth, conclusion, parts, own)]
    return lines


def _of_pairs(measure: str, truth: str, conclusion: str, parts: list[Influence], own: np.ndarray) -> list[dict]:
    """Results for differences: of the first template and the one that may ignore "absent", and of all pairs."""
    pairs = list(combinations(range(len(parts)), 2))
    found = {pair: SPREADS[measure](minus(*(parts[place] for place in pair))) for pair in pairs}
    main = (0, IGNORES)
    apart = own[:, main[0]] - own[:, main[1]] if conclusion == THESE else planted(measure, truth)
    low, high = t_interval(found[main].value, *found[main].of(conclusion))
    lines = [_share(COVERAGE, (low <= apart) & (apart <= high)), _mean(OFF, found[main].value - apart)]
    if truth == IGNORED:
        return [*lines, _share(FOUND, t_p_value(found[main].value, *found[main].of(conclusion)) < LEVEL)]
    p_values = np.stack([_p_value(found[pair], own, pair, conclusion) for pair in pairs])
    any_pair = (len(pairs) * p_values < LEVEL).any(axis=0)  # Holm's first step
    return [*lines, _share(TYPE_ONE, p_values[pairs.index(main)] < LEVEL), _share(ANY, any_pair)]


def varying_mean() -> float:
    """Mean accuracy over all templates when they are drawn at random."""
    scale = (1 + WORDING_SHARE) ** 0.5
    mean = means_of(ACCURACY, SAME)[0, 0]
    return float(expected_score(np.array(mean / scale), np.array(THRESHOLDS[ACCURACY]) / scale))


def _p_value(found, own: np.ndarray, pair: tuple[int, int], conclusion: str) -> np.ndarray:
    """p value of the true difference: these readers' own, or zero for readers like these; NaN counts as 1."""
    null = own[:, pair[0]] - own[:, pair[1]] if conclusion == THESE else 0.0
    return np.nan_to_num(t_p_value(found.value, *found.of(conclusion), null=null), nan=1.0)


def _held(parts: list[Influence], value: float) -> np.ndarray:
    """Whether the interval over readers and wordings contains the true mean, for each study."""
    values = np.stack([part.value for part in parts], axis=-1)  # (sets, readers, templates)
    held = []
    for own in values:
        reader, source = np.indices(own.shape).reshape(2, -1)
        found = like_these(pd.DataFrame({"reader": reader, "source": source, "value": own.ravel()})).iloc[0]
        held.append(found["low"] <= value <= found["high"])
    return np.array(held)


def _share(what: str, found: np.ndarray) -> dict:
    share = float(np.mean(found))
    low, high = monte_carlo_interval(share, len(found))
    return {"what": what, "share": share, "low": low, "high": high}


def _mean(what: str, values: np.ndarray) -> dict:
    mean, half = float(values.mean()), 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5
    return {"what": what, "share": mean, "low": mean - half, "high": mean + half}


if __name__ == "__main__":
    remake(table, COMMITTED)
