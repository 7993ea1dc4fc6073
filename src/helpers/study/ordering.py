"""The order of a reader's trials and the places of their images: balanced places, short runs, distant repeats."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.errors import PlanError

TRIES_PER_TRIAL = 200


def balanced_sides(trials: pd.DataFrame, places: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Place of the synthetic image in each trial: the counts of places differ by at most one within every
    source x finding, and within every cell.

    ``trials`` has the columns source, finding, present; the result is in the same order.
    """
    shuffled = trials.reset_index(drop=True).iloc[rng.permutation(len(trials))]
    sides = [""] * len(trials)
    for _, group in shuffled.groupby(["source", "finding"], sort=True):
        start = rng.integers(len(places))
        for count, row in enumerate(group.sort_values("present", kind="stable").index):
            sides[row] = places[(count + start) % len(places)]
    return sides


def excess_of_runs(answers: np.ndarray, max_run: int) -> int:
    """Number of trials by which runs of one answer exceed ``max_run``, summed over the sequence."""
    lengths = np.diff(np.flatnonzero(np.concatenate([[True], answers[1:] != answers[:-1], [True]])))
    return int(np.maximum(lengths - max_run, 0).sum())


def spread(count: int, repeats: int, distance: int, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Places for first showings and for repeats in a block of ``count`` trials, at least ``distance`` apart."""
    free = set(range(count))
    first, second = [], []
    for _ in range(repeats):
        starts = sorted(place for place in free if place < count - distance)
        start = int(rng.choice(starts)) if starts else None
        ends = sorted(place for place in free if start is not None and place >= start + distance)
        if not ends:  # crowded: first showings at the front, repeats at the back in the same order
            return list(range(repeats)), list(range(count - repeats, count))
        first.append(start)
        second.append(int(rng.choice(ends)))
        free -= {first[-1], second[-1]}
    return first, second


def arrange(
    answers: Sequence, repeat_of: Sequence[int | None], practice: int, max_run: int, rng: np.random.Generator
) -> list[int]:
    """Random order of a block of trials; returns indices into ``answers``, the expected answers.

    The first ``practice`` trials stay first. ``repeat_of[i]`` is the index of the trial that trial i repeats, or
    None; a repeat comes at least a quarter of the block after its first showing. No expected answer comes more than
    ``max_run`` times in a row; raises PlanError if no such order is found.
    """
    count = len(answers) - practice
    distance = max(1, count // 4)
    repeats = [i for i, original in enumerate(repeat_of) if original is not None]
    originals = [repeat_of[i] for i in repeats]
    order = np.full(len(answers), -1)
    order[:practice] = rng.permutation(practice)
    first, second = spread(count, len(repeats), distance, rng)
    order[practice + np.array(first, dtype=int)] = originals
    order[practice + np.array(second, dtype=int)] = repeats
    others = [i for i in range(practice, len(answers)) if i not in {*repeats, *originals}]
    order[order < 0] = rng.permutation(np.array(others, dtype=int))

    codes = np.unique(np.asarray(answers), return_inverse=True)[1]
    partner = {a: b for a, b in zip(repeats, originals, strict=True)} | dict(zip(originals, repeats, strict=True))
    excess = excess_of_runs(codes[order], max_run)
    for _ in range(TRIES_PER_TRIAL * len(answers)):
        if excess == 0:
            return [int(i) for i in order]
        a, b = rng.choice(_swappable(codes[order], max_run)), rng.integers(len(order))
        if (a < practice) != (b < practice):
            continue
        order[[a, b]] = order[[b, a]]
        changed = excess_of_runs(codes[order], max_run)
        if changed <= excess and _distant(order, (order[a], order[b]), partner, set(repeats), distance):
            excess = changed
        else:
            order[[a, b]] = order[[b, a]]
    raise PlanError(
        f"max_run = {max_run}: the trials cannot be ordered so that no answer comes more often in a row; "
        "raise max_run, or make present and absent cells more alike in number"
    )


def _swappable(codes: np.ndarray, max_run: int) -> np.ndarray:
    """Places inside the runs that are too long."""
    run = np.cumsum(np.concatenate([[0], codes[1:] != codes[:-1]]))
    return np.flatnonzero(np.bincount(run)[run] > max_run)


def _distant(order: np.ndarray, moved: Sequence[int], partner: dict, repeats: set, distance: int) -> bool:
    """Whether the moved trials still have at least this distance between first showing and repeat."""
    for trial in moved:
        if trial in partner:
            here, there = (int(np.flatnonzero(order == t)[0]) for t in (trial, partner[trial]))
            gap = here - there if trial in repeats else there - here
            if gap < distance:
                return False
    return True
