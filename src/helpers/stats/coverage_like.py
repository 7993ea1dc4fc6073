"""How often intervals contain the true value in simulated studies most like the one at hand, in words.

Of the settings of ``coverage`` and ``coverage_limits`` those count that have the study's number of readers, or the
nearest one, and whose values lie near 0 or 1 as the study's do or do not. In each, the primary interval is the one that
the notebooks point to: of one source Wilson's, of a difference Student's, near 0 and 1 MOVER's.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.stats import coverage, coverage_limits
from helpers.stats.coverage import ALIKE, COVERAGE, WILSON
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mover import MOVER, STUDENT, are_near_limits

LEAST, MOST = 0.93, 0.97  # coverage that is called good
MODERATE = "moderate"
_ARE = {ALIKE: "readers are alike"}
_SETTING = ["measure", "readers", "cases", "value", "spread", "conclusion"]


def primary(compared: bool) -> pd.DataFrame:
    """Coverage of the primary interval in every setting, of one source or (``compared``) of the difference of two.

    Columns as in ``coverage.table``, with design and near (whether a value lies near 0 or 1).
    """
    moderate = coverage.load().assign(design=MODERATE)
    known = pd.concat([moderate, coverage.load(coverage_limits.COMMITTED)], ignore_index=True)
    known = known[(known["what"] == COVERAGE) & known["measure"].isin(["accuracy", "auc"])]
    known = known[(known["interval"] != WILSON) == compared]
    half = np.where(known["design"] == MODERATE, known["difference"].fillna(0.0) / 2, 0.0)  # there value is the middle
    known = known.assign(near=[are_near_limits([value]) for value in np.round(known["value"] + half, 6)])
    if not compared:
        return known
    better = np.where(known["near"], MOVER, STUDENT)
    alone = ~known.duplicated(_SETTING, keep=False)  # hard settings have one interval of a difference, MOVER's
    return known[alone | (known["interval"] == better)]


def like(measure: str, readers: int, values: Sequence[float], compared: bool) -> pd.DataFrame:
    """Lines of ``primary`` for studies most like one of ``readers`` whose accuracies or areas are ``values``."""
    known = primary(compared)
    known = known[(known["measure"] == measure) & (known["near"] == are_near_limits(values))]
    apart = np.abs(np.log(known["readers"] / readers))
    return known[np.isclose(apart, apart.min())]


def in_words(measure: str, readers: int, values: Sequence[float], compared: bool) -> str:
    """What simulated studies most like this one say, as Markdown; every share outside 93 % to 97 % is named.

    >>> in_words("accuracy", 10, [0.7], compared=False).split("contains ")[1]
    'the true value in 95.2 % to 95.3 % of studies for these readers, and in 94.7 % to 96.0 % for readers like these.'
    """
    lines = like(measure, readers, values, compared)
    count, near = int(lines["readers"].iloc[0]), "near 0 or 1" if lines["near"].iloc[0] else "away from 0 and 1"
    of = "a difference" if compared else "one source"
    shares = {c: _range(lines.loc[lines["conclusion"] == c, "share"]) for c in (THESE, LIKE)}
    text = (
        f"In simulated studies most like this one ({count} readers, values {near}), the interval of {of} contains the "
        f"true value in {shares[THESE]} of studies for {THESE}, and in {shares[LIKE]} for {LIKE}."
    )
    outside = lines[~lines["share"].between(LEAST, MOST)]
    named = [
        f"{_range(own['share'])} for {conclusion} where {spread} ({_settings(own)})"
        for (conclusion, spread), own in outside.replace(_ARE).groupby(["conclusion", "spread"], sort=False)
    ]
    return f"{text} **Not within 93 % to 97 %**: {', '.join(named)}." if named else text


def _settings(lines: pd.DataFrame) -> str:
    """Designs of some lines, each with its numbers of cases.

    >>> _settings(pd.DataFrame({"design": ["moderate", "near 1", "near 1"], "cases": [50, 20, 100]}))
    '50 cases; near 1: 20, 100 cases'
    """
    parts = []
    for design, own in lines.groupby("design", sort=False):
        name = "" if design == MODERATE else f"{design}: "
        parts.append(f"{name}{', '.join(map(str, own['cases'].unique()))} cases")
    return "; ".join(parts)


def _range(shares: pd.Series) -> str:
    return " to ".join(dict.fromkeys(f"{100 * share:.1f} %" for share in (shares.min(), shares.max())))
