"""Going on with a training that was stopped: from which checkpoint, and when from none."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from helpers.generators import checkpoints
from helpers.generators.budget import Budget
from helpers.generators.pretrained import Pretrained


def find(
    folder: str | Path, identity: Mapping, budget: Budget, start: Pretrained | None = None
) -> tuple[dict | None, str]:
    """State to continue from, None to start again, and a sentence for the user that says which.

    ``identity`` is everything that must be equal for a training to continue from a checkpoint. A checkpoint of another
    identity, and one that has trained longer than ``budget`` allows, is removed, and training starts again.
    """
    found = checkpoints.load(folder)
    if found is None:
        if start:
            return None, f"Training starts from {start.path.name}, which has seen {start.images_seen:,} images."
        return None, "Training starts from random weights."
    state, description = found
    seen = f"{description['images']:,} images"
    if not checkpoints.matches(description, identity):
        checkpoints.clear(folder)
        return None, f"The checkpoint at {seen} has other settings, data, precision or code: training starts again."
    spent = budget.spent(description["seconds"], description["step"], description["images"])
    if spent and description["finished"] != asdict(budget):
        checkpoints.clear(folder)
        return None, f"The checkpoint at {seen} has trained longer than this budget: training starts again."
    return state, f"The checkpoint at {seen} has used up this budget." if spent else f"Training continues at {seen}."


def keep(
    folder: str | Path, state: dict, identity: Mapping, seconds: float, step: int, images: int, finished: Budget | None
) -> None:
    """Write a checkpoint that ``find`` can judge; ``finished`` is the budget that it has spent, if it has."""
    description = {
        "step": step,
        "images": images,
        "seconds": seconds,
        "parameters": checkpoints.parameters_digest(identity),
        "finished": asdict(finished) if finished else None,
    }
    checkpoints.save(folder, state, description)
