"""What else affects how often answers are right: what is visible, the prompt template, the readers' experience.

One logistic mixed model for each covariate in the readings, on the decided answers that have it: the covariate along
with source and finding, random terms as in ``models.random_part``. Exploratory; p values are corrected (Holm) over all
of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.stats.mixed import glmm
from helpers.stats.mixed.results import MixedFit
from helpers.stats.models import attempt, random_part
from helpers.stats.multiplicity import holm
from helpers.stats.proportions import accuracy
from helpers.stats.scales import without_cut_off

COLUMNS = ["covariate", "contrast", "odds_ratio", "low", "high", "p", "readings", "readers", "cases", "note"]
OF_HEART = "enlarged_cardiac_silhouette"  # the finding determined by the cardiothoracic ratio
LARGE_HEART = 0.5  # cardiothoracic ratio above which a heart is called enlarged
FEW_READERS = 6  # with fewer, a comparison between readers depends on single readers
BANDS = ("slight", "moderate", "severe")  # thirds of the severities in the readings


@dataclass(frozen=True)
class Covariate:
    """``value(rows)`` is a number in units of ``step``, or a name if ``step`` is ""; missing if a row is not used."""

    title: str
    column: str
    step: str
    value: Callable[[pd.DataFrame], pd.Series]
    of_readers: bool = False


def _present_severity(rows: pd.DataFrame) -> pd.Series:
    return (rows["severity"] / 0.1).where(rows["truth"] == 1)


def _heart_margin(rows: pd.DataFrame) -> pd.Series:
    return ((rows["ctr"] - LARGE_HEART).abs() / 0.01).where(rows["finding"] == OF_HEART)


def _decades(rows: pd.DataFrame) -> pd.Series:
    return rows["experience_years"] / 10


COVARIATES = (
    Covariate("Severity, where present", "severity", "0.1", _present_severity),
    Covariate("Distance of the cardiothoracic ratio from 0.5", "ctr", "0.01", _heart_margin),
    Covariate("Prompt template", "template", "", lambda rows: rows["template"]),
    Covariate("Experience of the reader", "experience_years", "10 years", _decades, of_readers=True),
    Covariate("Subspecialty of the reader", "subspecialty", "", lambda rows: rows["subspecialty"], of_readers=True),
)


def covariate_effects(rows: pd.DataFrame) -> pd.DataFrame:
    """Odds ratios of right answers for each covariate that varies in the readings; empty if none does.

    ``rows``: analysed readings. Columns: covariate, contrast ("per 0.1", "resident minus staff"), odds_ratio, low, high
    (Wald, 95 %), p, readings, readers, cases, note, p_holm, family_size. A covariate whose model cannot be fitted has
    one row without numbers; its note says why.
    """
    tables = []
    for covariate in COVARIATES:
        if covariate.column in rows:
            used = rows.assign(covariate=covariate.value(rows))
            used = used[used["covariate"].notna() & used["correct"].notna()]
            if covariate.column == "template":  # the template itself is compared
                used = used.drop(columns="template")
            if used["covariate"].nunique() > 1:
                tables.append(_effect(covariate, used))
    if not tables:
        return pd.DataFrame(columns=[*COLUMNS, "p_holm", "family_size"])
    return holm(pd.concat(tables, ignore_index=True), [], "p")


def by_severity(rows: pd.DataFrame, undetermined: str = "half") -> pd.DataFrame:
    """Proportion of present findings that were seen, by third of severity: ``proportions.accuracy`` by column severity.

    Empty if severities are unknown or do not vary.
    """
    known = (
        rows[(rows["truth"] == 1) & rows["severity"].notna() & ~without_cut_off(rows)]
        if "severity" in rows
        else rows.iloc[:0]
    )
    if known.empty or known["severity"].nunique() < len(BANDS):
        return pd.DataFrame()
    ranks = known.groupby("case")["severity"].first().rank(method="first")
    bands = pd.qcut(ranks, len(BANDS), labels=list(BANDS))
    banded = known.assign(severity=known["case"].map(bands).astype(str))
    table = accuracy(banded, ["severity"], undetermined)
    return table.sort_values("severity", key=lambda names: names.map(BANDS.index), kind="stable", ignore_index=True)


def _effect(covariate: Covariate, used: pd.DataFrame) -> pd.DataFrame:
    is_number = bool(covariate.step)
    used = used.assign(
        covariate=used["covariate"].astype(float if is_number else str), correct=used["correct"].astype(float)
    )
    counts = {"readings": len(used), "readers": used["reader"].nunique(), "cases": used["case"].nunique()}
    few = covariate.of_readers and counts["readers"] < FEW_READERS
    note = f"only {counts['readers']} readers: depends on single readers" if few else ""
    fit, said = attempt(_model, used)
    if fit is None:
        reason = "every decided answer is alike" if used["correct"].nunique() == 1 else said.splitlines()[-1]
        blank = pd.DataFrame([{"covariate": covariate.title, "contrast": "", **counts}])
        blank["note"] = f"{covariate.title}: {reason}"
        return blank.reindex(columns=COLUMNS).astype({name: float for name in ("odds_ratio", "low", "high", "p")})
    own = fit.fixed[fit.fixed["term"].str.startswith("covariate")]
    first = sorted(used["covariate"].unique())[0]
    contrasts = [f"per {covariate.step}"] if is_number else [f"{t[12:-1]} minus {first}" for t in own["term"]]
    numbers = {"odds_ratio": "estimate", "low": "low", "high": "high"}
    lines = {name: np.exp(own[column].to_numpy()) for name, column in numbers.items()}
    lines |= {"covariate": covariate.title, "contrast": contrasts, "p": own["p"].to_numpy(), **counts, "note": note}
    return pd.DataFrame(lines)[COLUMNS]


def _model(used: pd.DataFrame) -> MixedFit:
    beside = [name for name in ("source", "finding") if used[name].nunique() > 1]
    used, groups = random_part(used)
    return glmm.fit("correct ~ " + " + ".join(["covariate", *beside, *groups]), used)
