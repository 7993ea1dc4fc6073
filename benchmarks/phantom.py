"""How fast phantoms are drawn: ``python benchmarks/phantom.py``. Prints a table of medians over repeats.

Drawing alone is timed in one process on one thread; a whole cohort, with images and tables written, on 2 processes.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from helpers.cohort.build import build
from helpers.cohort.phantom import render
from helpers.cohort.settings import Settings

DRAWN = {64: 200, 256: 60}  # images of each repeat, by side in pixels


def drawing(size: int, images: int, repeats: int) -> dict:
    """Seconds that ``images`` phantoms of one size take; the first few are drawn without timing."""
    for index in range(5):
        render(0, index, size=size)
    seconds = []
    for repeat in range(repeats):
        start = time.perf_counter()
        for index in range(images):
            render(repeat, index, size=size)
        seconds.append(time.perf_counter() - start)
    return row(f"draw, {size} px", 1, images, seconds)


def cohort(images: int, processes: int, repeats: int) -> dict:
    """Seconds that a cohort takes from nothing, at 64 px, including the start of the processes."""
    seconds = []
    for repeat in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            build(Settings(kind="phantom", images=images, seed=repeat, workers=processes), Path(folder) / "cohort")
            seconds.append(time.perf_counter() - start)
    return row("cohort with files, 64 px", processes, images, seconds)


def row(task: str, processes: int, images: int, seconds: list[float]) -> dict:
    """A line of the table; the spread is that of the repeats."""
    middle = statistics.median(seconds)
    return {
        "task": task,
        "processes": processes,
        "images": images,
        "repeats": len(seconds),
        "median_s": round(middle, 2),
        "fastest_s": round(min(seconds), 2),
        "slowest_s": round(max(seconds), 2),
        "images_per_s": round(images / middle, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="repeats of drawing alone")
    parser.add_argument("--images", type=int, default=4000, help="images of the cohort")
    parser.add_argument("--cohorts", type=int, default=3, help="repeats of the cohort")
    options = parser.parse_args()
    with threadpool_limits(1):
        rows = [drawing(size, images, options.repeats) for size, images in DRAWN.items()]
    rows.append(cohort(options.images, 2, options.cohorts))
    print(pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main()
