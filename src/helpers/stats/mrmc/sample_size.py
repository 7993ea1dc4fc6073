"""Power and sample size of the next study in closed form, from the variance components of this one.

Hillis, Obuchowski and Berbaum 2011, Academic Radiology 18:129, and for the other designs Hillis and Schartz 2018,
Journal of Medical Imaging 5:045503. Two treatments, each with r readers and c cases, are found to differ by d in the
figure of merit when F with 1 and df2 degrees of freedom and the noncentrality

    r d^2 / (2 (B + S))         df2 = df ((B + S) / B)^2

exceeds its critical value. B is the expected reader-by-treatment mean square, S what readers share through their cases;
a covariance of the pilot with C cases is multiplied by s = C / c. Cov2 - Cov3 is taken as zero if negative.

    design            B                                                 S                    df
    paired            Var(TR) + s (Var - Cov1 - Cov2 + Cov3)            r s (Cov2 - Cov3)    r - 1
    unpaired cases    Var(TR) + s (Var - Cov2)                          r s Cov2             r - 1
    unpaired readers  Var(R) + Var(TR) + s (Var - Cov2)                 r s (Cov2 - Cov3)    2 (r - 1)
    unpaired          Var(R) + Var(TR) + s (Var - Cov2)                 r s Cov2             2 (r - 1)
    split-plot        Var(TR) + g s (Var - Cov1 - Cov2 + Cov3)          r s (Cov2 - Cov3)    r - g
    nested            Var(TR) + r s (Var - Cov1)                        0                    r - 1

In a split-plot design g groups of r / g readers each read c / g of the cases, in both treatments; in a nested design
each reader has c / r cases of their own. For these readers (fixed ones) Var(R) and Var(TR) are left out and F becomes a
chi-square; for these cases S is left out.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import chi2, f, ncf, nct, ncx2, t

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mrmc.obuchowski_rockette import CONCLUSIONS, THESE_CASES
from helpers.stats.mrmc.pilot import Pilot

PAIRED, SPLIT_PLOT, NESTED = "paired", "split-plot", "nested"
UNPAIRED, UNPAIRED_CASES, UNPAIRED_READERS = "unpaired", "unpaired cases", "unpaired readers"
DESIGNS = (PAIRED, UNPAIRED_CASES, UNPAIRED_READERS, UNPAIRED, SPLIT_PLOT, NESTED)
TRIED = np.unique(np.concatenate([np.arange(2, 1001), np.geomspace(1000, 100_000, 500).astype(int)]))  # cases
FEW_READERS = "not estimable: too few readers for this design"
CONFOUNDED = "not estimable: treatments differ in their {what}, which are taken as fixed"


@dataclass(frozen=True)
class Plan:
    """Settings of a plan besides readers and cases: ``design`` (of ``DESIGNS``), ``groups`` of a split plot,
    ``conclusion``, ``alpha`` of the two-sided test; with a ``margin``, of the one-sided test that the first treatment
    is worse by less than the margin, at half of ``alpha``."""

    design: str = PAIRED
    groups: int = 2
    conclusion: str = LIKE
    alpha: float = 0.05
    margin: float | None = None

    def __post_init__(self):
        if self.design not in DESIGNS:
            raise StatisticsError(f"design = {self.design!r}: choose one of {', '.join(DESIGNS)}")
        if self.conclusion not in CONCLUSIONS:
            raise StatisticsError(f"conclusion = {self.conclusion!r}: choose one of {', '.join(CONCLUSIONS)}")
        if not 0 < self.alpha < 1 or (self.margin is not None and self.margin < 0):
            raise StatisticsError(f"alpha = {self.alpha}, margin = {self.margin}: give 0..1, and 0 or more")


def power(known: Pilot, difference: float, readers, cases, plan: Plan = Plan()):
    """Power to find ``difference`` with ``readers`` and ``cases`` of each treatment (numbers or arrays); NaN if the
    plan cannot be estimated.

    >>> van_dyke = Pilot(114, .00080229, .00034661, .00034407, .00023903, .00020040)
    >>> round(float(power(van_dyke, .0438, 10, 165)), 3)
    0.805
    """
    total, degrees = _mean_square(known, np.asarray(readers, float), np.asarray(cases, float), plan)
    with np.errstate(invalid="ignore", divide="ignore"):
        if plan.margin is not None:
            distance = (difference + plan.margin) * np.sqrt(np.asarray(readers, float) / (2.0 * total))
            finite = np.minimum(degrees, 1e6)  # scipy's noncentral t has no infinite degrees of freedom
            return nct.sf(t.isf(plan.alpha / 2, finite), finite, distance)
        away = np.asarray(readers, float) * difference**2 / (2.0 * total)
        away = np.maximum(away, 1e-12)  # at 0 scipy's noncentral F gives negative probabilities
        many = ncx2.sf(chi2.isf(plan.alpha, 1), 1, away)
        few = ncf.sf(f.isf(plan.alpha, 1, degrees), 1, degrees, away)
    return np.where(np.isinf(degrees), many, few)


def power_map(
    known: Pilot, difference: float, readers: list[int], cases: list[int], plan: Plan = Plan()
) -> pd.DataFrame:
    """Power for every combination of numbers of readers and of cases, for each conclusion.

    Columns: design, conclusion, readers, cases (of each treatment), all_readers, all_cases (of the study), difference,
    power, note.

    >>> van_dyke = Pilot(114, .00080229, .00034661, .00034407, .00023903, .00020040)
    >>> table = power_map(van_dyke, 0.0438, readers=[5, 10], cases=[165]).query("conclusion == 'readers like these'")
    >>> table[["readers", "cases", "power"]].round(3).values.tolist()
    [[5.0, 165.0, 0.618], [10.0, 165.0, 0.805]]
    """
    r, c = (side.ravel() for side in np.meshgrid(readers, cases, indexing="ij"))
    doubled = (plan.design in (UNPAIRED, UNPAIRED_READERS)), (plan.design in (UNPAIRED, UNPAIRED_CASES))
    tables = []
    for conclusion in CONCLUSIONS:
        own = replace(plan, conclusion=conclusion)
        table = pd.DataFrame({"readers": r, "cases": c, "all_readers": r * (1 + doubled[0])})
        table = table.assign(
            all_cases=c * (1 + doubled[1]), difference=difference, power=power(known, difference, r, c, own)
        )
        tables.append(table.assign(design=plan.design, conclusion=conclusion, note=_note(known, own)))
    columns = ["design", "conclusion", *tables[0].columns.drop(["design", "conclusion"])]
    return pd.concat(tables, ignore_index=True)[columns]


def cases_needed(
    known: Pilot, difference: float, readers: list[int], plan: Plan = Plan(), target: float = 0.8
) -> pd.DataFrame:
    """Smallest number of cases of each treatment that gives power ``target``, for each number of readers.

    Columns: design, conclusion, readers, cases (NaN if up to 100,000 do not suffice), power, note.

    >>> van_dyke = Pilot(114, .00080229, .00034661, .00034407, .00023903, .00020040)
    >>> cases_needed(van_dyke, 0.0438, readers=[5, 8, 10])["cases"].tolist()
    [344.0, 188.0, 163.0]
    """
    lines, note = [], _note(known, plan)
    for number in readers:
        found = power(known, difference, number, TRIED, plan)
        enough = np.flatnonzero(found >= target)
        if len(enough):
            cases = np.arange(TRIED[max(enough[0] - 1, 0)], TRIED[enough[0]] + 1)
            found = power(known, difference, number, cases, plan)
            first = int(np.argmax(found >= target))
            lines.append((plan.design, plan.conclusion, number, float(cases[first]), float(found[first]), note))
            continue
        most = "" if np.isnan(found).all() else f"no number of cases suffices: power stays below {np.nanmax(found):.3f}"
        said = "; ".join(filter(None, [note, most or (FEW_READERS if not note.startswith("not") else "")]))
        lines.append((plan.design, plan.conclusion, number, np.nan, np.nan, said))
    return pd.DataFrame(lines, columns=["design", "conclusion", "readers", "cases", "power", "note"])


def designs_needed(known: Pilot, difference: float, readers: list[int], target: float = 0.8) -> pd.DataFrame:
    """``cases_needed`` for every design (a split plot of two groups), for random and for fixed readers.

    >>> van_dyke = Pilot(114, .00080229, .00034661, .00034407, .00023903, .00020040)
    >>> table = designs_needed(van_dyke, 0.0438, readers=[10]).query("conclusion == 'readers like these'")
    >>> table["cases"].astype(int).tolist()  # in the order of DESIGNS, of each treatment
    [163, 443, 173, 439, 211, 678]
    """
    plans = [Plan(design, conclusion=conclusion) for design in DESIGNS for conclusion in (LIKE, THESE)]
    return pd.concat([cases_needed(known, difference, readers, plan, target) for plan in plans], ignore_index=True)


def side_by_side(needed: pd.DataFrame) -> pd.DataFrame:
    """Cases of ``designs_needed`` by design and conclusion, a column for each number of readers; empty stays empty."""
    if needed.empty:
        return needed
    words = needed.assign(readers=needed["readers"].map("{} readers".format))
    wide = words.pivot_table("cases", ["design", "conclusion"], "readers", sort=False, dropna=False)
    return wide.rename_axis(columns=None).reset_index()


def detectable(known: Pilot, readers: int, cases: float, plan: Plan = Plan(), target: float = 0.8) -> float:
    """Smallest difference that is found with power ``target``; NaN if none below 1 is.

    >>> van_dyke = Pilot(114, .00080229, .00034661, .00034407, .00023903, .00020040)
    >>> round(detectable(van_dyke, readers=10, cases=165, target=0.805), 3)
    0.044
    """
    gap = lambda difference: float(power(known, difference, readers, cases, plan)) - target  # noqa: E731
    lowest = 0.0 if plan.margin is None else -plan.margin
    return float(brentq(gap, lowest, 1.0)) if gap(lowest) < 0 < gap(1.0) else np.nan


def _mean_square(known: Pilot, readers: np.ndarray, cases: np.ndarray, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """B + S of a plan, given what is random in it, and its degrees of freedom; NaN if not estimable."""
    scale = known.cases / cases
    apart, interaction = plan.design in (UNPAIRED, UNPAIRED_READERS), known.treatment_reader
    if apart or plan.design == UNPAIRED_CASES:
        by_case, degrees = scale * (known.error - known.cov2), (1.0 + apart) * (readers - 1.0)
        interaction = interaction + known.reader * apart
        shared = readers * scale * (known.shared if plan.design == UNPAIRED_READERS else max(known.cov2, 0.0))
    elif plan.design == NESTED:
        by_case, shared, degrees = readers * scale * (known.error - known.cov1), 0.0 * scale, readers - 1.0
    else:
        groups = plan.groups if plan.design == SPLIT_PLOT else 1
        by_case = groups * scale * (known.error - known.cov1 - known.shared)
        shared, degrees = readers * scale * known.shared, readers - float(groups)
    if plan.conclusion == THESE:
        total, degrees = by_case + shared, np.full_like(by_case + shared, np.inf)
    else:
        between = interaction + by_case
        total = between + (shared if plan.conclusion == LIKE else 0.0)
        degrees = degrees * (total / between) ** 2
    possible = (total > 0) & (degrees > 0) & (not _note(known, plan).startswith("not"))
    return np.where(possible, total, np.nan), np.where(possible, degrees, np.nan)


def _note(known: Pilot, plan: Plan) -> str:
    if plan.conclusion == THESE and plan.design in (UNPAIRED, UNPAIRED_READERS):
        return CONFOUNDED.format(what="readers")
    if plan.conclusion == THESE_CASES and plan.design in (UNPAIRED, UNPAIRED_CASES):
        return CONFOUNDED.format(what="cases")
    return "" if plan.design in (UNPAIRED, UNPAIRED_CASES) else known.note
