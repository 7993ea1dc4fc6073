"""Whether a cue is named more often for one source than for another, given the finding: a mixed model for each cue.

    logit P(cue named) = source + finding + reader + case

on decided answers, with crossed random effects of reader and case (``mixed.glmm``, Laplace), and prompt templates as in
``models.template_part``. An odds ratio compares answers of the same reader on similar cases. It applies to these
sources' cases and to readers like these, insofar as readers differ in how often they name a cue, not in how the sources
differ for them. P values are corrected for the number of questions by Holm's method (Holm 1979, Scandinavian Journal of
Statistics 6:65).
"""

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.cues import EITHER, RIGHT, decided
from helpers.stats.mixed.glmm import fit
from helpers.stats.mixed.results import likelihood_ratio
from helpers.stats.models import template_part
from helpers.stats.multiplicity import holm
from helpers.stats.readings import source_order
from helpers.tables import CUES

SOURCES = ["first", "second", "odds_ratio", "low", "high", "p_value", "p_holm"]
FINDINGS = ["statistic", "df", "p_value", "p_holm"]
NO_SPREAD = "differ no more than by chance"
WIDEST = 5.0  # logits; a larger standard deviation reflects too few answers, not readers or cases
TOO_SPREAD = "too few answers of each case or reader to tell their spread: do not rely on the interval"
SIZES = ["chosen", "readings", "readers", "cases", "note"]


def source_odds(rows: pd.DataFrame, call: str = EITHER) -> pd.DataFrame:
    """Odds ratio of naming a cue for ``first`` versus ``second``, for each pair of sources and each cue.

    ``call`` keeps right or wrong answers only. Columns: cue, call, first, second, odds_ratio, low, high (Wald, 95 %),
    p_value, p_holm (Holm, over all rows of the table), chosen (answers that name the cue), readings, readers,
    cases, note. Empty with one source. What cannot be estimated is NaN and its note says why.
    """
    kept = _of_call(rows, call)
    sources = source_order(kept["source"])
    pairs = [(first, second) for place, first in enumerate(sources) for second in sources[place + 1 :]]
    lines = []
    for cue in CUES if pairs else ():
        data, size = _data(kept, cue)
        model, note = _fitted(data, _terms(data))
        line = {"cue": cue, "call": call} | size
        if model is None:
            lines += [line | {"first": a, "second": b, "odds_ratio": np.nan, "note": note} for a, b in pairs]
            continue
        contrasts = model.contrasts("source").query("scale == 'log odds'").set_index(["first", "second"])
        for pair, row in contrasts.loc[pairs].iterrows():
            ratio = dict(
                zip(
                    ("odds_ratio", "low", "high"), np.exp(row[["difference", "low", "high"]].astype(float)), strict=True
                )
            )
            notes = "; ".join(dict.fromkeys(filter(None, [row["note"], note])))
            lines.append(
                line | dict(zip(("first", "second"), pair, strict=True)) | ratio | {"p_value": row["p"], "note": notes}
            )
    return _with_holm(lines, ["cue", "call", *SOURCES, *SIZES])


def finding_tests(rows: pd.DataFrame, call: str = EITHER) -> pd.DataFrame:
    """Likelihood ratio test of each cue: whether it is named equally often for all findings, given the source.

    Columns: cue, call, statistic, df, p_value, p_holm (Holm, over cues), then sizes and note as in ``source_odds``.
    Empty with one finding.
    """
    kept = _of_call(rows, call)
    lines = []
    for cue in CUES if kept["finding"].nunique() > 1 else ():
        data, size = _data(kept, cue)
        line = {"cue": cue, "call": call} | size
        larger, note = _fitted(data, _terms(data))
        smaller, _ = _fitted(data, [term for term in _terms(data) if term != "finding"])
        if larger is None or smaller is None:
            lines.append(line | {"note": note})
            continue
        test = likelihood_ratio(smaller, larger).iloc[0]
        notes = "; ".join(dict.fromkeys(filter(None, [test["note"], note])))
        lines.append(line | {"statistic": test["statistic"], "df": test["df"], "p_value": test["p"], "note": notes})
    return _with_holm(lines, ["cue", "call", *FINDINGS, *SIZES])


def _of_call(rows: pd.DataFrame, call: str) -> pd.DataFrame:
    kept = decided(rows)
    return kept if call == EITHER else kept[kept["correct"] == (1 if call == RIGHT else 0)]


def _data(kept: pd.DataFrame, cue: str) -> tuple[pd.DataFrame, dict]:
    """Model data of one cue, sources in their fixed order, and the sizes to report."""
    data = pd.DataFrame(
        {
            "chosen": (kept["cue"] == cue).astype("int64"),
            "source": pd.Categorical(kept["source"], categories=source_order(kept["source"])),
            "finding": kept["finding"].astype(object),
            "reader": kept["reader"].astype(object),
            "case": kept["case"].astype(object),
        }
    )
    if "template" in kept:
        data["template"] = kept["template"].astype(object)
    sizes = {"chosen": int(data["chosen"].sum()), "readings": len(data)}
    return data, sizes | {"readers": data["reader"].nunique(), "cases": data["case"].nunique()}


def _terms(data: pd.DataFrame) -> list[str]:
    return [name for name in ("source", "finding") if data[name].nunique() > 1]


def _fitted(data: pd.DataFrame, terms: list[str]):
    """(model, note), or (None, reason)."""
    if data["reader"].nunique() < 2:
        return None, "not estimable: one reader"
    if data["chosen"].nunique() < 2:
        return None, f"not estimable: {'every' if data['chosen'].all() else 'no'} answer names this cue"
    data, templates = template_part(data)
    effects = [*(terms or ["1"]), "(1 | reader)", "(1 | case)", *templates]
    try:
        model = fit(f"chosen ~ {' + '.join(effects)}", data, family="binomial")
    except StatisticsError as error:
        return None, f"not estimable: {error}"
    notes = [note for note in model.notes if not note.startswith("singular fit")]
    groups = "readers, cases or templates" if templates else "readers or cases"
    notes += [f"{groups} {NO_SPREAD}"] * model.singular
    notes += [TOO_SPREAD] * bool((model.random["standard_deviation"] > WIDEST).any())
    return model, "; ".join(notes)


def _with_holm(lines: list[dict], columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(lines).reindex(columns=columns).astype({"p_value": "float64"})
    if "df" in table:
        table["df"] = table["df"].astype("Int64")
    return holm(table, [])[columns] if len(table) else table
