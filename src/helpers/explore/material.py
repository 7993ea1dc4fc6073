"""What can be viewed of a run: readings, plan, images and facts; what is missing is explained in words."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import ImageError, RunError, StudyError
from helpers.explore.link import Link
from helpers.findings import ORIGINAL, Findings
from helpers.pixels import read_image
from helpers.provenance import findings_of, read_manifest, shows_phantoms
from helpers.raw_tables import read_raw
from helpers.reading.pictures import Pictures
from helpers.runs import Run, workspace
from helpers.stats.readings import load
from helpers.study.counting import study_readers
from helpers.study.database import readings_database
from helpers.study.export import readings_table
from helpers.study.phantom_facts import phantom_truth
from helpers.study.record import sessions_of
from helpers.study.store import Store
from helpers.tables import PLAN, read_table

OPEN = "Reading is still open: {count} of {total} readers have not finished."
HIDDEN = "So truth, source and whether an answer is right are not shown; `truth=True` shows them, and unblinds you."
SHOWN = "Truth is shown all the same: whoever looks is no longer blind to it."


class Material:
    """Everything in one run, each part read on first use.

    A part that is missing or invalid is empty, and a sentence in ``lacks`` says what it is and how to make it.
    ``truth``: whether truth may be shown while people are still reading. Views of the same material follow each other
    through its ``link``. Raises RunError if there is no such run.
    """

    def __init__(self, name: str, truth: bool = False):
        self.run = Run(name)
        if not self.run.folder.is_dir():
            raise RunError(f"run {name!r}: there is no such run; there is {', '.join(known_runs()) or 'none yet'}")
        self.wants_truth, self.lacks, self.link = truth, [], Link()

    def _part(self, make: Callable, otherwise: Any, what: str) -> Any:
        """``make()`` or, if it fails, ``otherwise``, with a sentence on why."""
        try:
            return make()
        except (StudyError, OSError, ValueError, KeyError) as error:
            self._say(f"{what}: {error if isinstance(error, StudyError) else f'cannot be read ({error})'}.")
            return otherwise

    def _say(self, sentence: str) -> None:
        sentence = sentence.replace("..", ".")
        if sentence not in self.lacks:
            self.lacks.append(sentence)

    @cached_property
    def findings(self) -> Findings:
        """The study's findings; those of the original study if the run does not say."""
        return self._part(lambda: findings_of(self.run), ORIGINAL, "Findings")

    @cached_property
    def is_phantom(self) -> bool:
        """Whether the run is known to show no patients."""
        return bool(self._part(lambda: shows_phantoms(self.run), False, "Cohort"))

    @cached_property
    def plan(self) -> pd.DataFrame | None:
        """The study plan, or None."""
        file = self.run.stage_folder("06_study_plan") / "plan.csv"
        return self._part(lambda: read_table(_there(file, "06_study_plan"), PLAN), None, "Study plan")

    @cached_property
    def store(self) -> Store | None:
        """The database of a study that is being read or has been read; None if there is none."""
        if self.plan is None:
            return None
        address = readings_database(self.run.name, *self._where_read())
        if isinstance(address, Path) and not address.is_file():
            return None
        return self._part(lambda: Store(address, self.plan), None, "Readings database")

    def _where_read(self) -> tuple[str, str]:
        if not self.run.manifest("07_reading").is_file():
            return "", "human"
        parameters = read_manifest(self.run, "07_reading")["parameters"]
        return parameters["database"], parameters["readers_are"]

    @cached_property
    def unfinished(self) -> tuple[int, int]:
        """Number of people who can still answer, and number of people who read."""
        if self.store is None:
            return 0, 0
        kinds = self.store.readers()
        sessions = sessions_of(self.store, self.plan)
        people = [reader for reader in study_readers(self.plan) if kinds.get(reader, "human") == "human"]
        if not any(kinds.get(reader) == "human" for reader in people):
            return 0, 0
        still = [reader for reader in people if not (sessions[reader].is_finished or sessions[reader].is_closed)]
        return len(still), len(people)

    @property
    def tells_truth(self) -> bool:
        """Whether truth may be shown: nobody is still reading, or it was requested."""
        return self.wants_truth or not self.unfinished[0]

    @property
    def state(self) -> str:
        """A sentence for a study that is still open, blank otherwise."""
        count, total = self.unfinished
        said = SHOWN if self.wants_truth else HIDDEN
        return f"{OPEN.format(count=count, total=total)} {said}" if count else ""

    @cached_property
    def readings(self) -> pd.DataFrame | None:
        """Readings without practice: those of notebook 07 or, until it has finished, those in the database."""
        file = self.run.stage_folder("07_reading") / "readings.csv"
        if file.is_file():
            table = self._part(lambda: load(file), None, "Readings")
        elif self.store is not None:
            self._say("Notebook 07_reading has not finished: shown are the answers given so far.")
            table = self._part(lambda: readings_table(self.store, self.plan, None, self.truth), None, "Readings")
        else:
            table = self._part(lambda: load(_there(file, "07_reading")), None, "Readings")
        if table is None or not len(table):
            return None
        return self._with_images(table[~table["is_practice"]].reset_index(drop=True))

    def _with_images(self, table: pd.DataFrame) -> pd.DataFrame:
        """Readings with ``images``, those that the reader saw, from left to right; blank if unknown."""
        if self.plan is None:
            return table.assign(images="")
        shown = table["trial_id"].map(self.plan.set_index("trial_id")["images"])
        if foreign := int(shown.isna().sum()):
            self._say(f"{foreign} of {len(table)} answers belong to no trial of this plan: their images are not known.")
        return table.assign(images=shown.fillna("").astype(object))

    @cached_property
    def samples(self) -> pd.DataFrame | None:
        """The table of synthetic images, or None."""
        file = self.run.stage_folder("04_sample") / "samples.csv"
        return self._part(lambda: read_raw(_there(file, "04_sample")), None, "Synthetic images")

    @cached_property
    def cohort(self) -> pd.DataFrame | None:
        """The table of real images, or None."""
        file = self.run.stage_folder("01_cohort") / "cohort.csv"
        return self._part(lambda: read_raw(_there(file, "01_cohort")), None, "Real images")

    @cached_property
    def truth(self) -> pd.DataFrame | None:
        """What phantoms were drawn with, by image_id; None for images of patients."""
        return self._part(lambda: phantom_truth(self.run.stage_folder("01_cohort")), None, "Truth of the phantoms")

    def metric_table(self, name: str) -> pd.DataFrame | None:
        """A table of notebook 05, or None."""
        file = self.run.stage_folder("05_image_metrics") / f"{name}.csv"
        return self._part(lambda: read_raw(_there(file, "05_image_metrics")), None, "Image metrics")

    @cached_property
    def paths(self) -> dict[str, str]:
        """Path of each image, by image_id, relative to the run's folder."""
        tables = [table for table in (self.cohort, self.samples) if table is not None]
        return {key: path for table in tables for key, path in zip(table["image_id"], table["path"], strict=True)}

    @cached_property
    def pictures(self) -> Pictures | None:
        """The images as readers saw them, or None."""
        return self._part(lambda: Pictures(self.run.stage_folder("06_study_plan")), None, "Images as they were shown")

    def pixels(self, image_id: str) -> np.ndarray:
        """An image as readers saw it, uint8 or uint16 (size, size). Raises ImageError if it cannot be read."""
        if self.pictures is None:
            raise ImageError(f"image {image_id!r}: the images that were shown are missing; run 06_study_plan again")
        return self.pictures.pixels(image_id)

    def stored(self, image_id: str) -> np.ndarray:
        """An image of the cohort or a generator, uint8 (size, size). Raises ImageError if it is unknown."""
        if image_id not in self.paths:
            raise ImageError(f"image {image_id!r}: not among the images of run {self.run.name!r}")
        return np.rint(read_image(self.run.folder / self.paths[image_id]) * 255).astype(np.uint8)


def known_runs() -> list[str]:
    """Names of the runs in this workspace."""
    return sorted(path.name for path in (workspace() / "data" / "runs").glob("*") if path.is_dir())


def _there(file: Path, stage: str) -> Path:
    if not file.is_file():
        raise RunError(f"{file.parent.name}/{file.name} is missing; run notebooks/{stage}.ipynb first")
    return file
