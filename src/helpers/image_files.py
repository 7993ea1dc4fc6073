"""Export images of a run as PNG files to look at, or check that they are still as they were written.

python -m helpers.image_files export data/runs/quick/samples/samples.csv OUT [--images 20]
python -m helpers.image_files check data/runs/quick/cohort
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from helpers.errors import StudyError
from helpers.files import write_png
from helpers.findings import Cell, Findings
from helpers.pixels import ImageStore, read_image
from helpers.progress import track
from helpers.raw_tables import read_raw
from helpers.tables import SAMPLES, cohort_schema, read_table


def export(table: pd.DataFrame, run_folder: str | Path, folder: str | Path) -> list[Path]:
    """Write the images of a cohort or samples table as 8-bit PNG files, ``<image_id>.png``; returns their paths.

    Samples go into a folder for each source and cell, ``gan/atelectasis_present/``, so that a source can be read again
    as an external one. Raises ImageError naming an image that cannot be read.
    """
    written = []
    for row in track(list(table.itertuples()), "PNG files"):
        inside = Path(row.source) / Cell(row.finding, int(row.present)).label if "source" in table else Path()
        written.append(Path(folder) / inside / f"{row.image_id}.png")
        write_png(written[-1], read_image(Path(run_folder) / row.path), durable=False)
    return written


def main(arguments: Sequence[str] | None = None) -> str:
    """Export or check, as the command line says; returns what to print. Raises StudyError for a bad table or file."""
    parser = argparse.ArgumentParser(prog="python -m helpers.image_files", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    exporting = commands.add_parser("export", help="write PNG files")
    exporting.add_argument("table", type=Path, help="cohort.csv or samples.csv of a run")
    exporting.add_argument("folder", type=Path, help="where the files are to be")
    exporting.add_argument("--images", type=int, help="only so many, evenly chosen")
    checking = commands.add_parser("check", help="compare images with the digests noted when they were made")
    checking.add_argument("folder", type=Path, help="folder of an images.npy")
    given = parser.parse_args(arguments)
    if given.command == "check":
        store = ImageStore(given.folder)
        if damaged := store.damaged():
            raise StudyError(f"{store.pixels}: {len(damaged)} images are damaged: {', '.join(damaged[:5])} ...")
        return f"{store.pixels}: all {len(store.records()):,} images are as they were written"
    of_samples = "source" in read_raw(given.table)
    schema = SAMPLES if of_samples else cohort_schema(Findings.read(given.table.with_name("findings.json")))
    table = read_table(given.table, schema)
    if given.images is not None:
        table = table.iloc[:: max(1, len(table) // given.images)].head(given.images)
    written = export(table, given.table.resolve().parent.parent, given.folder)
    return f"{len(written):,} PNG files in {given.folder}"


if __name__ == "__main__":
    try:
        print(main())
    except StudyError as error:
        sys.exit(f"{type(error).__name__}: {error}")
