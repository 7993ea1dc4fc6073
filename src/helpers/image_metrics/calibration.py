"""Is the classifier's confidence in the requested finding justified, and which findings does it see instead?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit
from statsmodels.stats.proportion import proportion_confint

from helpers.findings import Findings, in_cell
from helpers.image_metrics.comparison import COLUMNS
from helpers.image_metrics.condition import CONFIDENCE, Judged
from helpers.tables import REAL

BRIER, CALLED = "condition_brier", "called_present"
BINS = 5
FEWEST = 5  # images needed for a point of the reliability curve


def at_equal_odds(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Probabilities (n, findings) as if present and absent were equally common, as in requests for synthetic images.

    ``labels`` int8 (m, findings) of the training images give the prevalence that the classifier has learned to expect
    (Saerens et al. 2002, Neural Computation 14:21, eq. 4). A value above one half then means that the image is more
    likely with the finding than without.
    """
    present, absent = (labels == 1).sum(axis=0) + 0.5, (labels == 0).sum(axis=0) + 0.5
    odds = probabilities / np.maximum(1 - probabilities, 1e-12) * absent / present
    return odds / (1 + odds)


def calibration_table(judgements: list[Judged]) -> pd.DataFrame:
    """Brier score of the requested finding by source and finding, as a tidy table; real images by label.

    Mean squared error of probabilities at equal odds, with present and absent weighted equally: 0 is certain and
    right, 0.25 is the score of always saying "one half". The interval is from the influence of each patient. The mean
    does not depend on n. Columns as in ``compare``; present is missing.
    """
    return pd.DataFrame([_brier(judgement) for judgement in judgements], columns=COLUMNS).astype({"present": "Int64"})


def reliability_curves(judgements: list[Judged]) -> pd.DataFrame:
    """Share present among images given about the same probability, one image per patient.

    Columns: source, finding, predicted (mean probability at equal odds of the bin), share, low, high, n. The share is
    computed from the likelihood ratio of the bin, so it too is at equal odds; interval on the log scale (Simel et al.
    1991, J Clin Epidemiol 44:763). Bins of fewer than 5 images are left out.
    """
    rows = [row for judgement in judgements for row in _curve(judgement)]
    return pd.DataFrame(rows, columns=["source", "finding", "predicted", "share", "low", "high", "n"])


def confusion_table(
    held_out: pd.DataFrame, real: np.ndarray, samples: pd.DataFrame, made: np.ndarray, findings: Findings
) -> pd.DataFrame:
    """Share of each cell's images in which the classifier sees each finding.

    ``real`` and ``made``: probabilities at equal odds (n, findings). Columns: source, finding and present (the cell:
    as requested, or the label of real images), seen (finding), value, low, high, n. Wilson's interval, with the
    effective number of images if patients have several. The diagonal is the requested finding; the rest are findings
    left unspecified, as common as they are together with it.
    """
    rows = []
    for source, cell, chosen, groups in _cells(held_out, samples, findings):
        called = (real if source == REAL else made)[chosen] > 0.5
        for column, seen in enumerate(findings.names):
            value, low, high = proportion(called[:, column], groups)
            rows.append((source, cell.finding, cell.present, seen, value, low, high, int(chosen.sum())))
    return pd.DataFrame(rows, columns=["source", "finding", "present", "seen", "value", "low", "high", "n"])


def called_table(confusion: pd.DataFrame) -> pd.DataFrame:
    """The diagonal of ``confusion_table`` as rows of the metrics table: requested finding called present, by cell."""
    diagonal = confusion[confusion["finding"] == confusion["seen"]].drop(columns="seen")
    method = np.where(diagonal["n"] > 0, "share called present, Wilson interval", "not given: no images")
    return diagonal.assign(metric=CALLED, method=method)[COLUMNS].astype({"present": "Int64"}).reset_index(drop=True)


def proportion(hits: np.ndarray, groups: np.ndarray) -> tuple[float, float, float]:
    """Share of hits (n,) with Wilson's 95 % interval; images of a group (patient) are dependent; NaN without images.

    The effective number of images is n over the design effect of the groups, if that is above 1 (Korn and Graubard
    1998, Survey Methodology 24:193).
    """
    n = len(hits)
    if n == 0:
        return np.nan, np.nan, np.nan
    share = float(hits.mean())
    sums = np.bincount(np.unique(groups, return_inverse=True)[1], hits - share)
    independent = share * (1 - share) / max(n - 1, 1)
    clustered = len(sums) / max(len(sums) - 1, 1) * float((sums**2).sum()) / n**2
    effective = n / max(1.0, clustered / independent) if independent else len(sums)
    low, high = proportion_confint(share * effective, effective, 1 - CONFIDENCE, "wilson")
    return share, float(low), float(high)


def _cells(held_out: pd.DataFrame, samples: pd.DataFrame, findings: Findings) -> Iterator[tuple]:
    for cell in findings.cells:
        chosen = in_cell(held_out, cell).to_numpy()
        yield REAL, cell, chosen, held_out["patient_id"].to_numpy()[chosen]
    for source in samples["source"].unique():
        for cell in findings.cells:
            asked = (samples["finding"] == cell.finding) & (samples["present"] == cell.present)
            chosen = (asked & (samples["source"] == source)).to_numpy()
            yield source, cell, chosen, np.arange(chosen.sum())


def _brier(judgement: Judged) -> dict:
    truth, score, row = judgement.truth, judgement.score, judgement.row(BRIER)
    counts = {state: int((truth == state).sum()) for state in (0, 1)}
    if min(counts.values()) < 2:
        return row | {"method": f"not given: {counts[1]} present and {counts[0]} absent images"}
    errors = (score - truth) ** 2
    means = {state: errors[truth == state].mean() for state in (0, 1)}
    value = (means[0] + means[1]) / 2
    influence = np.where(truth == 1, (errors - means[1]) / counts[1], (errors - means[0]) / counts[0]) / 2
    sums = np.bincount(np.unique(judgement.groups, return_inverse=True)[1], influence)
    reach = stats.norm.ppf(0.5 + CONFIDENCE / 2) * np.sqrt(len(sums) / max(len(sums) - 1, 1) * (sums**2).sum())
    method = "present and absent weigh the same; interval by patient" if row["source"] == REAL else "interval by image"
    return row | {"value": value, "low": max(value - reach, 0.0), "high": value + reach, "method": method}


def _curve(judgement: Judged) -> Iterator[dict]:
    first = np.sort(np.unique(judgement.groups, return_index=True)[1])
    truth, score = judgement.truth[first], judgement.score[first]
    totals = {state: (truth == state).sum() for state in (0, 1)}
    if min(totals.values()) < 2:
        return
    bins = np.minimum((score * BINS).astype(int), BINS - 1)
    for place in range(BINS):
        inside = bins == place
        if inside.sum() < FEWEST:
            continue
        hits = {state: (inside & (truth == state)).sum() + 0.5 for state in (0, 1)}
        logit = np.log(hits[1] / (totals[1] + 1)) - np.log(hits[0] / (totals[0] + 1))
        variance = sum(1 / hits[state] - 1 / (totals[state] + 1) for state in (0, 1))
        reach = stats.norm.ppf(0.5 + CONFIDENCE / 2) * np.sqrt(max(variance, 0.0))
        share, low, high = expit([logit, logit - reach, logit + reach])
        yield {
            "source": judgement.source, "finding": judgement.finding, "predicted": float(score[inside].mean()),
            "share": share, "low": low, "high": high, "n": int(inside.sum()),
        }  # fmt: skip
