"""Estimates of one task's readings, each made when it is first asked for and then kept."""

from collections.abc import Callable

import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats import mrmc, proportions
from helpers.stats.equivalence import ALPHA
from helpers.stats.mover import MOVER
from helpers.stats.primary import primary_questions
from helpers.stats.readings import score, source_order
from helpers.tables import CONDITIONALITY, REAL
from helpers.tasks import TASKS

COLUMNS = ["reader", "case", "source", "finding", "truth", "rating", "correct", "scale"]  # that estimates are made from
WITHIN = 1 - 2 * ALPHA  # confidence of the interval that lies within margins where two one-sided tests say so


class Estimates:
    """Main results of ``rows`` (analysed readings of one task), as notebooks 08 and 09 have them.

    What cannot be estimated raises StatisticsError each time that it is asked for.
    """

    def __init__(self, rows: pd.DataFrame, task: str):
        self.rows, self.task = rows[[name for name in COLUMNS if name in rows]], task
        self._kept: dict[tuple, pd.DataFrame] = {}

    def _once(self, key: tuple, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def accuracy(self, rule: str) -> pd.DataFrame:
        """Proportion right by source, against chance."""
        chance = TASKS[self.task].chance
        make = lambda: proportions.summarise(self.rows, score(self.rows, rule), ["source"], chance)  # noqa: E731
        return self._once(("accuracy", rule), make)

    def differences(self, rule: str) -> pd.DataFrame:
        """Differences of proportions right between sources."""
        return self._once(("difference", rule), lambda: proportions.all_differences(self.rows, rule))

    def accuracy_within(self, rule: str) -> pd.DataFrame:
        """Proportion right by source with 90 % intervals, which any margin is held against."""
        make = lambda: proportions.accuracy(self.rows, ["source"], rule, WITHIN)  # noqa: E731
        return self._once(("within", rule), make)

    def areas(self) -> pd.DataFrame:
        """Area under the ROC curve by source."""
        return self._once(("auc",), lambda: mrmc.auc(self.rows, ["source"]))

    def area_differences(self) -> pd.DataFrame:
        """Differences of areas between sources."""
        return self._once(("auc_difference",), lambda: mrmc.headline_alone(self.rows))

    def area_differences_within(self) -> pd.DataFrame:
        """Differences of areas from that of real images with 90 % intervals, which any margin is held against; empty
        where there is nothing to compare."""
        return self._once(("areas within",), self._from_real)

    def _from_real(self) -> pd.DataFrame:
        sources = source_order(self.rows["source"])
        others = [source for source in sources if source != REAL] if REAL in sources else []
        tables = [mrmc.auc_difference(self.rows, REAL, source, WITHIN, MOVER) for source in others]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def corrected(self, question: str, primary: tuple[str, ...], rule: str) -> pd.DataFrame:
        """p values of a question with Holm's correction over all ``primary`` ones, as ``primary_questions``; empty
        where the question is none of them, or has no answer."""
        if self.task == CONDITIONALITY:
            known = {"auc": self.areas, "difference": self.area_differences}
        else:
            known = {"accuracy": lambda: self.accuracy(rule), "difference": lambda: self.differences(rule)}
        tables = {}
        for name in primary:
            try:
                tables[name] = known[name]()
            except StatisticsError:  # said where the question itself is shown
                continue
        asked = self._once(("primary", rule, primary), lambda: primary_questions(tables, list(tables)))
        return asked[asked["question"] == question]
