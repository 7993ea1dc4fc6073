"""One output contract for every kind of data set: cohort.csv and gray square images."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from helpers.cohort.images import write_images
from helpers.cohort.kinds import kind_of
from helpers.cohort.listing import Listing, keep_views
from helpers.cohort.settings import DEFAULT_FRACTIONS, Settings
from helpers.cohort.splits import check_cells, check_splits, split_patients, take_patients
from helpers.cohort.summary import cell_counts
from helpers.errors import CohortError
from helpers.tables import cohort_schema, validate, write_table


@dataclass(frozen=True)
class Cohort:
    """A finished cohort: its table (tables.cohort_schema), label tables read, notes for the page, images reused."""

    table: pd.DataFrame
    inputs: tuple[Path, ...]
    notes: tuple[str, ...]
    reused: int


def build(settings: Settings, stage_folder: Path) -> Cohort:
    """Make the cohort in ``stage_folder``: findings.json, report.csv, images/, cohort.csv, also phantom_truth.csv.

    Paths in the table start with the folder's name, so they are relative to the run. Everything that can be checked
    is checked before an image is read. cohort.csv is written last: where it lies, the cohort is whole. Raises
    ParameterError (settings that do not fit the kind), CohortError (labels, ids, patients, splits, cells) and
    ImageError (pixels).
    """
    kind = kind_of(settings)
    (stage_folder / "cohort.csv").unlink(missing_ok=True)
    schema = cohort_schema(settings.findings)
    listing = select(kind.list_images(settings), settings)
    table = listing.table
    if not kind.computed:
        table = complete(table, settings, stage_folder)
    facts, reused = write_images(listing, settings, stage_folder)
    if kind.computed:
        known = [name for name in schema.columns if name in facts]
        table = complete(table.join(facts[known], on="image_id"), settings, stage_folder)
        facts = facts.drop(columns=known).rename_axis("image_id").reset_index()
        write_table(facts, stage_folder / f"{kind.name}_truth.csv")
    settings.findings.write(stage_folder / "findings.json")
    write_table(cell_counts(table, settings.findings), stage_folder / "report.csv")
    write_table(table, stage_folder / "cohort.csv", schema)
    return Cohort(table, listing.inputs, listing.notes, reused)


def complete(table: pd.DataFrame, settings: Settings, stage_folder: Path) -> pd.DataFrame:
    """The table with splits, paths and every column of the contract, checked; blank where nothing is known."""
    table = table.copy()
    if settings.split == "patient":
        fractions = settings.fractions or DEFAULT_FRACTIONS
        table["split"] = split_patients(table, fractions, settings.seed, settings.findings)
    check_splits(table)
    check_cells(table, settings.findings)
    table["path"] = [f"{stage_folder.name}/images/{name}.png" for name in table["image_id"]]
    schema = cohort_schema(settings.findings)
    columns = [name for name, column in schema.columns.items() if column.required or name in table]
    return validate(table.reindex(columns=columns), schema, origin="cohort")


def select(listing: Listing, settings: Settings) -> Listing:
    """Apply ``views`` and ``images`` to a listing."""
    listing = keep_views(listing, settings.views)
    if settings.images is None or settings.images >= len(listing.table):
        return listing
    chosen = take_patients(listing.table["patient_id"], settings.images, settings.seed)
    if not chosen.any():
        raise CohortError(f"images = {settings.images}: no patient has so few images; raise it")
    note = f"{int(chosen.sum()):,} of {len(chosen):,} images were taken, whole patients at random."
    return replace(listing, table=listing.table[chosen].reset_index(drop=True), notes=(*listing.notes, note))
