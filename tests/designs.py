"""Readings tables of designs that a study may have, each made from one small simulated study; notebooks run on them."""

from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from simulated_readings import simulate_readings

from helpers.notebooks import code_of_cells
from helpers.provenance import Stage
from helpers.runs import Run
from helpers.tables import CONDITIONALITY, PAIR, REAL
from helpers.tasks import TASKS


def _crossed(whole: bool = False, **settings) -> pd.DataFrame:
    """Three readers who all read every case of every source, without practice and repeats.

    One finding and no cues, which is quicker; ``whole`` has all four, and cues.
    """
    table = simulate_readings(**{"seed": 5, "cases_per_cell": 4, "practice": 0, "repeats": 0} | settings)
    return table if whole else table[table["finding"] == "atelectasis"].assign(cue=None)


def _only(keep: Callable[[pd.DataFrame], pd.Series], **settings) -> pd.DataFrame:
    table = _crossed(**settings)
    return table[keep(table)]


def _numbers(names: pd.Series) -> pd.Series:
    return names.rank(method="dense").astype(int)


def _readers_nested(readers: int) -> pd.DataFrame:
    """Each reader reads one source only; real images are read by everybody."""

    def own(table: pd.DataFrame) -> pd.Series:
        other = _numbers(table["reader"]) % 2 == table["source"].map({"gan": 0, "diffusion": 1})
        return other | (table["source"] == REAL)

    return _only(own, readers=readers)


def _split_plot() -> pd.DataFrame:
    """Two groups of readers, each with cases of its own, of every source."""
    return _only(lambda t: _numbers(t["reader"]) % 2 == _case_number(t) % 2, readers=4)


def _case_number(table: pd.DataFrame) -> pd.Series:
    return table.groupby(["task", "source", "finding", "truth"])["case"].rank(method="dense").astype(int)


def _each_case_by_one_reader() -> pd.DataFrame:
    return _only(lambda t: _numbers(t["reader"]) % 3 == _case_number(t) % 3, cases_per_cell=6)


def _an_algorithm() -> pd.DataFrame:
    """Readers read all sources but "diffusion", which one algorithm alone reads."""
    table = _crossed(readers=4)
    return table[(table["reader"] == "reader-4") == (table["source"] == "diffusion")]


def _one_class() -> pd.DataFrame:
    """The GAN shows findings that are present only."""
    return _only(lambda t: (t["source"] != "gan") | (t["truth"] == 1))


def _all_right() -> pd.DataFrame:
    """Every answer is right and sure."""
    return _crossed(separation=9.0)


def _all_undetermined() -> pd.DataFrame:
    return _crossed().assign(rating=0, correct=pd.NA, cue=None)


DESIGNS: dict[str, Callable[[], pd.DataFrame]] = {
    "one source": lambda: _only(lambda t: t["source"] == "gan"),
    "no real images": lambda: _only(lambda t: t["source"] != REAL),
    "readers nested in sources, each saw one model": lambda: _readers_nested(6),
    "one reader a source": lambda: _readers_nested(2),
    "split plot": _split_plot,
    "each case by one reader": _each_case_by_one_reader,
    "an algorithm as a single reader": _an_algorithm,
    "a source with one class": _one_class,
    "present cases only": lambda: _only(lambda t: t["truth"] == 1),
    "two readers": lambda: _crossed(readers=2),
    "one reader": lambda: _crossed(readers=1),
    "no times": lambda: _crossed().assign(active_ms=pd.NA),
    "four findings, with cues": lambda: _crossed(whole=True, cases_per_cell=2, repeats=6),
    "conditionality only": lambda: _only(lambda t: t["task"] != PAIR),
    "pairs only": lambda: _only(lambda t: t["task"] == PAIR),
    "every answer right": _all_right,
    "every answer undetermined": _all_undetermined,
}

QUICK = {
    "10_agreement_cues": {"resamples": 20},
    "11_power": {
        "sets": 4, "coverage_sets": 1, "jobs": 1,
        "readers_grid": [3], "cases_grid": [24], "differences_grid": [0.0, 0.3],
    },
}  # fmt: skip
# Simulations take longest, and need only the designs that change what is simulated.
WITH_POWER = {
    "one source", "readers nested in sources, each saw one model", "one reader", "each case by one reader",
    "conditionality only", "pairs only", "every answer right",
}  # fmt: skip


def ends_with_numbers_or_reasons(design: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the notebooks of a design's tasks, and those that take any task, in the workspace ``folder``.

    Figures are made but not painted, which takes most of the time: the chain's test paints them all.
    """
    monkeypatch.setattr(Stage, "figure", lambda stage, figure, name: plt.close(figure))
    table = DESIGNS[design]()
    assert set(table["task"]) <= {PAIR, CONDITIONALITY}
    table.to_csv(folder / "readings.csv", index=False)
    others = ["10_agreement_cues", "11_power"] if design in WITH_POWER else ["10_agreement_cues"]
    for stage in sorted({TASKS[task].notebook for task in table["task"]}) + others:
        execute(stage, {"run": "design", "readings": str(folder / "readings.csv")} | QUICK.get(stage, {}))
        results = Run("design").stage_folder(stage)
        assert (results / "manifest.json").is_file()
        if (results / "primary.csv").is_file():
            primary = pd.read_csv(results / "primary.csv")
            bare = primary[["value", "low", "high", "p_value"]].isna().any(axis=1) & primary["note"].isna()
            assert not bare.any(), primary[bare].to_string()


def execute(stage: str, parameters: dict) -> None:
    """Run a notebook's cells in this process, as a kernel would, with other parameters; raises where a cell fails."""
    shell = InteractiveShell.instance()
    try:
        shell.reset(new_session=False)
        (defaults,) = code_of_cells(stage, "parameters")
        for code in code_of_cells(stage):
            shell.run_cell(code).raise_error()
            if code == defaults:
                shell.push(parameters)
    finally:
        InteractiveShell.clear_instance()
