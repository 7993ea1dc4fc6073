"""Draws the README's pictures of phantoms: ``python scripts/phantom_pictures.py``. They show no patients.

figures/phantom-findings.png: one patient, each of the four findings from absent to severe.
figures/phantom-gallery.png: 24 different phantoms.
"""

import argparse
import io
from pathlib import Path

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from helpers.cohort.phantom import render
from helpers.figures.phantom import OUTLINE_COLOURS, panel_figure, severities_figure
from helpers.figures.style import use_style
from helpers.files import atomic_write
from helpers.progress import track
from helpers.runs import PROJECT

ROWS, COLUMNS = 4, 6
LARGEST = 400_000  # bytes of a picture that a README loads
GRAY_LEVELS = (240, 160, 120, 90, 70, 50)


def save(figure: Figure, path: Path, dpi: int) -> None:
    """Save with as many gray levels as fit into ``LARGEST`` bytes, besides the colours of the outlines."""
    whole = io.BytesIO()
    figure.savefig(whole, format="png", dpi=dpi, bbox_inches="tight")
    pixels = np.asarray(Image.open(whole).convert("RGB"))
    for levels in GRAY_LEVELS:
        packed = io.BytesIO()
        few_colours(pixels, levels).save(packed, format="png", optimize=True)
        if packed.tell() < LARGEST:
            break
    with atomic_write(path) as temporary:
        temporary.write_bytes(packed.getvalue())
    print(f"{path}: {pixels.shape[1]} x {pixels.shape[0]} pixels, {levels} gray levels, {packed.tell() / 1000:.0f} kB")


def few_colours(pixels: np.ndarray, levels: int) -> Image.Image:
    """Picture of evenly spaced gray levels and the nearest outline colours; ``pixels`` uint8 (height, width, 3)."""
    colours = 255 * np.array([to_rgb(colour) for colour in OUTLINE_COLOURS.values()])
    index = np.rint(pixels.mean(axis=2) * (levels - 1) / 255).astype(np.uint8)
    coloured = np.ptp(pixels, axis=2) > 40
    away = np.abs(pixels[coloured][:, None].astype(float) - colours).sum(axis=2)  # (coloured pixels, colours)
    index[coloured] = levels + away.argmin(axis=1)
    picture = Image.fromarray(index, mode="P")
    grays = np.linspace(0, 255, levels).repeat(3)
    picture.putpalette(np.concatenate([grays, colours.ravel()]).round().astype(int).tolist())
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patient", type=int, default=0, help="index of the phantom whose findings are dialled")
    parser.add_argument("--out", type=Path, default=PROJECT / "figures", metavar="FOLDER")
    options = parser.parse_args()
    use_style()
    save(severities_figure(options.seed, options.patient), options.out / "phantom-findings.png", dpi=150)
    indices = track(range(ROWS * COLUMNS), "Gallery")
    images = np.stack([render(options.seed, index, size=256).image for index in indices])
    note = f"{ROWS * COLUMNS} computed phantoms, seed {options.seed}; no patients."
    save(panel_figure({"": images}, COLUMNS, note), options.out / "phantom-gallery.png", dpi=110)


if __name__ == "__main__":
    main()
