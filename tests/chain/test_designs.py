"""Notebooks 08 to 11 end on every design that a study may have; what cannot be estimated has a reason in words."""

import os

import nbformat
import pandas as pd
import papermill
import pytest
from designs import DESIGNS
from jupyter_client.manager import KernelManager

from helpers.runs import NOTEBOOKS, Run
from helpers.tables import CONDITIONALITY, PAIR
from helpers.tasks import TASKS

pytestmark = pytest.mark.chain
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
# Figures are made but not painted, which takes most of the time: the chain's test paints them all.
UNPAINTED = """
import matplotlib.pyplot as plt
from helpers.provenance import Stage
Stage._save = staticmethod(lambda figure, path, close=plt.close: close(figure) or figure)
get_ipython().display_formatter.formatters["image/png"].enabled = False
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """One kernel for all notebooks, emptied before each, with a workspace of its own."""
    folder = tmp_path_factory.mktemp("designs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELPERS_WORKSPACE", str(folder))
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(env=os.environ | {"OMP_NUM_THREADS": "1"}, cwd=str(NOTEBOOKS))
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=120)
        client.execute_interactive(UNPAINTED, timeout=120)
        yield manager, client, folder
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def execute(kernel, stage: str, readings: str) -> nbformat.NotebookNode:
    manager, client, folder = kernel
    client.execute_interactive("%reset -f", timeout=60)
    return papermill.execute_notebook(
        NOTEBOOKS / f"{stage}.ipynb", folder / f"{stage}.ipynb", km=manager, progress_bar=False,
        parameters={"run": "design", "readings": readings, **QUICK.get(stage, {})},
    )  # fmt: skip


def stages_for(design: str, tasks: set[str]) -> list[str]:
    """The notebooks of the tasks, then those that take any task."""
    others = ["10_agreement_cues", "11_power"] if design in WITH_POWER else ["10_agreement_cues"]
    return sorted({TASKS[task].notebook for task in tasks}) + others


@pytest.mark.parametrize("design", DESIGNS)
def test_every_notebook_ends_and_the_primary_table_has_a_number_or_a_note(kernel, design):
    table = DESIGNS[design]()
    assert set(table["task"]) <= {PAIR, CONDITIONALITY}
    readings = kernel[2] / "readings.csv"
    table.to_csv(readings, index=False)
    for stage in stages_for(design, set(table["task"])):
        execute(kernel, stage, str(readings))  # raises where a cell fails
        folder = Run("design").stage_folder(stage)
        assert (folder / "manifest.json").is_file()
        if (folder / "primary.csv").is_file():
            primary = pd.read_csv(folder / "primary.csv")
            bare = primary[["value", "low", "high", "p_value"]].isna().any(axis=1) & primary["note"].isna()
            assert not bare.any(), primary[bare].to_string()
