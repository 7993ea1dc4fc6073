"""What becomes of DICOM files in a cohort: ``python scripts/dicom_fates.py [FOLDER ...]``.

Without a folder, the test files of pydicom are used. Prints a Markdown table: the file, its transfer syntax and
modality, whether a cohort takes it, and how its pixels are shown or why they are not. The pixels of every file are
tried, including those of other modalities. Files of the package pydicom-data from PyPI
(``pip download --no-deps pydicom-data``, a zip file) can be given as a folder.
"""

import argparse
import warnings
from collections import Counter
from pathlib import Path

import pydicom.data

from helpers.cohort.dicom_files.display import read_image
from helpers.cohort.dicom_files.headers import TAGS, header_row, may_be_dicom
from helpers.cohort.dicom_files.reading import read_dataset, text
from helpers.errors import ImageError
from helpers.files import files_in


def fate(path: Path) -> tuple[str, str, str, str]:
    """Transfer syntax, modality, use in a cohort, and what becomes of the pixels."""
    try:
        header = read_dataset(path, stop_before_pixels=True, specific_tags=list(TAGS))
        row = header_row(path, header)
    except ImageError as error:
        return "", "", "", _short(error, path)
    use = row["left_out"] or f"taken, view {row['view'] or 'not known'}"
    try:
        image, facts = read_image(path)
        shown = f"{image.shape[0]} x {image.shape[1]}, mean {image.mean():.2f}; {'; '.join(facts['notes'])}"
    except ImageError as error:
        shown = _short(error, path)
    return header.file_meta.TransferSyntaxUID.name, text(header, "Modality"), use, shown


def _short(error: ImageError, path: Path) -> str:
    return "refused: " + str(error).removeprefix(f"{path}: ")[:120].replace("|", "/")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[Path(pydicom.data.__file__).parent])
    warnings.simplefilter("ignore")
    counts = Counter()
    print("| file | transfer syntax | modality | in a cohort | pixels |\n|---|---|---|---|---|")
    for folder in parser.parse_args().folders:
        for path in files_in(folder):
            if path.suffix == ".dcm" or may_be_dicom(path):
                told = fate(path)
                counts["refused" if told[3].startswith("refused") else "shown"] += 1
                print(f"| {path.relative_to(folder)} | {' | '.join(told)} |")
    print(f"\n{counts.total()} files: {counts['shown']} shown, {counts['refused']} refused by name.")


if __name__ == "__main__":
    main()
