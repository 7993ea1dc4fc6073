"""Cost of the image metrics on many images: python benchmarks/image_metrics.py [--images 50000] [--features 768]

Uses made-up float32 features of equally many real and synthetic images. Prints the seconds taken by the Fréchet
distance, by KID over many subsets, and by precision, recall, density and coverage, and the process's peak memory.
"""

import argparse
import resource
import time

import numpy as np

from helpers.image_metrics.coverage import coverage
from helpers.image_metrics.fidelity import frechet_distance, kernel_distance

SUBSETS, SUBSET = 100, 1000


def features(images: int, width: int, seed: int, shift: float) -> np.ndarray:
    """Features with correlated columns, float32 (images, width)."""
    rng = np.random.default_rng(seed)
    mixing = rng.standard_normal((64, width), dtype=np.float32) / 8
    found = rng.standard_normal((images, 64), dtype=np.float32) @ mixing
    found += 0.3 * rng.standard_normal((images, width), dtype=np.float32)
    found += np.float32(shift)
    return found


def kid(real: np.ndarray, synthetic: np.ndarray, seed: int = 1) -> np.ndarray:
    """KID of random subsets, (SUBSETS,)."""
    rng = np.random.default_rng(seed)
    draws = ((rng.permutation(len(x))[:SUBSET] for x in (real, synthetic)) for _ in range(SUBSETS))
    return np.array([kernel_distance(real[a].astype(float), synthetic[b].astype(float)) for a, b in draws])


def main(images: int, width: int) -> None:
    """Measure, and print a line for each metric."""
    real, synthetic = features(images, width, 1, 0.0), features(images, width, 2, 0.02)
    work = {"Fréchet distance": frechet_distance, f"KID, {SUBSETS} subsets of {SUBSET}": kid, "PRDC": coverage}
    total = 0.0
    print(f"{images:,} real and {images:,} synthetic images, {width} features, float32")
    for name, metric in work.items():
        start = time.perf_counter()
        metric(real, synthetic)
        total += (seconds := time.perf_counter() - start)
        print(f"{name:28s} {seconds:7.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # kibibytes on Linux
    print(f"{'all':28s} {total:7.1f} s, peak memory {peak:.2f} GiB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--features", type=int, default=768)
    given = parser.parse_args()
    main(given.images, given.features)
