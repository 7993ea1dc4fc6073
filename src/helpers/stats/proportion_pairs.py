"""Comparison of two proportions, read by the same readers or by different ones, on shared cases or different ones."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.crossed import Spread, aligned, independent, mean_influence, spread
from helpers.stats.reasons import INDEPENDENT, SAME_ANSWERS, note_of
from helpers.stats.wilson import answers_of


@dataclass(frozen=True)
class Pair:
    """Two proportions and their difference. ``answers``: as ``wilson`` takes them; ``fewest``: readers of the side that
    has fewer; ``readers``, ``cases``: in either; ``same``: the same readers read both; ``still``: nothing varies."""

    difference: Spread
    alone: tuple[Spread, Spread]
    answers: tuple[float, float]
    fewest: int
    readers: int
    cases: int
    same: bool
    still: bool

    def sides(self, conclusion: str) -> list[tuple]:
        """The two as ``mover.bounds_of`` takes them."""
        both = zip(self.alone, self.answers, strict=True)
        return [(side.value, *side.of(conclusion), n, side.between(conclusion)) for side, n in both]

    def notes(self, conclusion: str) -> tuple[str, str]:
        """Notes on the difference; empty if there are none."""
        varies = self.difference.of(conclusion)[0] != 0 or self.still
        own = note_of(self.difference, self.fewest, conclusion) if varies else SAME_ANSWERS
        return "" if self.same else INDEPENDENT, own


def pair_of(sides: list[pd.DataFrame]) -> Pair:
    """Two sides (readings with a ``score``), compared case by case where both contain a case."""
    readers = [sorted(set(side["reader"])) for side in sides]
    cases = [np.sort(np.asarray(side["case"].unique())) for side in sides]
    parts = [mean_influence(s, s["score"].to_numpy(), names) for s, names in zip(sides, readers, strict=True)]
    alone, same, moved = tuple(map(spread, parts)), readers[0] == readers[1], aligned(parts, cases)
    difference = spread(moved[0].minus(moved[1])) if same else independent(*moved, alone)
    answers = tuple(map(answers_behind, sides))
    of_either = [len(set().union(*names)) for names in (readers, cases)]
    still = not any(part.cases.any() for part in parts)
    return Pair(difference, alone, answers, min(map(len, readers)), *of_either, same, still)


def answers_behind(rows: pd.DataFrame) -> float:
    """Number of independent answers (``answers_of``) behind some readings; readers may have read different cases.

    >>> answers_behind(pd.DataFrame({"reader": list("aabb"), "case": list("1234")}))
    4.0
    """
    cases = rows["case"].nunique()
    return answers_of(cases, int((~rows.duplicated(["reader", "case"])).sum()) / cases)


def sides_of(rows: pd.DataFrame, column: str, names: tuple[str, str]) -> tuple[list[pd.DataFrame], int]:
    """Readings with each of two values of a column, by the readers who read both if there are any, and how many
    readers read either. Raises StatisticsError if one of the two has no readings."""
    sides = [rows[(rows[column] == name).to_numpy(bool, na_value=False)] for name in names]
    for name, side in zip(names, sides, strict=True):
        if side.empty:
            known = ", ".join(sorted(map(str, rows[column].dropna().unique())))
            raise StatisticsError(f"no readings with {column} {name!r}; there is: {known}")
    first, second = (set(side["reader"]) for side in sides)
    kept = (first & second) or (first | second)
    return [side[side["reader"].isin(kept)] for side in sides], len(first | second)
