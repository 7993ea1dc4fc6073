"""The four findings, their states, the study's cells, and the label conventions of each data set."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

PRESENT, ABSENT, UNSPECIFIED = 1, 0, -1


@dataclass(frozen=True)
class Finding:
    """A finding: its column name, its code in the paper, how it is written for people, and its names in data sets.

    ``chexpert`` and ``imagenome`` are those of CheXpert and Chest ImaGenome; it is present when any of ``nih`` is.
    """

    name: str
    code: str
    title: str
    chexpert: str
    imagenome: str
    nih: tuple[str, ...]


# ChestX-ray14 and ChestMNIST have no Lung Opacity label; four of their labels are pooled in its place.
POOLED = ("Infiltration", "Consolidation", "Pneumonia", "Edema")
LARGE = ("enlarged_cardiac_silhouette", "ECS", "Enlarged cardiac silhouette")
FINDINGS = (
    Finding("atelectasis", "AT", "Atelectasis", "Atelectasis", "atelectasis", ("Atelectasis",)),
    Finding("lung_opacity", "LO", "Lung opacity", "Lung Opacity", "lung opacity", POOLED),
    Finding("pleural_effusion", "PE", "Pleural effusion", "Pleural Effusion", "pleural effusion", ("Effusion",)),
    Finding(*LARGE, "Cardiomegaly", "enlarged cardiac silhouette", ("Cardiomegaly",)),
)
NAMES = tuple(finding.name for finding in FINDINGS)
BY_NAME = {finding.name: finding for finding in FINDINGS}


class Cell(NamedTuple):
    """A study cell: one finding, asked to be present (1) or absent (0), the others unspecified."""

    finding: str
    present: int

    @property
    def label(self) -> str:
        """Folder-safe name, for example ``atelectasis_present``."""
        return f"{self.finding}_{'present' if self.present else 'absent'}"

    @property
    def title(self) -> str:
        """Name for figures, for example ``AT present``."""
        return f"{BY_NAME[self.finding].code} {'present' if self.present else 'absent'}"


CELLS = tuple(Cell(name, present) for name in NAMES for present in (PRESENT, ABSENT))

CHEXPERT_COLUMNS = {finding.name: finding.chexpert for finding in FINDINGS}
IMAGENOME_NAMES = {finding.name: finding.imagenome for finding in FINDINGS}
NIH_LABELS = {finding.name: finding.nih for finding in FINDINGS}


def condition(cell: Cell) -> np.ndarray:
    """Condition vector of a cell: int8, shape (4,), order of ``NAMES``; 1, 0 or -1 (unspecified)."""
    states = np.full(len(NAMES), UNSPECIFIED, dtype=np.int8)
    states[NAMES.index(cell.finding)] = cell.present
    return states


def condition_labels(cohort: pd.DataFrame) -> np.ndarray:
    """Training labels of a cohort: int8, shape (n, 4); blank and uncertain become unspecified (-1)."""
    labels = cohort[list(NAMES)].astype("float64").fillna(UNSPECIFIED).to_numpy()
    return np.where(np.isin(labels, (PRESENT, ABSENT)), labels, UNSPECIFIED).astype(np.int8)


def in_cell(cohort: pd.DataFrame, cell: Cell) -> pd.Series:
    """True where an image's label is exactly the cell's state; blank and uncertain never are."""
    return (cohort[cell.finding].astype("float64") == cell.present).fillna(False).astype(bool)
