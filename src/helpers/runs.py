"""Where a run's files are, and the stages that make them."""

import os
import re
from collections.abc import Collection
from pathlib import Path

from helpers.errors import RunError
from helpers.tasks import NOTEBOOKS_OF_TASKS, TASKS

PROJECT = Path(__file__).resolve().parents[2]
NOTEBOOKS = PROJECT / "notebooks"

# Notebook stem -> the folder inside the run that the stage owns.
STAGES = {
    "01_cohort": "cohort",
    "02_train_enlarger": "enlarger",
    "02_train_gan": "gan",
    "03_train_diffusion": "diffusion",
    "04_sample": "samples",
    "05_image_metrics": "metrics",
    "06_study_plan": "plan",
    "07_reading": "readings",
    **{notebook: f"stats/{notebook.split('_', 1)[1]}" for notebook in NOTEBOOKS_OF_TASKS},
    "10_agreement_cues": "stats/agreement_cues",
    "11_power": "stats/power",
    "12_report": "report",
}

# Notebooks outside the chain that keep their results; executed on request.
ASKED_FOR = {"14_words": "words"}


def stages_with(tasks: Collection[str]) -> list[str]:
    """Stages of a study with these reading tasks: all but the notebooks that analyse other tasks only."""
    needed = {TASKS[name].notebook for name in tasks if name in TASKS}
    return [stage for stage in STAGES if stage in needed or stage not in NOTEBOOKS_OF_TASKS]


def workspace() -> Path:
    """Folder that holds ``data/`` and ``figures/``: the project, or $HELPERS_WORKSPACE if set."""
    return Path(os.environ.get("HELPERS_WORKSPACE", PROJECT)).resolve()


class Run:
    """Paths of one run, ``data/runs/<name>/``.

    Raises RunError for a name that is not letters, digits, dot, dash and underscore.
    """

    def __init__(self, name: str):
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", str(name)):
            raise RunError(
                f"run = {name!r}: a run's name may have letters, digits, '.', '-' and '_' only, "
                "and starts with a letter or digit; choose another, for example RUN=pilot-1"
            )
        self.name = str(name)
        self.folder = workspace() / "data" / "runs" / self.name
        self.figures = workspace() / "figures" / self.name
        self.notebooks = self.folder / "notebooks"
        self.database = self.folder / "readings.sqlite"
        self.report = self.folder / "report.html"
        self.results = self.folder / "results.json"
        self.params = self.folder / "params.yaml"  # of a run that belongs to a sweep
        self.findings = self.stage_folder("01_cohort") / "findings.json"

    def stage_folder(self, stage: str) -> Path:
        """Folder of a stage, by notebook stem."""
        return self.folder / (STAGES | ASKED_FOR)[stage]

    def manifest(self, stage: str) -> Path:
        """The file whose presence says that a stage has finished."""
        return self.stage_folder(stage) / "manifest.json"
