"""What a kind of data set declares, and what it is turned into before its pixels are read: rows and a reader."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.cohort.preprocess import read_file
from helpers.errors import CohortError, TableError
from helpers.raw_tables import read_raw

if TYPE_CHECKING:
    from helpers.cohort.settings import Settings

FRONTAL = "FRONTAL"  # a view that is known to be PA or AP, but not which
LABELS = dict.fromkeys(("1", "1.0", "1.00", "true", "yes", "y", "present", "positive"), 1)
LABELS |= dict.fromkeys(("0", "0.0", "0.00", "false", "no", "n", "absent", "negative"), 0)
LABELS |= dict.fromkeys(("-1", "-1.0", "-1.00", "uncertain"), -1)
NO_LABEL = ("", "nan", "na", "n/a", "null", "not mentioned")
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


@dataclass(frozen=True)
class Listing:
    """Rows of a data set, before its images are read.

    ``table`` has image_id, patient_id, source and, if the data set has them, split, view, age, sex, the study's
    findings and text (a report). ``read(source)`` returns the gray image (float32, 0..1) and a dictionary of further
    facts; it must be safe to send to another process unless ``threads`` is True, and must be a dataclass if it has
    parameters of its own. ``inputs`` are the label tables that were read; ``notes`` are sentences for the page.
    ``boxes`` says where findings are, as returned by ``boxes.of_images``.
    """

    table: pd.DataFrame
    read: Callable[[str], tuple[np.ndarray, dict]] = read_file
    inputs: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    threads: bool = False
    boxes: pd.DataFrame | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of data set: all that the project must know about it, declared in the kind's own module as ``KIND``.

    ``name`` is the value of notebook 01's parameter ``cohort``. ``needs`` are parameters that must be set, ``uses``
    those that may be, besides seed, size, fit, images and workers, which all kinds use. ``splits`` are the values that
    ``split`` may have. ``draws`` are the only findings that it can show, None for any; ``vocabulary`` is that of its
    labels, if it has one. ``check(settings)`` raises ParameterError for other settings that do not fit together. If the
    images are ``computed``, labels and other facts are known only once an image is made, and ``read`` returns them. If
    the archive is often downloaded only ``in_part``, rows without a file are left out.
    """

    name: str
    list_images: Callable[["Settings"], Listing]
    splits: tuple[str, ...]
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    check: Callable[["Settings"], None] | None = None
    computed: bool = False
    draws: tuple[str, ...] | None = None
    vocabulary: str | None = None
    in_part: bool = False


def read_columns(path: Path, required: Iterable[str], optional: Iterable[str] = (), strict: bool = False):
    """Read a table as text with the named columns, in that order; optional ones only if present.

    Raises CohortError when the table is missing, has no rows, lacks a column, or, if ``strict``, has another one.
    """
    try:
        table = read_raw(path)
    except TableError as error:
        raise CohortError(str(error)) from error
    required = list(dict.fromkeys(required))
    optional = [name for name in dict.fromkeys(optional) if name not in required]
    missing = [name for name in required if name not in table]
    if missing:
        raise CohortError(f"{path}: column {missing[0]!r} is missing; it has {', '.join(map(str, table.columns))}")
    extra = [name for name in table if name not in required + optional]
    if strict and extra:
        raise CohortError(f"{path}: column {extra[0]!r} does not belong here; remove it (known: {required + optional})")
    if table.empty:
        raise CohortError(f"{path}: has no rows")
    return table[required + [name for name in optional if name in table]].astype("string")


def refuse(bad: pd.Series, column: pd.Series, origin: str | Path, what: str, error=CohortError) -> None:
    """Raise an error naming the first bad row of a column, if any, and ``what`` is wrong with its value."""
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise error(f"{origin}: column {column.name!r}, row {row + 1}: {what.format(column.iloc[row])}")


def parse_labels(column: pd.Series, origin: str | Path) -> pd.Series:
    """Text labels to Int64: 1 present, 0 absent, -1 uncertain, blank stays blank; other values raise CohortError.

    Numbers, or the words of ``LABELS`` in any case; ``NO_LABEL`` are blank.
    """
    text = column.str.strip().str.lower()
    values = text.map(LABELS).astype("Int64")
    refuse(values.isna() & text.notna() & ~text.isin(NO_LABEL), column, origin, "label {!r} is not 1, 0, -1 or blank")
    return values


def any_of(labels: pd.DataFrame) -> pd.Series:
    """Combine label columns (1, 0, -1 or blank) into one: present if any is, else uncertain if any is, else absent.

    Blank if all are.
    """
    found = pd.Series(pd.NA, index=labels.index, dtype="Int64")
    for value in (0, -1, 1):
        found[labels.eq(value).fillna(False).any(axis=1)] = value
    return found


def check_ids(table: pd.DataFrame, origin: str | Path) -> None:
    """Raise CohortError when two images share an id, an id cannot be a file name, or a patient_id is missing."""
    twice = table[table["image_id"].duplicated(keep=False)]
    if len(twice):
        name = twice["image_id"].iloc[0]
        sources = twice.loc[twice["image_id"] == name, "source"].head(2)
        raise CohortError(
            f"{origin}: image_id {name!r} stands for two images ({' and '.join(map(str, sources))}); "
            "give each image an id of its own"
        )
    unsafe = [name for name in table["image_id"].tolist() if pd.isna(name) or not SAFE_NAME.fullmatch(name)]
    if unsafe:
        raise CohortError(f"{origin}: image_id {unsafe[0]!r} may have letters, digits, '.', '-' and '_', at most 200")
    nobody = table["patient_id"].isna() | (table["patient_id"].astype("string").str.strip() == "")
    if nobody.any():
        name = table.loc[nobody, "image_id"].iloc[0]
        raise CohortError(f"{origin}: image {name!r} has no patient_id; without it no split by patient can be made")


def keep_views(listing: Listing, views: tuple[str, ...] | None) -> Listing:
    """Leave out images of other views; a note says how many of each.

    Without ``views``, all images known to be frontal are kept. If a data set states the views of only some images, one
    without a view may be a lateral and is left out too. If it states none, all are kept.
    """
    table = listing.table
    if "view" not in table or table["view"].isna().all():
        if views is not None:
            raise CohortError(f"views = {list(views)}: this data set does not say how its images were taken; set null")
        note = "No image states its view: all of them count as frontal."
        return replace(listing, notes=(*listing.notes, note)) if "view" in table else listing
    wanted = table["view"].isin(views or ("PA", "AP", FRONTAL))
    if not wanted.any():
        found = sorted(table["view"].dropna().unique())
        raise CohortError(f"views = {list(views or ('PA', 'AP'))}: no image has such a view; the table has {found}")
    others = (
        table.loc[~wanted, "view"]
        .fillna("not told")
        .value_counts(sort=False)
        .sort_values(ascending=False, kind="stable")
    )
    which = ", ".join(f"{count:,} {view}" for view, count in others.items())
    note = f"Left out for their view: {others.sum():,} of {len(table):,} images ({which})."
    table = table[wanted].reset_index(drop=True)
    table["view"] = table["view"].where(table["view"] != FRONTAL)
    return replace(listing, table=table, notes=listing.notes + ((note,) if len(others) else ()))
