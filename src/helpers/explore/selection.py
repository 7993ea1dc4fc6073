"""Which answers are shown: filters by category and range, and the order of the table."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.figures.style import CUE_TITLES, finding_title, source_title
from helpers.reading.strings import texts
from helpers.tables import ALGORITHM, BESIDE
from helpers.tasks import TASKS

ANSWERS = {1: "right", 0: "wrong", -1: "undetermined"}
OF_TRUTH = ("source", "state", "answer", "template", "disagreement")
TITLES = {
    "reader": "Reader",
    "task": "Task",
    "finding": "Finding",
    "state": "State",
    "source": "Source",
    "rating": "Answer",
    "answer": "Right",
    "cue": "Reason",
    "template": "Prompt",
    "showing": "Shown",
    "seconds": "Seconds",
    "disagreement": "Disagree",
}
CATEGORIES = ("task", "source", "finding", "state", "reader", "answer", "rating", "cue", "template", "showing")
CASE = ["task", "finding", "case"]
FIRST, AGAIN = "first time", "again"  # which showing of a case to a reader
RANGES = ("disagreement", "seconds")
COLUMNS = ("reader", "answer", "rating", "source", "finding", "state", "cue", "seconds", "disagreement", "task")


def describe(readings: pd.DataFrame) -> pd.DataFrame:
    """Readings with the columns to filter and sort by: state (present, absent), answer (right, wrong, undetermined),
    showing (first time, again, or to an algorithm), seconds, and disagreement among the readers of a case.

    Disagreement is the share of a case's answers that are not the most frequent of right, wrong and undetermined: 0
    if all agree, at most 2/3.
    """
    answer = readings["correct"].astype("Float64").fillna(-1).astype(int).map(ANSWERS)
    state = np.where(readings["truth"].astype(int) == 1, "present", "absent")
    found = readings.assign(answer=answer, state=state, seconds=readings["active_ms"].astype(float) / 1000)
    again = np.where(readings["repeat_of"].notna(), AGAIN, FIRST)
    found["showing"] = np.where(readings["reader_kind"] == ALGORITHM, ALGORITHM, again)
    counted = found.groupby([*CASE, "answer"]).size()
    per_case = counted.groupby(level=[0, 1, 2]).agg(["max", "sum"])
    share = (1 - per_case["max"] / per_case["sum"]).rename("disagreement").reset_index()
    return found.merge(share, on=CASE, how="left", validate="many_to_one")


def rating_words(task: str, rating: float) -> str:
    """An answer in the English words of its button; the number if the scale is a different one."""
    known, steps = TASKS.get(task), sorted(TASKS[task].means) if task in TASKS else []
    if known is None or rating not in steps:
        return f"{rating:g}"
    return texts("en")["tasks"][known.words]["scale"][steps.index(rating)]


class Table:
    """Answers that can be filtered and sorted fast: codes and sort keys are computed once.

    ``rows``: from ``describe``. ``tells_truth``: without it, columns that give away the truth are left out.
    """

    def __init__(self, rows: pd.DataFrame, tells_truth: bool = True):
        self.rows, self.tells_truth = rows.reset_index(drop=True), tells_truth
        self.columns = [name for name in COLUMNS if self._may(name)]
        self._words = {name: self._shown(name) for name in TITLES if self._may(name)}
        self._values = {name: self._labels(name) for name in CATEGORIES if self._may(name)}
        self._of_case = self.rows.groupby(CASE, sort=False).indices
        self._places = {name: _places(self.rows[name], self._words[name]) for name in self.columns}

    def _may(self, name: str) -> bool:
        known = name == "template" or name in self.rows
        return known and (self.tells_truth or name not in OF_TRUTH)

    def _shown(self, name: str) -> np.ndarray:
        """A column as text, one entry per row."""
        column = self.rows[name] if name in self.rows else pd.Series("", index=self.rows.index)
        if name == "rating":
            pairs = zip(self.rows["task"], self.rows["rating"].astype(float), strict=True)
            return np.array([rating_words(*pair) for pair in pairs], dtype=object)
        if name in RANGES:
            form = "{:.0%}" if name == "disagreement" else "{:.0f}"
            return np.array(["" if np.isnan(x) else form.format(x) for x in column.astype(float)], dtype=object)
        words = _TITLE_OF.get(name, str)
        return column.map(lambda value: words(value) if pd.notna(value) else "").to_numpy(dtype=object)

    def _labels(self, name: str) -> tuple[np.ndarray, list[tuple[str, str]]]:
        """Codes of a category for every row (-1: blank), and its values with their titles in a sensible order."""
        column = self.rows[name] if name in self.rows else pd.Series(None, index=self.rows.index, dtype=object)
        codes, values = pd.factorize(column, sort=True)
        title = dict(zip(column, self._words[name], strict=True))
        keys = [f"{value:g}" if name == "rating" else str(value) for value in values]
        return codes, [(key, f"{key}" if name == "rating" else title[v]) for key, v in zip(keys, values, strict=True)]

    @property
    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """Values of each category in these answers, with their titles; categories with a single value are left out."""
        return {name: values for name, (_, values) in self._values.items() if len(values) > 1}

    @property
    def limits(self) -> dict[str, tuple[float, float]]:
        """Smallest and largest value of each range."""
        found = {name: self.rows[name].astype(float) for name in RANGES if self._may(name)}
        return {name: (float(x.min()), float(x.max())) for name, x in found.items() if x.notna().any()}

    def select(self, chosen: Mapping, order: tuple[str, bool] | None = None) -> np.ndarray:
        """Positions of the rows that pass every filter, in order: int (n,).

        ``chosen``: category -> values to keep, range -> (low, high), "image" -> images shown. An empty list
        keeps all. ``order``: column, and whether it is descending. Unknown names are ignored.
        """
        keep = np.ones(len(self.rows), dtype=bool)
        for name, wanted in chosen.items():
            if name in self._values and wanted:
                codes, values = self._values[name]
                kept = [place for place, (key, _) in enumerate(values) if key in set(map(str, wanted))]
                keep &= np.isin(codes, kept)
            elif name in self.limits and wanted:
                low, high = wanted
                keep &= self.rows[name].astype(float).between(low - 1e-9, high + 1e-9).to_numpy()
            elif name == "image" and len(wanted):
                keep &= self._shown_in(wanted)
        places = np.flatnonzero(keep)
        if order is None or order[0] not in self._places:
            return places
        keys = self._places[order[0]][places]
        return places[np.argsort(-keys if order[1] else keys, kind="stable")]

    def _shown_in(self, images: Sequence[str]) -> np.ndarray:
        """Whether each answer's trial showed one of these images: bool, one entry per row."""
        single = self.rows["images"].str.split(BESIDE, regex=False).explode()
        return single.isin(list(images)).groupby(level=0).any().to_numpy()

    def images(self, places: Sequence[int]) -> list[str]:
        """The images shown in the trials of some rows, each once."""
        return list(self.rows["images"].iloc[places].str.split(BESIDE, regex=False).explode().unique())

    def of_case(self, row: pd.Series) -> pd.DataFrame:
        """All answers to the same case as one answer."""
        return self.rows.iloc[self._of_case[tuple(row[name] for name in CASE)]]

    def lines(self, places: Sequence[int]) -> list[list[str]]:
        """The columns of some rows as text."""
        return [[self._words[name][place] for name in self.columns] for place in places]


def _places(column: pd.Series, words: np.ndarray) -> np.ndarray:
    """Sort keys of a column: its numbers, or codes of its words; blanks last."""
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float).fillna(np.inf).to_numpy()
    codes, _ = pd.factorize(pd.Series(words).replace("", None), sort=True)
    return np.where(codes < 0, np.iinfo(np.int32).max, codes)


def in_words(chosen: Mapping, name: str, value: str) -> str:
    """A filter value as written in the table; a rating in the words of the task chosen with it."""
    if name == "rating":
        return rating_words(chosen["task"][0], float(value))
    return _TITLE_OF.get(name, str)(value)


def _task_title(task: str) -> str:
    return TASKS[task].title if task in TASKS else str(task)


def _cue_title(cue: str) -> str:
    return CUE_TITLES.get(cue, str(cue))


_TITLE_OF = {"task": _task_title, "source": source_title, "finding": finding_title, "cue": _cue_title}
