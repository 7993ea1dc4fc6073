"""Train, validate and test: by patient, never by image."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.errors import CohortError
from helpers.findings import CELLS, in_cell
from helpers.tables import SPLITS


def split_patients(patients: pd.Series, fractions: Mapping[str, float], seed: int) -> pd.Series:
    """Split of each image, all images of a patient together; index as ``patients``.

    ``fractions`` are shares of the patients. The patients are shuffled by the seed after sorting, so the order of the
    rows does not matter. Every split gets at least one patient; raises CohortError when there are too few.
    """
    people = np.random.default_rng([seed]).permutation(np.unique(patients.to_numpy(dtype=str)))
    if len(people) < len(SPLITS):
        raise CohortError(
            f"{len(people)} patients cannot be split into {', '.join(SPLITS)}; at least {len(SPLITS)} are needed"
        )
    ends = np.rint(np.cumsum([fractions[name] for name in SPLITS]) * len(people)).astype(int)
    ends = np.clip(ends, np.arange(1, len(SPLITS) + 1), len(people) - np.arange(len(SPLITS))[::-1])
    names = np.repeat(SPLITS, np.diff(ends, prepend=0))
    return patients.astype(str).map(dict(zip(people, names, strict=True)))


def take_patients(patients: pd.Series, images: int, seed: int) -> pd.Series:
    """True for the images of randomly chosen whole patients, as many as fit into ``images`` images."""
    people, counts = np.unique(patients.to_numpy(dtype=str), return_counts=True)
    order = np.random.default_rng([seed, 1]).permutation(len(people))
    chosen = people[order[np.cumsum(counts[order]) <= images]]
    return patients.astype(str).isin(chosen)


def check_splits(table: pd.DataFrame) -> None:
    """Raise CohortError when a patient is in two splits, or a split has no images."""
    splits = table.groupby("patient_id")["split"].nunique()
    if (splits > 1).any():
        patient = splits.index[splits > 1][0]
        found = sorted(table.loc[table["patient_id"] == patient, "split"].unique())
        raise CohortError(
            f"patient {patient!r} is in more than one split ({', '.join(found)}), as are {(splits > 1).sum() - 1} "
            "others; put every patient into one split, or set split: patient"
        )
    missing = [name for name in SPLITS if name not in set(table["split"])]
    if missing:
        raise CohortError(
            f"split {missing[0]!r} has no images (there are {len(table)} in all); "
            "add images or patients, widen `views`, raise `images`, or set split: patient"
        )


def check_cells(table: pd.DataFrame) -> None:
    """Raise CohortError when a study cell has no image in any split."""
    empty = [cell.title for cell in CELLS if not in_cell(table, cell).any()]
    if empty:
        raise CohortError(
            f"no image is labelled {', '.join(empty)} (of {len(table)} images); the study needs real images of all "
            "four findings, present and absent: check the label columns, or take more images"
        )
