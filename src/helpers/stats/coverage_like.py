"""How often intervals contain the true value in the simulated studies most like the one at hand, in words.

These are the settings of ``coverage`` and ``coverage_limits`` with the study's number of readers, or the nearest one,
whose values lie near 0 or 1 if and only if the study's do. In each, the primary interval is the one that the notebooks
point to: Wilson's for one source, Student's for a difference, MOVER's near 0 and 1. A difference of areas by Obuchowski
and Rockette's analysis as published has its own settings (``coverage_published``).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.stats import coverage, coverage_limits, coverage_published
from helpers.stats.coverage import ALIKE, COVERAGE, TYPE_ONE, WILSON
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mover import MOVER, STUDENT, are_near_limits
from helpers.stats.mrmc.comparison import ALL_TREATMENTS, TWO_TREATMENTS

LEAST, MOST = 0.93, 0.97  # coverage that is called good
MOST_ERRORS = 0.065  # type I error that is called good
MODERATE = "moderate"
PUBLISHED = {TWO_TREATMENTS: coverage_published.OWN, ALL_TREATMENTS: coverage_published.POOLED}
_ARE = {ALIKE: "readers are alike"}
# What a setting has besides its number of readers and its true value, which are stated for all of them.
_OWN = {name: f", {name}" for name in ("unequal classes", "ties at 0", "a quarter missing")}
_OWN["two readers, unequal classes"] = ", unequal classes"
_SETTING = ["measure", "readers", "cases", "value", "spread", "conclusion"]


def primary(compared: bool) -> pd.DataFrame:
    """Coverage of the primary interval in every setting, for one source or (``compared``) for the difference of two.

    Columns as in ``coverage.table``, with design and near (whether a value lies near 0 or 1).
    """
    moderate = coverage.load().assign(design=MODERATE)
    known = pd.concat([moderate, coverage.load(coverage_limits.COMMITTED)], ignore_index=True)
    known = known[(known["what"] == COVERAGE) & known["measure"].isin(["accuracy", "auc"])]
    known = _with_near(known[(known["interval"] != WILSON) == compared])
    if not compared:
        return known
    better = np.where(known["near"], MOVER, STUDENT)
    alone = ~known.duplicated(_SETTING, keep=False)  # hard settings have only MOVER's interval for a difference
    return known[alone | (known["interval"] == better)]


def published(method: str) -> pd.DataFrame:
    """Coverage and type I error of a published analysis of differences (``PUBLISHED``), with the same columns."""
    known = coverage.load(coverage_published.COMMITTED).assign(design=MODERATE)
    return _with_near(known[known["interval"] == PUBLISHED[method]])


def _with_near(known: pd.DataFrame) -> pd.DataFrame:
    half = np.where(known["design"] == MODERATE, known["difference"].fillna(0.0) / 2, 0.0)  # value is the midpoint
    return known.assign(near=[are_near_limits([value]) for value in np.round(known["value"] + half, 6)])


def like(known: pd.DataFrame, measure: str, readers: int, values: Sequence[float]) -> pd.DataFrame:
    """Rows of the settings most like a study with this many ``readers`` whose accuracies or areas are ``values``."""
    known = known[(known["measure"] == measure) & (known["near"] == are_near_limits(values))]
    apart = np.abs(np.log(known["readers"] / readers))
    return known[np.isclose(apart, apart.min())]


def in_words(measure: str, readers: int, values: Sequence[float], compared: bool, method: str = "") -> str:
    """What the simulated studies most like this one show, as Markdown; every share outside 93 % to 97 % is named.

    ``method``: for a difference of areas, the published analysis it comes from (``PUBLISHED``), if any.

    >>> in_words("accuracy", 10, [0.7], compared=False).split("contains ")[1]
    'the true value in 95.2 % to 95.3 % of studies for these readers, and in 94.7 % to 96.0 % for readers like these.'
    """
    lines = like(primary(compared), measure, readers, values)
    near = bool(lines["near"].iloc[0])
    kind = "MOVER " if near else "bounded " if method in PUBLISHED else ""
    said = _covers(f"the {kind}interval of a difference" if compared else "the interval of one source", lines)
    count = int(lines["readers"].iloc[0])
    if method in PUBLISHED:
        found = like(published(method), measure, readers, values)
        same, count = count == int(found["readers"].iloc[0]), int(found["readers"].iloc[0])
        where = "In the same studies" if same else f"In those of {int(lines['readers'].iloc[0])} readers"
        said = f"{_published_in_words(found)} {where}, {said}"
    place = "near 0 or 1" if near else "away from 0 and 1"
    return f"In simulated studies most like this one ({count} readers, values {place}), {said}"


def _published_in_words(lines: pd.DataFrame) -> str:
    """Sentences on the coverage and the type I error of a published analysis."""
    tests = lines[lines["what"] == TYPE_ONE]
    errs = f"Its test finds a difference where there is none in {_of(tests, THESE)}, and in {_of(tests, LIKE)}."
    many = _named(tests[tests["share"] > MOST_ERRORS], "Too often, above 6.5 %")
    covers = _covers("Obuchowski and Rockette's interval of a difference", lines[lines["what"] == COVERAGE])
    return " ".join([covers, errs, *many])


def _covers(what: str, lines: pd.DataFrame) -> str:
    """Sentences on the coverage of an interval; the first continues a sentence begun before it."""
    first = f"{what} contains the true value in {_of(lines, THESE)}, and in {_of(lines, LIKE)}."
    narrow = _named(lines[lines["share"] < LEAST], "Too narrow, below 93 %")
    wide = _named(lines[lines["share"] > MOST], "Wider than need be, above 97 %")
    return " ".join([first, *narrow, *wide])


def _of(lines: pd.DataFrame, conclusion: str) -> str:
    studies = " of studies" if conclusion == THESE else ""
    return f"{_range(lines.loc[lines['conclusion'] == conclusion, 'share'])}{studies} for {conclusion}"


def _named(lines: pd.DataFrame, what: str) -> list[str]:
    """A sentence that names the settings of these rows; an empty list if there are no rows."""
    groups = lines.replace(_ARE).groupby(["conclusion", "spread"], sort=False)
    named = [f"{_range(own['share'])} for {c} where {spread} ({_settings(own)})" for (c, spread), own in groups]
    return [f"**{what}**: {', '.join(named)}."] if named else []


def _settings(lines: pd.DataFrame) -> str:
    """True values of these rows, each with its number of cases and any special feature of its setting.

    >>> lines = {"design": ["moderate", "near 1", "near 1"], "value": [0.9, 0.98, 0.99], "cases": [50, 20, 20]}
    >>> _settings(pd.DataFrame(lines))
    'true value 0.90, 50 cases; true value 0.98 or 0.99, 20 cases'
    >>> _settings(pd.DataFrame({"design": ["ties at 0"], "value": [0.8], "cases": [80]}))
    'true value 0.80, 80 cases, ties at 0'
    """
    found: dict[tuple[str, str], list[str]] = {}
    for (design, cases), own in lines.groupby(["design", "cases"], sort=False):
        values = " or ".join(f"{value:.2f}" for value in sorted(own["value"].unique()))
        found.setdefault((values, _OWN.get(design, "")), []).append(str(cases))
    return "; ".join(f"true value {values}, {' or '.join(cases)} cases{own}" for (values, own), cases in found.items())


def _range(shares: pd.Series) -> str:
    return " to ".join(dict.fromkeys(f"{100 * share:.1f} %" for share in (shares.min(), shares.max())))
