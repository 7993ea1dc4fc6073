"""One output contract for every kind of data set: cohort.csv and gray square images."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from helpers.cohort.boxes import as_shown
from helpers.cohort.images import write_images
from helpers.cohort.kinds import kind_of
from helpers.cohort.listing import Listing, keep_views
from helpers.cohort.preprocess import FileReader, read_file
from helpers.cohort.settings import DEFAULT_FRACTIONS, Settings
from helpers.cohort.splits import check_cells, check_splits, split_patients, take_patients
from helpers.cohort.summary import cell_counts
from helpers.cohort.unreadable import keep_present
from helpers.errors import CohortError
from helpers.pixels import PIXELS, place
from helpers.tables import BOXES, cohort_schema, validate, write_table


@dataclass(frozen=True)
class Cohort:
    """A finished cohort: table (tables.cohort_schema), label tables read, notes for the page, images reused."""

    table: pd.DataFrame
    inputs: tuple[Path, ...]
    notes: tuple[str, ...]
    reused: int


def build(settings: Settings, stage_folder: Path) -> Cohort:
    """Make the cohort in ``stage_folder``: findings.json, report.csv, images.npy, cohort.csv.

    Phantoms also get phantom_truth.csv, and data sets with boxes get boxes.csv. Paths in the table start with the
    folder's name, so they are relative to the run. Everything that can be checked is checked before any image is read.
    cohort.csv is written last: if it exists, the cohort is complete. Raises ParameterError (settings that do not fit
    the kind), CohortError (labels, ids, patients, splits, cells) and ImageError (pixels).
    """
    kind = kind_of(settings)
    for name in ("cohort.csv", "boxes.csv"):
        (stage_folder / name).unlink(missing_ok=True)
    schema = cohort_schema(settings.findings)
    listing = select(keep_present(kind.list_images(settings), settings, kind.in_part), settings)
    table = listing.table
    if not kind.computed:
        table = complete(table, settings, stage_folder)
    written = write_images(listing, settings, stage_folder)
    if kind.computed:
        facts = written.facts
        known = [name for name in schema.columns if name in facts]
        table = complete(table.join(facts[known], on="image_id"), settings, stage_folder)
        facts = facts.drop(columns=known).rename_axis("image_id").reset_index()
        write_table(facts, stage_folder / f"{kind.name}_truth.csv")
    elif written.note:
        table = table[table["image_id"].isin(written.facts.index)].reset_index(drop=True)
        check_splits(table)
        check_cells(table, settings.findings)
    settings.findings.write(stage_folder / "findings.json")
    if listing.boxes is not None:
        boxes = listing.boxes[listing.boxes["image_id"].isin(table["image_id"])]
        write_table(as_shown(boxes, settings.fit), stage_folder / "boxes.csv", BOXES)
    write_table(cell_counts(table, settings.findings), stage_folder / "report.csv")
    write_table(table, stage_folder / "cohort.csv", schema)
    noted = () if kind.computed else counted(written.facts)
    notes = listing.notes + ((written.note,) if written.note else ()) + noted
    return Cohort(table, listing.inputs, notes, written.reused)


def counted(facts: pd.DataFrame) -> tuple[str, ...]:
    """Readers' notes on single images (lists in the column ``notes``), each with the number of images it applies to."""
    if "notes" not in facts:
        return ()
    counts = facts["notes"].explode().value_counts()
    return tuple(f"{count:,} of {len(facts):,} images: {note}." for note, count in counts.items())


def complete(table: pd.DataFrame, settings: Settings, stage_folder: Path) -> pd.DataFrame:
    """The table with splits, paths and every column of the contract, checked; unknown values are blank."""
    table = table.copy()
    if settings.split == "patient":
        fractions = settings.fractions or DEFAULT_FRACTIONS
        table["split"] = split_patients(table, fractions, settings.seed, settings.findings)
    check_splits(table)
    check_cells(table, settings.findings)
    file = f"{stage_folder.name}/{PIXELS}"
    table["path"] = [place(file, row) for row in range(len(table))]
    schema = cohort_schema(settings.findings)
    columns = [name for name, column in schema.columns.items() if column.required or name in table]
    return validate(table.reindex(columns=columns), schema, origin="cohort")


def select(listing: Listing, settings: Settings) -> Listing:
    """Apply ``views``, ``images`` and ``max_megapixels`` to a listing."""
    listing = keep_views(listing, settings.views)
    names = [name for name in settings.findings.names if name in listing.table]
    if names and (unlabelled := int(listing.table[names].isna().all(axis=1).sum())):
        said = f"{unlabelled:,} of {len(listing.table):,} images have no label of the study's findings"
        listing = replace(listing, notes=(*listing.notes, f"{said}: no reader sees them."))
    if listing.read == read_file:
        listing = replace(listing, read=FileReader(settings.max_megapixels))
    if settings.images is None or settings.images >= len(listing.table):
        return listing
    chosen = take_patients(listing.table["patient_id"], settings.images, settings.seed)
    if not chosen.any():
        raise CohortError(f"images = {settings.images}: every patient has more images than that; raise it")
    note = f"{int(chosen.sum()):,} of {len(chosen):,} images were taken, whole patients at random."
    return replace(listing, table=listing.table[chosen].reset_index(drop=True), notes=(*listing.notes, note))
