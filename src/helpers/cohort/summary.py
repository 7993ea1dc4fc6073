"""What is in a cohort, as tidy tables."""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from helpers.findings import Findings, in_cell
from helpers.tables import SPLITS


def wilson(share: float, n: float) -> tuple[float, float]:
    """95 % interval of a share out of ``n`` (which may be fractional), 0..1 (Wilson 1927)."""
    if n <= 0:
        return float("nan"), float("nan")
    return tuple(float(end) for end in proportion_confint(share * n, n, method="wilson"))


def effective_size(values: np.ndarray, patients: np.ndarray) -> float:
    """Number of images of different patients that would tell as much: n over the design effect, at most n.

    ``values`` are 0 or 1, shape (n,). The design effect is the between-patient variance of the mean (linearised,
    patients as clusters) over that of independent images (Kish 1965, Survey Sampling).
    """
    n, share = len(values), values.mean() if len(values) else 0.0
    totals = pd.Series(values - share).groupby(patients).sum().to_numpy()
    if share in (0.0, 1.0):
        return float(len(totals))
    clustered = max(np.sum(totals**2) / n**2, 1e-12)  # 0 if every patient's images cancel out
    return float(min(n, share * (1 - share) / clustered))


def prevalence(table: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Share of images with each finding among those labelled, by split and overall.

    Columns: finding, split (train, validate, test, all), present, absent, unlabelled (counts), share, low, high (0..1;
    95 % Wilson interval with the effective sample size, as images of one patient resemble each other).
    """
    rows = []
    for finding in findings.names:
        for split in (*SPLITS, "all"):
            part = table if split == "all" else table[table["split"] == split]
            labels = part[finding].astype("float64")
            known = labels.isin((0, 1))
            values = labels[known].to_numpy()
            share = float(values.mean()) if len(values) else float("nan")
            ends = wilson(share, effective_size(values, part["patient_id"][known].to_numpy()))
            counts = int(values.sum()), int((values == 0).sum()), int((~known).sum())
            rows.append((finding, split, *counts, share, *ends))
    columns = ["finding", "split", "present", "absent", "unlabelled", "share", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def co_occurrence(table: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """How often one finding occurs with another: columns given, finding, n, both, share.

    ``share`` is P(finding | given), 0..1, among the ``n`` images with ``given`` present and ``finding`` labelled;
    NaN if n is 0.
    """
    rows = []
    for given in findings.names:
        for finding in findings.names:
            labels = table.loc[table[given].eq(1).fillna(False).astype(bool), finding].astype("float64")
            labels = labels[labels.isin((0, 1))]
            n, both = len(labels), int(labels.sum())
            rows.append({"given": given, "finding": finding, "n": n, "both": both, "share": both / n if n else np.nan})
    return pd.DataFrame(rows)


def cell_counts(table: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Images and patients of each study cell in each split: finding, present, split, images, patients."""
    rows = []
    for cell in findings.cells:
        part = table[in_cell(table, cell)]
        for split in SPLITS:
            here = part.loc[part["split"] == split, "patient_id"]
            rows.append((*cell, split, len(here), here.nunique()))
    return pd.DataFrame(rows, columns=["finding", "present", "split", "images", "patients"])
