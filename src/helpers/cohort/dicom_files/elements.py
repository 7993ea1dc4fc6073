"""Elements of many DICOM headers, read in parallel."""

from collections.abc import Sequence

import joblib
import pandas as pd

from helpers.cohort.dicom_files.reading import read_dataset
from helpers.errors import ImageError
from helpers.progress import Progress

CHUNK = 256


def read_elements(sources: Sequence[str], names: Sequence[str], workers: int | None = None) -> pd.DataFrame:
    """Text of the elements ``names`` of each file, one row per file in the given order; absent ones are missing.

    A file that cannot be read has a blank row; the error is reported when its image is made.
    """
    chunks = [sources[start : start + CHUNK] for start in range(0, len(sources), CHUNK)]
    parallel = joblib.Parallel(workers or (joblib.cpu_count() if len(chunks) > 1 else 1), return_as="generator")
    rows = []
    with Progress("Reading DICOM headers", len(sources), "files") as progress:
        for found in parallel(joblib.delayed(_of_files)(chunk, names) for chunk in chunks):
            rows += found
            progress.update(len(found))
    return pd.DataFrame(rows, columns=list(names), dtype="string")


def _of_files(sources: Sequence[str], names: Sequence[str]) -> list[list[str | None]]:
    return [_of_file(source, names) for source in sources]


def _of_file(source: str, names: Sequence[str]) -> list[str | None]:
    try:
        header = read_dataset(source, stop_before_pixels=True, specific_tags=list(names))
        return [str(header.get(name)) if header.get(name) not in (None, "") else None for name in names]
    except ImageError:
        return [None] * len(names)
