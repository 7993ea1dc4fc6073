"""Images at the size of MIMIC-CXR: ``python benchmarks/images.py [what] [--folder FOLDER]``.

``prepare`` reduces made-up JPEG files, which have as many bytes per pixel as those of MIMIC-CXR-JPG, to 256 pixels with
two processes, as a cohort does; for comparison they are only decoded, and decoded in full with a PNG file for each.
``training`` writes 180,000 images of 256 pixels to the folder (11.8 GB; the other two use them) and reads them in
random batches. ``neighbours`` finds the nearest of them for 10,000 others, some of them near copies, and checks a few
against all. Prints wall-clock and processor seconds, and the peak of resident memory.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import psutil
import torch
from PIL import Image

from helpers.cohort.images import write_images
from helpers.cohort.listing import Listing
from helpers.cohort.phantom import render
from helpers.cohort.preprocess import preprocess
from helpers.cohort.settings import Settings
from helpers.files import eight_bits, read_gray, write_png
from helpers.generators.training_data import TrainingData
from helpers.image_metrics.extractors import RANDOM, load_extractor
from helpers.image_metrics.fidelity import frechet_distance
from helpers.image_metrics.memorization import neighbours_in_training
from helpers.image_metrics.neighbours import Search
from helpers.image_metrics.pixel_search import PixelSearch
from helpers.pixels import PixelFile
from helpers.progress import track

SIZE, TRAINING, SAMPLES, COPIES, PHANTOMS = 256, 180_000, 10_000, 100, 96
SOURCES = {"1024 x 1024": (1024, 1024), "2544 x 3056": (2544, 3056)}
BYTES_PER_PIXEL = 0.19  # 558 GB of 377,110 images, most of them 2544 x 3056


@contextmanager
def measured(what: str, images: int) -> Iterator[None]:
    """Print how many images per second the block processed, by the clock and per processor second."""
    clock, before = time.perf_counter(), processor_seconds()
    yield
    seconds, busy = time.perf_counter() - clock, processor_seconds() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # kibibytes on Linux
    print(
        f"{what:44s} {images / seconds:9.1f} images/s {seconds:7.1f} s {busy:7.1f} s of processor "
        f"{2 * images / busy:9.1f} images/s on two free cores, {peak:.2f} GiB",
        flush=True,
    )


def processor_seconds() -> float:
    """Processor seconds of this process and of those that it has started."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return sum(part.user + part.system for part in times)


def as_jpeg(index: int, shape: tuple[int, int], path: Path) -> None:
    """Write an enlarged phantom with noise as a JPEG file of quality 95 with the wanted number of bytes per pixel."""
    width, height = shape
    phantom = Image.fromarray(render(0, index, size=512).image.astype(np.float32))
    smooth = np.asarray(phantom.resize(shape, Image.Resampling.BICUBIC))
    noise = np.random.default_rng(index).standard_normal((height, width), dtype=np.float32)
    low, high = 0.0, 0.05
    for _ in range(6):
        strength = (low + high) / 2
        Image.fromarray(eight_bits(smooth + strength * noise)).save(path, quality=95)
        low, high = (low, strength) if path.stat().st_size > BYTES_PER_PIXEL * width * height else (strength, high)


def as_before(source: str, folder: Path, number: int) -> None:
    """Write one image, with all pixels decoded, to a PNG file of its own."""
    write_png(folder / f"{number}.png", preprocess(read_gray(source), SIZE), durable=False)


def only_decoded(source: str) -> None:
    """Decode one image in full with Pillow, and do nothing else."""
    with Image.open(source) as image:
        image.load()


def prepare(folder: Path, images: int) -> None:
    """Speed of preparing, and what the scaled decoding changes."""
    for name, shape in SOURCES.items():
        made = [folder / "jpeg" / f"{shape[0]}-{number}.jpg" for number in range(24)]
        for number, path in enumerate(track(made, "Made-up files")):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                as_jpeg(number, shape, path)
        print(f"{name}: {np.mean([path.stat().st_size for path in made]) / 1e6:.2f} MB a file")
        sources = [str(made[number % len(made)]) for number in range(images)]
        listing = Listing(pd.DataFrame({"image_id": [f"i{number}" for number in range(images)], "source": sources}))
        settings = Settings(kind="folder", size=SIZE, workers=2)
        warm = replace(listing, table=listing.table.head(600))
        write_images(warm, settings, folder / f"warm-{shape[0]}")  # starts the processes
        with measured(f"{name}, into one file", images):
            write_images(listing, settings, folder / f"cohort-{shape[0]}")
        with measured(f"{name}, only decoded by Pillow", images):
            joblib.Parallel(2)(joblib.delayed(only_decoded)(source) for source in sources)
        with measured(f"{name}, in full, PNG files", images):
            job = joblib.delayed(as_before)
            joblib.Parallel(2)(job(s, folder / "png", n) for n, s in enumerate(sources))
        shift(made)


def shift(paths: list[Path]) -> None:
    """How far images decoded at 1/2 or 1/4 are from the same images decoded in full, in levels of 255, and their
    Fréchet distance in the random network's features beside that of two halves of the images."""
    full, scaled = (
        np.stack([preprocess(read_gray(path, least), SIZE) for path in paths]) for least in (None, 2 * SIZE)
    )
    levels = np.abs(eight_bits(full).astype(int) - eight_bits(scaled))
    extractor = load_extractor(RANDOM)
    a, b = (extractor.features(images) for images in (full, scaled))
    print(
        f"  scaled against full: mean {levels.mean():.3f}, 99.9 % {np.percentile(levels, 99.9):.0f}, "
        f"most {levels.max()} levels; Fréchet distance {frechet_distance(a, b):.5f}, "
        f"of two halves {frechet_distance(a[::2], a[1::2]):.3f}"
    )


def made_up(count: int, seed: int) -> Iterator[np.ndarray]:
    """Images uint8 (256, 256): two phantoms blended, shifted, with noise, and each of them mirrored; no two alike."""
    drawn = track(range(PHANTOMS), "Phantoms")
    phantoms = [render(seed, index, size=SIZE).image.astype(np.float32) * 255 for index in drawn]
    dice = np.random.default_rng(seed)
    noise = dice.standard_normal((4 * SIZE, 4 * SIZE), dtype=np.float32) * 6
    for _ in range(0, count, 4):
        first, second = (phantoms[k] for k in dice.integers(len(phantoms), size=2))
        share, shift = dice.random(dtype=np.float32), tuple(dice.integers(-8, 9, 2))
        top, left = dice.integers(0, 3 * SIZE, 2)
        image = share * first + (1 - share) * np.roll(second, shift, (0, 1))
        image += noise[top : top + SIZE, left : left + SIZE]
        image = np.clip(image, 0, 255).astype(np.uint8)
        yield from (image, image[:, ::-1], image[::-1], image[::-1, ::-1])


def stored(path: Path, count: int, seed: int) -> PixelFile:
    """A file of made-up images, made once."""
    if not path.exists():
        file = PixelFile.create(path.with_suffix(".part"), count, SIZE)
        for row, image in enumerate(track(made_up(count, seed), "Made-up images", total=count)):
            file.write(row, image)
        path.with_suffix(".part").rename(path)
    return PixelFile.open(path)


def training(folder: Path, batches: int = 500, batch: int = 64) -> None:
    """Random batches of the training split, from the disk and from the system's cache."""
    file = stored(folder / "images.npy", TRAINING, 1)
    data = TrainingData(file, torch.full((TRAINING, 4), -1, dtype=torch.int8), torch.arange(TRAINING))
    for kind in ("from the disk", "read before"):
        with open(file.path, "rb") as opened:
            os.fsync(opened.fileno())
            if kind == "from the disk":
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        with measured(f"{batch} at random of {TRAINING:,}, {kind}", batches * batch):
            for step in range(batches):
                data.pixels(data.order(1, step, batch))
    with measured("the same, as numbers from -1 to 1", batches * batch):
        for step in range(batches):
            data.batch(data.order(1, step, batch))


def neighbours(folder: Path, checked: int = 12) -> None:
    """Nearest training images of samples, by pixels, with a bound on memory; a few are checked against all."""
    known = stored(folder / "images.npy", TRAINING, 1)
    samples = stored(folder / "samples.npy", SAMPLES, 2)[range(SAMPLES)]
    dice = np.random.default_rng(3)
    copied = dice.integers(TRAINING, size=COPIES)
    samples[:COPIES] = np.clip(known[copied] + dice.normal(0, 8, (COPIES, SIZE, SIZE)), 0, 255)
    with measured(f"neighbours of {SAMPLES:,} among {TRAINING:,}", SAMPLES):
        found = neighbours_in_training(samples, known)
    print(f"  copies found {(found['nearest'][:COPIES] == copied).mean():.3f}, proven {found['proven'].mean():.3f}")
    rows = np.r_[:2, dice.integers(COPIES, SAMPLES, checked - 2)]
    least, place = np.full(checked, np.inf), np.zeros(checked, dtype=int)
    for start in track(range(0, TRAINING, 512), "All pixels"):
        part = known[range(start, min(start + 512, TRAINING))].reshape(-1, SIZE**2).astype(np.float32)
        for number, row in enumerate(rows):
            squares = np.square(part - samples[row].reshape(-1)).sum(axis=1, dtype=np.float64)
            if squares.min() < least[number]:
                least[number], place[number] = squares.min(), start + squares.argmin()
    same = found["nearest"].to_numpy()[rows] == place
    print(f"  the same as by all pixels: {same.sum()} of {checked}")


def recall(folder: Path, count: int = 4000) -> None:
    """How often the nearest image is found with few candidates, on a set for which all distances can be computed."""
    known = stored(folder / "images.npy", TRAINING, 1)[range(count)]
    samples = stored(folder / "samples.npy", SAMPLES, 2)[range(500)]
    whole = Search(known).nearest(samples)[0]
    for most in (1, 8, 32):
        row, _, proven = PixelSearch(known, (most,)).nearest(samples)
        print(f"  {most} candidates: found {np.mean(row == whole):.3f}, proven {proven.mean():.3f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", default="prepare", choices=["prepare", "training", "neighbours", "recall"])
    parser.add_argument("--folder", type=Path, help="where files are made and kept; else in a temporary folder")
    parser.add_argument("--images", type=int, default=1200)
    given = parser.parse_args()
    torch.set_num_threads(2)
    work = {"training": training, "neighbours": neighbours, "recall": recall}
    with tempfile.TemporaryDirectory() as temporary:
        place = given.folder or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        work[given.what](place) if given.what in work else prepare(place, given.images)
