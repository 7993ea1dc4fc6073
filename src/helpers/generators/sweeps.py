"""How a sampling option changes the same images, and one patient interpolated from absent to present."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.findings import ABSENT, PRESENT, Cell, Findings
from helpers.generators.drawing_threads import drawing_threads
from helpers.generators.image_generator import ImageGenerator
from helpers.generators.sources import KINDS, options_of


def swept(
    generator: ImageGenerator,
    spec: Mapping,
    condition: np.ndarray,
    option: str,
    values: Sequence[float],
    seeds: Sequence[int],
    workers: int = 1,
) -> dict[str, np.ndarray]:
    """Images of the same seeds at each value of one option: title of the value -> float32 (n, size, size) in 0..1.

    All have one condition. ``option`` is guidance, truncation or emphasis; the other options are those of ``spec``.
    Empty for a source without the option. On a CPU, ``workers`` threads of one core each share the values.
    """
    if option not in KINDS[spec["kind"]].options:
        return {}

    def drawn(value: float) -> np.ndarray:
        return generator.sample(condition, seeds, **options_of(spec) | {option: value})

    with drawing_threads(workers) as pool:
        return {f"{option} {value:g}": strip for value, strip in zip(values, pool.map(drawn, values), strict=True)}


def walked(
    generator: ImageGenerator, spec: Mapping, findings: Findings, seed: int, shares: Sequence[float], workers: int = 1
) -> dict[str, np.ndarray]:
    """One patient from absent (share 0) to present (share 1) of each finding: float32 (n, size, size) in 0..1.

    The ends are the images that ``sample`` gives for the seed. Empty for a source that cannot interpolate between
    conditions, such as existing images. On a CPU, ``workers`` threads of one core each share the findings.
    """

    def drawn(name: str) -> np.ndarray | None:
        ends = tuple(findings.condition(Cell(name, state)) for state in (ABSENT, PRESENT))
        return generator.walk(ends, seed, shares, **options_of(spec))

    with drawing_threads(workers) as pool:
        strips = zip(findings.names, pool.map(drawn, findings.names), strict=True)
        return {name: strip for name, strip in strips if strip is not None}
