"""Real against real and synthetic against real at equal n, by repeated random halving."""

from dataclasses import asdict, dataclass
from zlib import crc32

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from helpers.findings import Cell
from helpers.image_metrics.coverage import NEIGHBOURS, coverage
from helpers.image_metrics.fidelity import frechet_distance, frechet_infinity, kernel_distance
from helpers.progress import track
from helpers.tables import REAL

FRECHET, INFINITY, KERNEL = "frechet_distance", "frechet_infinity", "kid"
COVERAGE = ("precision", "recall", "density", "coverage")
VARIANCE = "feature_variance"
METRICS = (FRECHET, INFINITY, KERNEL, *COVERAGE, VARIANCE)
COLUMNS = ["source", "finding", "present", "metric", "value", "low", "high", "n", "method"]


@dataclass(frozen=True)
class Images:
    """Images of one source: features (n, d), the study cells that each belongs to, and whose images they are.

    ``cells``: for each of the study's cells, the positions of its images; the same cells in all sets. ``groups`` (n,):
    patients of real images, whose images always stay together; each synthetic image is its own group.
    """

    features: np.ndarray
    cells: dict[Cell, np.ndarray]
    groups: np.ndarray


@dataclass(frozen=True)
class Halves:
    """How often the sets are halved, the fewest images for which a value is given, and the most images per set in KID,
    precision, recall, density and coverage."""

    repeats: int = 100
    smallest_n: int = 10
    kid_subset: int = 1000


def compare(
    real: Images, synthetic: dict[str, Images], halves: Halves, seed: int, by_cell: bool = True
) -> pd.DataFrame:
    """Compare real images and every synthetic source with real images by each of ``METRICS``, as a tidy table.

    The held-out patients are repeatedly split at random into two halves. One is the reference. From the other come
    n images, the baseline; n images also come from a random half of every source's images. The value is the
    median over the repeats, low and high are the 2.5th and 97.5th percentiles: half-samples vary as the whole
    sample does between studies (the delete-half jackknife, Shao and Wu 1989). Rows are overall and, with ``by_cell``,
    for each cell. Overall, all sets have the same number of images from every cell, so that a different mix of
    findings is not mistaken for a different appearance. If n is too small the value is missing and method says why.
    Columns: source, finding and present (missing = overall), metric, value, low, high, n, method.
    """
    sets = {REAL: real} | synthetic
    draws: dict[tuple, list[tuple[float, int]]] = {}
    with threadpool_limits(1):  # with matrices this small, threads mostly wait for each other
        for repeat in track(range(halves.repeats), "Comparing", unit="halvings"):
            # Every source has its own random numbers, so that none depends on which others there are.
            rngs = {name: np.random.default_rng([seed, repeat, crc32(name.encode())]) for name in sets}
            for key, drawn in _one_halving(sets, halves, rngs, by_cell).items():
                draws.setdefault(key, []).append(drawn)
    return _summary(draws, sets, halves, by_cell)


def taking_part(sets: dict[str, Images], cell: Cell, smallest_n: int) -> list[str]:
    """Sources whose halves have enough images of a cell; none if there are too few real ones."""
    enough = [name for name, images in sets.items() if len(images.cells[cell]) // 2 >= smallest_n]
    return enough if REAL in enough else []


def split_groups(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """True for the first of two random halves of the images, (n,); the images of a group stay together."""
    names, group_of = np.unique(groups, return_inverse=True)
    order = rng.permutation(len(names))
    sizes = np.bincount(group_of)[order]
    first = np.cumsum(sizes) - sizes / 2 <= len(groups) / 2
    chosen = np.zeros(len(names), dtype=bool)
    chosen[order[first]] = True
    return chosen[group_of]


def balanced_draw(pools: dict[Cell, np.ndarray], rng: np.random.Generator) -> dict[Cell, np.ndarray]:
    """Draw equally many images of each cell, none twice, from pools that may overlap.

    The cells take turns, the rarest first, until one has no images left.
    """
    waiting = {cell: list(rng.permutation(pool)) for cell, pool in sorted(pools.items(), key=lambda p: len(p[1]))}
    drawn: dict[Cell, list[int]] = {cell: [] for cell in waiting}
    taken: set[int] = set()
    while waiting:
        for cell, pool in waiting.items():
            while pool and pool[-1] in taken:
                pool.pop()
            if not pool:
                complete = min(len(d) for d in drawn.values())
                return {c: np.array(d[:complete], dtype=int) for c, d in drawn.items()}
            taken.add(pool[-1])
            drawn[cell].append(pool.pop())
    return {}


def _one_halving(sets: dict[str, Images], halves: Halves, rngs: dict, by_cell: bool) -> dict[tuple, tuple[float, int]]:
    """Every metric of one repeat and the number of images in it, by (source, cell or None, metric)."""
    real, (pools, reference) = sets[REAL], halved(sets, rngs)
    values: dict[tuple, tuple[float, int]] = {}
    for cell in real.cells if by_cell else ():
        names = taking_part(sets, cell, halves.smallest_n)
        # If patients have several images, a half is not exactly half; n is what every source has.
        n = min((len(pools[name][cell]) for name in names), default=0)
        if min(n, len(reference[cell])) < 2:
            continue
        for name in names:
            features = sets[name].features[rngs[name].permutation(pools[name][cell])[:n]]
            values |= _distances(name, cell, features, real.features[reference[cell]], halves)
    return values | _overall(sets, pools, reference, halves, rngs)


def halved(sets: dict[str, Images], rngs: dict) -> tuple[dict, dict]:
    """By cell, rows of a random half of every source's images (of real images: half of the patients), and rows of the
    other real images, the reference."""
    real = sets[REAL]
    first = split_groups(real.groups, rngs[REAL])
    cells = list(sets[REAL].cells)
    pools = {name: {cell: _half(images.cells[cell], rngs[name]) for cell in cells} for name, images in sets.items()}
    pools[REAL] = {cell: index[~first[index]] for cell, index in real.cells.items()}
    reference = {cell: rngs[REAL].permutation(index[first[index]]) for cell, index in real.cells.items()}
    return pools, reference


def _half(index: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(index)[: len(index) // 2]


def equal_draws(
    sets: dict[str, Images], pools: dict, reference: dict, halves: Halves, rngs: dict
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Rows by source, equally many from every cell with enough real images, and rows of the real reference.

    Takes the output of ``halved``. Sources with too few images of some cell are left out; no rows if fewer than 2
    remain.
    """
    cells = [cell for cell in sets[REAL].cells if taking_part(sets, cell, halves.smallest_n)]
    names = whole_sources(sets, halves.smallest_n)
    drawn = {name: balanced_draw({cell: pools[name][cell] for cell in cells}, rngs[name]) for name in names}
    base = balanced_draw({cell: reference[cell] for cell in cells}, rngs[REAL])
    per_cell = min((len(index) for part in (*drawn.values(), base) for index in part.values()), default=0)
    if per_cell * len(cells) < 2:
        return {}, np.array([], dtype=int)
    target = rngs[REAL].permutation(np.concatenate(list(base.values())))
    chosen = {name: np.concatenate([index[:per_cell] for index in drawn[name].values()]) for name in names}
    return {name: rngs[name].permutation(rows) for name, rows in chosen.items()}, target


def _overall(sets, pools, reference, halves: Halves, rngs) -> dict[tuple, tuple[float, int]]:
    drawn, base = equal_draws(sets, pools, reference, halves, rngs)
    values: dict[tuple, tuple[float, int]] = {}
    for name, rows in drawn.items():
        values |= _distances(name, None, sets[name].features[rows], sets[REAL].features[base], halves)
    return values


def whole_sources(sets: dict[str, Images], smallest_n: int) -> list[str]:
    """Sources with enough images of every cell that has enough real images."""
    cells = [names for names in (taking_part(sets, cell, smallest_n) for cell in sets[REAL].cells) if names]
    return [name for name in sets if cells and all(name in names for names in cells)]


def _distances(name, cell, features, reference, halves: Halves) -> dict[tuple, tuple[float, int]]:
    """Every metric that n is large enough for, of features in random order; a subset is the first of them."""
    n, dimension = min(len(features), len(reference)), features.shape[1]
    part, base = features[: halves.kid_subset], reference[: halves.kid_subset]
    found = {
        KERNEL: (kernel_distance(part, base), len(part)),
        VARIANCE: (float(features.var(axis=0, ddof=1).sum()), len(features)),
    }
    if n > dimension:
        found[FRECHET] = frechet_distance(features, reference), len(features)
    if n // 2 > dimension:
        found[INFINITY] = frechet_infinity(features, reference), len(features)
    if n > NEIGHBOURS:
        # Coverage of many real images by few synthetic ones is low whatever they show, so both sets have the same size.
        size = min(len(part), len(base))
        found |= {metric: (value, size) for metric, value in asdict(coverage(base[:size], part[:size])).items()}
    return {(name, cell, metric): value for metric, value in found.items()}


def _summary(draws: dict[tuple, list], sets: dict[str, Images], halves: Halves, by_cell: bool) -> pd.DataFrame:
    rows = []
    for metric in METRICS:
        for cell in (None, *(sets[REAL].cells if by_cell else ())):
            for source in sets:
                found = draws.get((source, cell, metric), [])
                row = {"source": source, "finding": None, "present": None, "metric": metric}
                if cell:
                    row |= {"finding": cell.finding, "present": cell.present}
                if len(found) > halves.repeats // 2:
                    row |= _spread(found, sets, cell, halves)
                else:
                    row |= _missing(sets, source, cell, metric, halves)
                rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS).astype({"present": "Int64"})


def _spread(found: list[tuple[float, int]], sets: dict[str, Images], cell: Cell | None, halves: Halves) -> dict:
    low, value, high = np.percentile([value for value, _ in found], [2.5, 50, 97.5])
    method = f"median and 95 % range of {len(found)} random halvings"
    if cell is None:
        count = sum(bool(taking_part(sets, c, halves.smallest_n)) for c in sets[REAL].cells)
        method += f"; equal numbers from {count} of {len(sets[REAL].cells)} cells"
    return {"value": value, "low": low, "high": high, "n": int(np.median([n for _, n in found])), "method": method}


def _missing(sets: dict[str, Images], source: str, cell: Cell | None, metric: str, halves: Halves) -> dict:
    """A value that cannot be given, and the reason."""
    blank = {"value": np.nan, "low": np.nan, "high": np.nan}
    if cell is None and source not in whole_sources(sets, halves.smallest_n):
        return blank | {"n": 0, "method": f"not given: some cells have fewer than {2 * halves.smallest_n} images"}
    n = min(len(sets[name].cells[cell]) if cell else len(sets[name].features) for name in (source, REAL)) // 2
    if cell is None or n >= halves.smallest_n:
        asked = f"{NEIGHBOURS} neighbours" if metric in COVERAGE else f"{sets[source].features.shape[1]} features"
        return blank | {"n": n, "method": f"not given: too few images per set for {asked}"}
    return blank | {"n": n, "method": f"not given: {n} images per set, fewer than {halves.smallest_n}"}
