"""A fitted mixed model: tidy tables of its effects, and what is computed from it."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from helpers.errors import StatisticsError
from helpers.stats.mixed.contrasts import contrasts
from helpers.stats.mixed.effects import tables
from helpers.stats.mixed.estimate import Estimate
from helpers.stats.mixed.families import CumulativeLogit, Gaussian
from helpers.stats.mixed.laplace import Laplace
from helpers.stats.mixed.marginal import marginal
from helpers.stats.mixed.profile import profile
from helpers.stats.mixed.robust import robust
from helpers.stats.mixed.to_r import to_r


@dataclass(frozen=True)
class MixedFit:
    """A mixed model fitted by ``glmm.fit`` or ``clmm.fit_ordinal``.

    ``fixed``: term, estimate, standard_error, z, p, low, high (Wald, 95 %); binomial and ordinal on the logit scale.
    ``thresholds``: the same columns for the thresholds of an ordinal model, otherwise empty. ``random``: group, term,
    standard_deviation, correlation (with the group's first term; NaN for that one), levels (that have the effect); a
    Gaussian model has a last row "residual". ``log_likelihood``: by Laplace's approximation or quadrature (exact for
    Gaussian), restricted if REML was requested. ``converged``: a maximum was found. ``singular``: a variance is zero or
    a correlation one. ``notes``: sentences on what a reader of the tables should know; empty if there is nothing to
    note.
    """

    formula: str
    family: str
    fixed: pd.DataFrame
    thresholds: pd.DataFrame
    random: pd.DataFrame
    log_likelihood: float
    converged: bool
    singular: bool
    notes: tuple[str, ...]
    objective: Laplace = field(repr=False)
    estimate: Estimate = field(repr=False)

    def profile(self, terms: list[str] | None = None) -> pd.DataFrame:
        """95 % profile likelihood intervals; see ``profile.profile``."""
        return profile(self, terms)

    def marginal(self, by: list[str]) -> pd.DataFrame:
        """Population-averaged probabilities or means; see ``marginal.marginal``."""
        return marginal(self, by)

    def contrasts(self, column: str) -> pd.DataFrame:
        """Pairwise differences between the levels of a column; see ``contrasts.contrasts``."""
        return contrasts(self, column)

    def robust(self, cluster: str, correction: str = "CR1") -> pd.DataFrame:
        """Effects with cluster-robust standard errors; see ``robust.robust``."""
        return robust(self, cluster, correction)

    def to_r(self, folder: Path, name: str = "fit") -> Path:
        """Write the rows and an R script that repeats the fit; see ``to_r.to_r``."""
        return to_r(self, folder, name)


def assemble(objective: Laplace, estimate: Estimate) -> MixedFit:
    """Tables and notes of an estimate."""
    fixed, thresholds = tables(objective, estimate, estimate.covariance)
    return MixedFit(
        objective.design.formula.text,
        objective.family.name,
        fixed,
        thresholds,
        _random(objective, estimate),
        estimate.value,
        estimate.converged,
        estimate.singular,
        _notes(objective, estimate, fixed, thresholds),
        objective,
        estimate,
    )


def likelihood_ratio(smaller: MixedFit, larger: MixedFit) -> pd.DataFrame:
    """Likelihood ratio test of two nested models of the same rows: one row with statistic, df, p, note.

    The p value for a zero variance comes from the same chi-square distribution and is therefore too large (Self and
    Liang 1987, Journal of the American Statistical Association 82:605); the note says so if random terms differ. Raises
    StatisticsError for different rows, responses or quadrature points, for restricted likelihoods whose fixed terms
    differ, and if the larger model has no more parameters.

    >>> from helpers.stats.mixed.glmm import fit
    >>> counts = pd.DataFrame({"reader": list("aabbccdd"), "source": ["gan", "real"] * 4,
    ...     "right": [30, 24, 35, 28, 16, 12, 33, 25], "wrong": [10, 16, 5, 12, 24, 28, 7, 15]})
    >>> larger = fit("cbind(right, wrong) ~ source + (1 | reader)", counts)
    >>> smaller = fit("cbind(right, wrong) ~ 1 + (1 | reader)", counts)
    >>> likelihood_ratio(smaller, larger)[["statistic", "df", "p"]].round(3)
       statistic  df      p
    0      9.547   1  0.002
    """
    first, second = smaller.objective, larger.objective
    if smaller.family != larger.family or not _same_response(first.family, second.family):
        raise StatisticsError("the two models have other rows or responses; fit both to the same complete rows")
    if first.restricted != second.restricted:
        raise StatisticsError("one likelihood is restricted (reml) and one is not; fit both in the same way")
    if first.points != second.points:
        raise StatisticsError("the two likelihoods have other numbers of quadrature points; fit both with the same")
    if first.restricted and first.design.names != second.design.names:
        raise StatisticsError("restricted likelihoods of other fixed terms do not compare; fit both with reml=False")
    df = second.layout.size - first.layout.size
    if df <= 0:
        raise StatisticsError("the larger model has no more parameters than the smaller one; swap or change them")
    statistic = max(2.0 * (larger.log_likelihood - smaller.log_likelihood), 0.0)
    notes = [] if first.layout.theta == second.layout.theta else ["a variance is tested at zero: p is too large"]
    if not (smaller.converged and larger.converged):
        notes.append("a model has no finite maximum: see its notes")
    line = {"statistic": statistic, "df": df, "p": float(chdtrc(df, statistic)), "note": "; ".join(notes)}
    return pd.DataFrame([line])


def _same_response(first, second) -> bool:
    names = [n for n in ("successes", "trials", "response", "category") if hasattr(first, n)]
    return all(np.array_equal(getattr(first, n), getattr(second, n)) for n in names)


def _random(objective: Laplace, estimate: Estimate) -> pd.DataFrame:
    theta, nuisance, _ = objective.layout.parts(estimate.parameters)
    told = estimate.separation is not None and estimate.separation.is_complete
    lines = []
    for term, factor in zip(objective.design.random, objective.layout.factors(theta), strict=True):
        covariance = factor @ factor.T * (np.nan if told else 1.0)
        deviations = np.sqrt(np.diag(covariance))
        levels = len(np.unique(term.codes[term.values.any(axis=1)]))
        for place, name in enumerate(term.names):
            product = deviations[0] * deviations[place]
            correlation = covariance[0, place] / product if place and product > 0 else np.nan
            lines.append((term.term.name, name, deviations[place], correlation, levels))
    if isinstance(objective.family, Gaussian):
        lines.append(("residual", "", float(np.exp(nuisance[0])), np.nan, len(objective.design.rows)))
    return pd.DataFrame(lines, columns=["group", "term", "standard_deviation", "correlation", "levels"])


def _notes(objective: Laplace, estimate: Estimate, fixed: pd.DataFrame, thresholds: pd.DataFrame) -> tuple[str, ...]:
    notes = list(objective.design.notes)
    if estimate.singular:
        notes.append(
            "singular fit: a random standard deviation is zero or a correlation is one; the rows show no more "
            "spread than chance makes, or have too few levels to tell"
        )
    endless = [term for table in (fixed, thresholds) for term in table["term"][table["standard_error"].isna()]]
    if estimate.separation is not None and estimate.separation.is_complete:
        notes.append(
            "complete separation: all answers are predicted without error, which leaves nothing for random effects"
        )
    elif endless:
        have, ends = ("have", "ends of their intervals") if len(endless) > 1 else ("has", "end of its interval")
        notes.append(
            f"separation: some answers are predicted without error, so {', '.join(endless)} {have} no finite estimate; "
            f"profile() gives the finite {ends}"
        )
    elif not estimate.converged:
        notes.append("no maximum of the likelihood was found; the model is too rich for these rows: use fewer terms")
    if estimate.runaway:
        groups = ", ".join(estimate.runaway)
        notes.append(f"the standard deviation of {groups} grows without bound: its levels nearly determine the answers")
    lonely = [r.term.name for r in objective.design.random if len(r.levels) == len(r.codes)]
    if lonely and _one_answer_a_row(objective.family):
        notes.append(
            f"{', '.join(lonely)} has one row per level: its standard deviation depends on the model's form alone"
        )
    return tuple(notes)


def _one_answer_a_row(family) -> bool:
    return isinstance(family, CumulativeLogit) or bool((getattr(family, "trials", np.array([2])) == 1).all())
