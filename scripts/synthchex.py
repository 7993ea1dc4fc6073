"""Prepares images of SynthCheX-75K as an external source: ``python scripts/synthchex.py FOLDER [--per-cell 60]``.

SynthCheX-75K (Dutt et al. 2025, arXiv:2505.10496, Apache-2.0) has 75,649 radiographs that Sana 0.6B drew from reports
of MIMIC-CXR, each with the labels of its report. Fetching it takes 20 GB and needs ``pip install 'datasets<4'``,
because it comes with its own loading script, which runs on your machine. The images and ``manifest.csv`` are written to
FOLDER; the latter is the ``path`` of the source in a params file.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from helpers.findings import ORIGINAL, Cell

# A finding of the study is present if its label is 1, absent if it is 0.
LABELS = {
    "atelectasis": "Atelectasis",
    "lung_opacity": "Lung Opacity",
    "pleural_effusion": "Pleural Effusion",
    "enlarged_cardiac_silhouette": "Cardiomegaly",
}


def cell_of(labels: Mapping[str, int], counts: Mapping[Cell, int]) -> Cell | None:
    """Of the cells that a sample fits, the one with the fewest images so far; None if it fits none."""
    fitting = [cell for cell in counts if labels[LABELS[cell.finding]] == cell.present]
    return min(fitting, key=counts.get) if fitting else None


def write_source(samples: Iterable[Mapping], folder: Path, per_cell: int) -> pd.DataFrame:
    """Write images and manifest; returns the manifest: path, finding, present, prompt. An image is in one cell only.

    ``samples`` are those of the data set: image (Pillow), filename, prompt, and labels_dict by the names of CheXpert.
    """
    counts, rows = dict.fromkeys(ORIGINAL.cells, 0), []
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for sample in samples:
        open_cells = {cell: count for cell, count in counts.items() if count < per_cell}
        if not open_cells:
            break
        cell = cell_of(sample["labels_dict"], open_cells)
        if cell is not None:
            path = Path("images") / sample["filename"]
            sample["image"].convert("L").save(folder / path)
            counts[cell] += 1
            rows.append((path.as_posix(), cell.finding, cell.present, sample["prompt"]))
    manifest = pd.DataFrame(rows, columns=["path", "finding", "present", "prompt"])
    manifest.to_csv(folder / "manifest.csv", index=False)
    return manifest


def main() -> int:
    """Fetch the data set and write what a study needs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-cell", type=int, default=60)
    options = parser.parse_args()
    try:
        from datasets import load_dataset
    except ModuleNotFoundError:
        print("needs the package that fetches it: .venv/bin/pip install 'datasets<4'", file=sys.stderr)
        return 2
    samples = load_dataset("raman07/SynthCheX-75K", split="train", trust_remote_code=True)
    print(write_source(samples, options.folder, options.per_cell).groupby(["finding", "present"]).size().to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
