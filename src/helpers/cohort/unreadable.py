"""Unusable images: found early, listed in one table, and left out or raised as an error, as the user decides."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pandas as pd

from helpers.cohort.listing import Listing
from helpers.cohort.settings import Settings
from helpers.errors import CohortError, ImageError
from helpers.tables import write_table

SHOWN = 5
LIST = "unreadable.csv"
BLOCK = 500  # files that one thread checks at a time


def look_at_all(listing: Listing, sources: Mapping[str, str]) -> dict[str, str]:
    """Problems with the headers of image files, by image_id; ``sources`` are some of the listing's.

    Empty for a data set whose images are not separate files, so that its reader has no ``check``.
    """
    if not hasattr(listing.read, "check"):
        return {}

    def look(names: list[str]) -> dict[str, str]:
        return {name: said for name in names if (said := _complaint(listing.read.check, sources[name]))}

    names = list(sources)
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(look, [names[start : start + BLOCK] for start in range(0, len(names), BLOCK)])
        return {name: said for part in found for name, said in part.items()}


def _complaint(check: Callable[[str], None], source: str) -> str | None:
    try:
        check(source)
    except ImageError as error:
        return str(error)
    return None


def keep_present(listing: Listing, settings: Settings, in_part: bool = False) -> Listing:
    """Leave out rows whose image file is missing, if ``unreadable`` is "skip" or an archive may be ``in_part``.

    A note counts them. Raises CohortError when no image is present.
    """
    if not (in_part or settings.unreadable == "skip") or not hasattr(listing.read, "check"):
        return listing
    sources = listing.table["source"].tolist()
    present = pd.Series([os.path.isfile(source) for source in sources], listing.table.index, dtype=bool)
    if not present.any():
        raise CohortError(f"{listing.table['source'].iloc[0]}: no such image, nor any other that the table names")
    return leave_out(listing, ~present, "Left out because the files are missing: {:,} of {:,} images.")


def leave_out(listing: Listing, gone: pd.Series, sentence: str) -> Listing:
    """A listing without the rows ``gone``; ``sentence``, with places for their count and the total, becomes a note."""
    if not gone.any():
        return listing
    note = sentence.format(int(gone.sum()), len(gone))
    return replace(listing, table=listing.table[~gone].reset_index(drop=True), notes=(*listing.notes, note))


def judge(complaints: Mapping[str, str], total: int, settings: Settings, folder: Path) -> str | None:
    """Handle images that cannot be used, ``complaints`` by image_id, out of ``total``; list them in unreadable.csv.

    Returns a note if they are left out, None if there are none. Raises ImageError naming up to five, unless
    ``unreadable`` is "skip" and their share is at most ``unreadable_limit``.
    """
    (folder / LIST).unlink(missing_ok=True)
    if not complaints:
        return None
    listed = pd.DataFrame(sorted(complaints.items()), columns=["image_id", "problem"])
    write_table(listed, folder / LIST)
    if settings.unreadable == "skip" and len(complaints) <= settings.unreadable_limit * total:
        return f"Left out because they cannot be used: {len(complaints):,} of {total:,} images; {LIST} says why."
    shown = sorted(complaints.values())[:SHOWN]
    more = [f"and {len(complaints) - SHOWN} more, listed in {folder / LIST}"] if len(complaints) > SHOWN else []
    advice = ""
    if settings.unreadable == "skip":
        advice = f" (more than unreadable_limit = {settings.unreadable_limit:g})"
    raise ImageError(f"{len(complaints):,} of {total:,} images cannot be used{advice}: " + "; ".join([*shown, *more]))
