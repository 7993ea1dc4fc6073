"""Does an image show what was requested? A classifier's AUROC on the requested finding, with real images as ceiling."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from helpers.errors import MetricError
from helpers.findings import Findings
from helpers.placements import placements
from helpers.tables import REAL

CONFIDENCE = 0.95
METRIC = "condition_auroc"


@dataclass(frozen=True)
class Auroc:
    """Area under the ROC curve with a 95 % interval, and the numbers of images with and without the finding."""

    value: float
    low: float
    high: float
    present: int
    absent: int

    @property
    def n(self) -> int:
        """Number of all images."""
        return self.present + self.absent


def auroc(truth: np.ndarray, score: np.ndarray, groups: np.ndarray | None = None) -> Auroc:
    """AUROC of scores (n,) for truth (n,) of 1 and 0; interval on the logit scale; images of a group are dependent.

    The variance is that of Obuchowski 1997 (Biometrics 53:567) for clustered data: the structural components
    of DeLong et al. 1988 summed within a group, such as a patient; with one image per group it is DeLong's.
    If all pairs are ordered alike the variance is 0 and uninformative; the interval is then the exact one for
    as many disjoint pairs as there are. Raises MetricError unless both classes have 2 images and scores are finite.
    """
    truth, score = np.asarray(truth), np.asarray(score, dtype=float)
    if not np.isin(truth, (0, 1)).all() or not np.isfinite(score).all():
        raise MetricError("auroc: truth must be 1 or 0 and every score finite")
    present, absent = int((truth == 1).sum()), int((truth == 0).sum())
    if min(present, absent) < 2:
        raise MetricError(f"auroc: {present} present and {absent} absent images; at least 2 of each are needed")
    value = float(roc_auc_score(truth, score))
    groups = np.arange(len(truth)) if groups is None else np.unique(groups, return_inverse=True)[1]
    variance = _variance(truth, score, groups, value)
    return Auroc(value, *_interval(value, variance, min(present, absent)), present, absent)


def _variance(truth: np.ndarray, score: np.ndarray, groups: np.ndarray, value: float) -> float:
    """Obuchowski 1997, eq. 4: components summed within groups, within and between the classes."""
    n1, n0, count = int((truth == 1).sum()), int((truth == 0).sum()), groups.max() + 1
    parts = components(truth, score) - value
    first = np.bincount(groups[truth == 1], parts[truth == 1], minlength=count)
    second = np.bincount(groups[truth == 0], parts[truth == 0], minlength=count)
    groups1, groups0 = len(np.unique(groups[truth == 1])), len(np.unique(groups[truth == 0]))
    if min(groups1, groups0) < 2:
        raise MetricError("auroc: all images of a class belong to one patient; no interval can be given")
    s10 = groups1 / ((groups1 - 1) * n1) * np.sum(first**2)
    s01 = groups0 / ((groups0 - 1) * n0) * np.sum(second**2)
    s11 = count / (count - 1) * np.sum(first * second)
    return max(s10 / n1 + s01 / n0 + 2 * s11 / (n1 * n0), 0.0)


def components(truth: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Structural components of DeLong et al. 1988, (n,): for an image with the finding, the share of those without it
    that score lower; for one without, the share of those with it that score higher; ties count half."""
    positive, negative = score[truth == 1], score[truth == 0]
    found = np.empty(len(score))
    found[truth == 1] = placements(negative, positive)
    found[truth == 0] = 1 - placements(positive, negative)
    return found


def influence(truth: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Contribution of each image to the AUROC, (n,): the sum of squares is DeLong's variance for independent images."""
    parts, found = components(truth, score), np.empty(len(score))
    for state in (0, 1):
        own = truth == state
        found[own] = (parts[own] - parts[own].mean()) / np.sqrt(own.sum() * (own.sum() - 1))
    return found


def _interval(value: float, variance: float, pairs: int) -> tuple[float, float]:
    tail = (1 - CONFIDENCE) / 2
    if value in (0.0, 1.0):
        edge = tail ** (1 / pairs)  # all of ``pairs`` independent pairs are ordered this way
        return (edge, 1.0) if value == 1.0 else (0.0, 1 - edge)
    spread = stats.norm.ppf(1 - tail) * np.sqrt(variance) / (value * (1 - value))
    logit = np.log(value / (1 - value))
    return tuple(float(expit(logit + side * spread)) for side in (-1, 1))


@dataclass(frozen=True)
class Judged:
    """A classifier's scores (n,) for one finding on one source's images, with the truth (n,), 1 or 0: the label of real
    images, the request for synthetic ones. ``groups`` (n,): patients; each synthetic image is its own group, and no
    two findings share one."""

    source: str
    finding: str
    truth: np.ndarray
    score: np.ndarray
    groups: np.ndarray

    def row(self, metric: str) -> dict:
        """A row of the metrics table without its value."""
        blank = {"value": np.nan, "low": np.nan, "high": np.nan}
        row = {"source": self.source, "finding": self.finding, "present": None, "metric": metric}
        return row | blank | {"n": len(self.truth), "method": ""}


def judged(
    held_out: pd.DataFrame,
    real_scores: np.ndarray,
    samples: pd.DataFrame,
    sample_scores: np.ndarray,
    findings: Findings,
) -> list[Judged]:
    """Scores and truth for every finding and source, real first; scores (n, findings) have the rows of their tables.

    Real images count if their label is known; of a synthetic source, only the images of that finding's two cells.
    """
    labels, patients = findings.condition_labels(held_out), held_out["patient_id"].to_numpy()
    found = []
    for k, finding in enumerate(findings.names):
        known = labels[:, k] >= 0
        found.append(Judged(REAL, finding, labels[known, k].astype(int), real_scores[known, k], patients[known]))
        for source in samples["source"].unique():
            asked = ((samples["source"] == source) & (samples["finding"] == finding)).to_numpy()
            truth = samples.loc[asked, "present"].to_numpy(dtype=int)
            found.append(Judged(source, finding, truth, sample_scores[asked, k], np.flatnonzero(asked)))
    return found


def wording_table(
    held_out: pd.DataFrame,
    real_scores: np.ndarray,
    samples: pd.DataFrame,
    sample_scores: np.ndarray,
    findings: Findings,
) -> pd.DataFrame:
    """``condition_table`` of the images that were requested in several wordings, with the prompt template as source.

    If several sources take prompts, the name of the source precedes that of the template. Empty, with the same
    columns, if no source was prompted with two or more templates.
    """
    told = pd.Series(False, index=samples.index)
    if "template" in samples:
        told = samples.groupby("source")["template"].transform("nunique") >= 2
    own, scores = samples[told], sample_scores[told.to_numpy()]
    named = own["template"] if own["source"].nunique() < 2 else own["source"] + ", " + own["template"]
    table = condition_table(judged(held_out, real_scores, own.assign(source=named), scores, findings))
    return table if len(own) else table.iloc[:0]


def condition_table(judgements: list[Judged]) -> pd.DataFrame:
    """AUROC on the label (real, the ceiling) or on the request (synthetic), by source and finding, as a tidy table.

    A row without a finding is the mean over findings, which share patients; it is given if all findings are. If there
    are too few images, the value is missing and ``method`` says why.
    Columns: source, finding, present (missing), metric, value, low, high, n, method.
    """
    rows = [_row(judgement) for judgement in judgements]
    for source in dict.fromkeys(judgement.source for judgement in judgements):
        own = [place for place, judgement in enumerate(judgements) if judgement.source == source]
        rows.append(_mean_row([judgements[place] for place in own], [rows[place] for place in own]))
    return pd.DataFrame(rows).astype({"present": "Int64"})


def _row(judgement: Judged) -> dict:
    row, clustered = judgement.row(METRIC), judgement.source == REAL
    try:
        found = auroc(judgement.truth, judgement.score, judgement.groups)
    except MetricError as error:
        return row | {"method": f"not given: {error}"}
    method = f"DeLong interval, {'by patient, ' if clustered else ''}{found.present} present"
    return row | {"value": found.value, "low": found.low, "high": found.high, "n": found.n, "method": method}


def _mean_row(judgements: list[Judged], rows: list[dict]) -> dict:
    """Mean AUROC over findings; its variance is from the contribution of each patient over all findings."""
    row = rows[0] | {"finding": None, "value": np.nan, "low": np.nan, "high": np.nan, "n": sum(r["n"] for r in rows)}
    if any(np.isnan(r["value"]) for r in rows):
        return row | {"method": "not given: a finding is missing"}
    value = float(np.mean([r["value"] for r in rows]))
    parts = [influence(j.truth, j.score) / len(rows) for j in judgements]
    groups = np.unique(np.concatenate([j.groups for j in judgements]), return_inverse=True)[1]
    variance = float((np.bincount(groups, np.concatenate(parts)) ** 2).sum())
    pairs = min(min((j.truth == state).sum() for state in (0, 1)) for j in judgements)
    low, high = _interval(value, variance, pairs)
    return row | {"value": value, "low": low, "high": high, "method": "mean over findings, DeLong interval"}
