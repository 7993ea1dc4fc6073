"""Estimates from one task's readings, each computed when first requested and then kept."""

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

COLUMNS = ["reader", "case", "source", "finding", "truth", "rating", "correct", "scale"]  # used by the estimates
WITHIN = 1 - 2 * ALPHA  # confidence of the interval that lies within margins if both one-sided tests reject


class Estimates:
    """Main results of ``rows`` (analysed readings of one task), as in notebooks 08 and 09.

    What cannot be estimated raises StatisticsError each time it is requested.
    """

    def __init__(self, rows: pd.DataFrame, task: str):
        self.rows, self.task = rows[[name for name in COLUMNS if name in rows]], task
        self._kept: dict[tuple, pd.DataFrame] = {}

    def _once(self, key: tuple, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def accuracy(self, rule: str) -> pd.DataFrame:
        """Proportion of right answers by source, compared with chance."""
        chance = TASKS[self.task].chance
        make = lambda: proportions.summarise(self.rows, score(self.rows, rule), ["source"], chance)  # noqa: E731
        return self._once(("accuracy", rule), make)

    def differences(self, rule: str) -> pd.DataFrame:
        """Differences in the proportion of right answers between sources."""
        return self._once(("difference", rule), lambda: proportions.all_differences(self.rows, rule))

    def accuracy_within(self, rule: str) -> pd.DataFrame:
        """Proportion of right answers by source with 90 % intervals, to be compared with any margin."""
        make = lambda: proportions.accuracy(self.rows, ["source"], rule, WITHIN)  # noqa: E731
        return self._once(("within", rule), make)

    def areas(self) -> pd.DataFrame:
        """Area under the ROC curve by source."""
        return self._once(("auc",), lambda: mrmc.auc(self.rows, ["source"]))

    def area_differences(self) -> pd.DataFrame:
        """Differences in area between sources."""
        return self._once(("auc_difference",), lambda: mrmc.headline_alone(self.rows))

    def area_differences_within(self) -> pd.DataFrame:
        """Differences in area from real images with 90 % intervals, to be compared with any margin; empty if there is
        nothing to compare."""
        return self._once(("areas within",), self._from_real)

    def _from_real(self) -> pd.DataFrame:
        sources = source_order(self.rows["source"])
        others = [source for source in sources if source != REAL] if REAL in sources else []
        tables = [mrmc.auc_difference(self.rows, REAL, source, WITHIN, MOVER) for source in others]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def corrected(self, question: str, primary: tuple[str, ...], rule: str) -> pd.DataFrame:
        """p values of a question with Holm's correction over all ``primary`` ones, as in ``primary_questions``; empty
        if the question is not one of them or has no answer."""
        if self.task == CONDITIONALITY:
            known = {"auc": self.areas, "difference": self.area_differences}
        else:
            known = {"accuracy": lambda: self.accuracy(rule), "difference": lambda: self.differences(rule)}
        tables = {}
        for name in primary:
            try:
                tables[name] = known[name]()
            except StatisticsError:  # reported where the question itself is shown
                continue
        asked = self._once(("primary", rule, primary), lambda: primary_questions(tables, list(tables)))
        return asked[asked["question"] == question]
