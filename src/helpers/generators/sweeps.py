"""What a sampling option does to the same images, and one patient on the way from absent to present."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.findings import ABSENT, NAMES, PRESENT, Cell, condition
from helpers.generators.sampling import SAMPLE_OPTIONS, Generator


def swept(
    generator: Generator, spec: Mapping, cell: Cell, option: str, values: Sequence[float], seeds: Sequence[int]
) -> dict[str, np.ndarray]:
    """The same seeds at each value of one option: title of the value -> float32 (n, size, size) in 0..1.

    ``option`` is guidance or truncation; the other options are those of ``spec``. Nothing for a source without it.
    """
    if option not in SAMPLE_OPTIONS[spec["kind"]]:
        return {}
    return {
        f"{option} {value:g}": generator.sample(condition(cell), seeds, **_options(spec) | {option: value})
        for value in values
    }


def walked(generator: Generator, spec: Mapping, seed: int, shares: Sequence[float]) -> dict[str, np.ndarray]:
    """One patient from absent (share 0) to present (share 1), finding by finding: float32 (n, size, size) in 0..1.

    The ends are the images that ``sample`` gives for the seed. Nothing for a source that has no way between two
    conditions: one that is told in words, or images that exist already.
    """
    if not hasattr(generator, "walk"):
        return {}
    ends = {name: [condition(Cell(name, state)) for state in (ABSENT, PRESENT)] for name in NAMES}
    return {name: generator.walk(*pair, seed, shares, **_options(spec)) for name, pair in ends.items()}


def _options(spec: Mapping) -> dict:
    return {name: spec[name] for name in SAMPLE_OPTIONS[spec["kind"]] if name in spec}
