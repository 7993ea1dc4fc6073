"""Train, validate and test: by patient, never by image."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.errors import CohortError
from helpers.findings import Findings, in_cell
from helpers.tables import SPLITS


def split_patients(table: pd.DataFrame, fractions: Mapping[str, float], seed: int, findings: Findings) -> pd.Series:
    """Split of each image, with all images of a patient together; indexed like the cohort ``table``.

    ``fractions`` are shares of the patients. Patients are shuffled by the seed within strata, one for each finding:
    a patient belongs to the rarest finding in any of their images, so rare findings reach every split. The order of
    the rows does not matter. Raises CohortError when there are fewer patients than splits.
    """
    strata = patient_strata(table, findings)
    if len(strata) < len(SPLITS):
        raise CohortError(
            f"{len(strata)} patients cannot be split into {', '.join(SPLITS)}; at least {len(SPLITS)} are needed"
        )
    shuffled = strata.iloc[np.random.default_rng([seed]).permutation(len(strata))].sort_values(kind="stable")
    given = dict.fromkeys(SPLITS, 0)
    chosen = {}
    for number, patient in enumerate(shuffled.index, start=1):
        split = max(SPLITS, key=lambda name: fractions[name] * number - given[name])  # the one furthest behind
        given[split] += 1
        chosen[patient] = split
    for name in (name for name in SPLITS if not given[name]):  # too few patients for this share: it still gets one
        donor = max(given, key=given.get)
        chosen[next(patient for patient in chosen if chosen[patient] == donor)] = name
        given[donor], given[name] = given[donor] - 1, 1
    return table["patient_id"].astype(str).map(chosen)


def fill_validate(table: pd.DataFrame, seed: int, findings: Findings) -> tuple[pd.Series, tuple[str, ...]]:
    """Fill in an official split that lacks a validation or a test set; returns the split and notes.

    Without a test set, the validation set is used as the test set; the validation set is then one eighth of the
    training patients, chosen by ``split_patients``.
    """
    split, notes = table["split"].copy(), []
    if "test" not in set(split):
        split = split.replace("validate", "test")
        notes.append("There is no official test set here: the official validation set is the test set.")
    if "validate" not in set(split):
        training = table[split == "train"]
        parts = split_patients(training, {"train": 7 / 8, "validate": 1 / 16, "test": 1 / 16}, seed, findings)
        split[parts.index[parts != "train"]] = "validate"
        notes.append("Of the patients of the official training set, one in eight is in the validation set.")
    return split, tuple(notes)


def patient_strata(table: pd.DataFrame, findings: Findings) -> pd.Series:
    """Stratum of each patient, sorted by patient: 0 for the rarest finding, and so on, the last for no finding."""
    shows = table[list(findings.names)].eq(1).fillna(False).astype(bool)
    shows = shows.groupby(table["patient_id"].astype(str)).any().sort_index()
    rarest_first = shows[shows.sum().sort_values(kind="stable").index].to_numpy()
    rank = np.where(rarest_first.any(axis=1), rarest_first.argmax(axis=1), len(findings))
    return pd.Series(rank, index=shows.index)


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
    there = set(table["split"])
    missing = [name for name in SPLITS if name not in there]
    if missing:
        raise CohortError(
            f"split {missing[0]!r} has no images (there are {len(table)} in all); "
            "add images or patients, widen `views`, raise `images`, or set split: patient"
        )


def check_cells(table: pd.DataFrame, findings: Findings) -> None:
    """Raise CohortError when a study cell has no image in any split."""
    empty = [cell.label for cell in findings.cells if not in_cell(table, cell).any()]
    if empty:
        raise CohortError(
            f"no image is labelled {', '.join(empty)} (of {len(table)} images); the study needs real images of all "
            "findings, present and absent: check the label columns, take more images, or leave a finding out"
        )
