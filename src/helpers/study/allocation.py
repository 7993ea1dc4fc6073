"""Assigns images to trials: as many trials as possible, no image twice."""

from collections import deque
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import PlanError
from helpers.findings import Cell, Findings, in_cell
from helpers.tables import BESIDE, REAL


@dataclass(frozen=True)
class Kind:
    """The kind of image that a trial needs: from this source, in this cell."""

    source: str
    cell: Cell


Pool = dict[Kind, list[str]]


def image_pool(
    cohort: pd.DataFrame, samples: pd.DataFrame, split: str, findings: Findings, rng: np.random.Generator
) -> Pool:
    """Image ids for every source and cell, shuffled; a real image is in each cell that its labels match exactly.

    If a source was prompted with several templates, they alternate, so that every study has equal shares of them.

    Raises PlanError if the split is empty, there are no samples, a source is called "real", or an id is used twice or
    contains "|".
    """
    real = cohort[cohort.split == split]
    if real.empty:
        raise PlanError(
            f"split = {split!r}: the cohort has no image in it; choose another split or make one in 01_cohort"
        )
    if samples.empty:
        raise PlanError("samples.csv has no images: a study needs at least one generator; run 04_sample first")
    if (samples.source == REAL).any():
        raise PlanError(f"samples.csv: a generator's source may not be called {REAL!r}; rename it")
    both = sorted(set(samples.image_id) & set(cohort.image_id))
    if both:
        raise PlanError(f"image_id {both[0]!r} is in cohort.csv and in samples.csv; make the ids distinct")
    for image in [*cohort.image_id, *samples.image_id]:
        if BESIDE in image:
            raise PlanError(f"image_id {image!r} has {BESIDE!r} in it, which separates ids in the plan; rename it")
    pool = {Kind(REAL, cell): list(real.image_id[in_cell(real, cell)]) for cell in findings.cells}
    for source, of_source in samples.groupby("source", sort=True):
        for cell in findings.cells:
            mine = (of_source.finding == cell.finding) & (of_source.present == cell.present)
            pool[Kind(source, cell)] = list(of_source.image_id[mine])
    template = samples.set_index("image_id")["template"].dropna().to_dict() if "template" in samples else {}
    return {kind: _in_turn(list(rng.permutation(images)), template) for kind, images in pool.items()}


def _in_turn(images: list[str], template: Mapping[str, str]) -> list[str]:
    """The first image of each template, then the second, and so on; without templates the order is unchanged."""
    seen: dict[str, int] = {}
    turns = []
    for image in images:
        turns.append(seen.setdefault(template.get(image, ""), 0))
        seen[template.get(image, "")] += 1
    return [image for _, image in sorted(zip(turns, images, strict=True), key=lambda pair: pair[0])]


def without(pool: Pool, taken: Collection[str]) -> Pool:
    """The pool without the images that are taken."""
    return {kind: [image for image in images if image not in taken] for kind, images in pool.items()}


def used_last(pool: Pool, used: Collection[str]) -> Pool:
    """The pool with the images that another task already uses moved to the end of each list."""
    return {kind: sorted(images, key=lambda image: image in used) for kind, images in pool.items()}


def assign(slots: Sequence[tuple[Hashable, Kind]], pool: Mapping[Kind, Sequence[str]]) -> dict[Hashable, str]:
    """Give each slot (key, kind) an image of its kind, no image to two slots; as many slots as possible are served.

    Maximum bipartite matching by augmenting paths (Kuhn 1955): earlier slots keep their place, and each takes the
    first image of its list that is free. Slots that cannot be served are missing from the result.
    """
    kinds = dict(slots)
    taken: dict[Hashable, str] = {}
    owner: dict[str, Hashable] = {}
    for slot in kinds:
        reached_from: dict[str, Hashable] = {}
        queue, free = deque([slot]), None
        while queue and free is None:
            asking = queue.popleft()
            for image in pool.get(kinds[asking], ()):
                if image in reached_from:
                    continue
                reached_from[image] = asking
                if image not in owner:
                    free = image
                    break
                queue.append(owner[image])
        while free is not None:  # walk back: each slot on the path passes its image on
            asking = reached_from[free]
            owner[free], taken[asking], free = asking, free, taken.get(asking)
    return taken
