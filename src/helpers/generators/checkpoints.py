"""Checkpoints, written completely or not at all: the last two, each with its digest, and which one to resume from."""

import hashlib
import json
import pickle
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from helpers.errors import CheckpointError
from helpers.files import atomic_write, sha256, write_text
from helpers.generators.budget import Budget
from helpers.generators.pretrained import Pretrained

KEPT = 2  # the newest checkpoint and the one before it


def _numbers(folder: Path) -> list[int]:
    names = [path.stem.removeprefix("checkpoint-") for path in folder.glob("checkpoint-*.*")]
    return sorted({int(name) for name in names if name.isdigit()}, reverse=True)


def _files(folder: Path, number: int) -> tuple[Path, Path]:
    stem = f"checkpoint-{number:06d}"
    return folder / f"{stem}.pt", folder / f"{stem}.json"


def clear(folder: str | Path) -> None:
    """Remove every checkpoint in a folder, and any partial files left by a killed process."""
    for path in [*Path(folder).glob("checkpoint-*.*"), *Path(folder).glob(".checkpoint-*")]:
        path.unlink(missing_ok=True)


def save(folder: str | Path, state: dict[str, Any], description: Mapping) -> Path:
    """Write a checkpoint next to the previous one, which is kept until the next one is complete.

    ``state`` is a nested dict of tensors and plain values. ``description`` is stored as JSON with the SHA-256 of the
    file. The JSON is written last: a checkpoint without it is ignored.
    """
    folder = Path(folder)
    numbers = _numbers(folder)
    states, described = _files(folder, numbers[0] + 1 if numbers else 1)
    with atomic_write(states) as temporary:
        torch.save(state, temporary)
    stored = {**description, "sha256": sha256(states)}
    write_text(described, json.dumps(stored, indent=1, default=str) + "\n")
    whole = [number for number in _numbers(folder) if _files(folder, number)[1].is_file()]
    for number in set(_numbers(folder)) - set(whole[:KEPT]):
        for path in _files(folder, number):
            path.unlink(missing_ok=True)
    for leftover in folder.glob(".checkpoint-*"):
        leftover.unlink(missing_ok=True)
    return states


class _DamagedError(CheckpointError):
    """The bytes on disk are not those that were written."""


def _read(states: Path, described: Path) -> tuple[dict, dict]:
    try:
        description = json.loads(described.read_text(encoding="utf-8"))
        if sha256(states) != description["sha256"]:
            raise _DamagedError(f"{states}: its SHA-256 is not the one in {described.name}")
    except (ValueError, KeyError, TypeError, FileNotFoundError) as error:
        raise _DamagedError(f"{states}: damaged ({type(error).__name__}: {error})") from error
    except OSError as error:
        raise CheckpointError(f"{states}: cannot be read ({error}); run the same command again once it can") from error
    try:
        return torch.load(states, map_location="cpu", weights_only=True), description
    except (OSError, ValueError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise CheckpointError(
            f"{states}: intact, but cannot be loaded ({type(error).__name__}: {error}); remove {states.parent} to "
            "start training again"
        ) from error


def load(folder: str | Path) -> tuple[dict, dict] | None:
    """Load the newest intact checkpoint as (state, description), tensors on the CPU; None if there is none.

    A state without its JSON was not written completely and is ignored. A damaged checkpoint is skipped with a warning.
    Raises CheckpointError naming a file that cannot be read now, or is intact but cannot be loaded.
    """
    folder = Path(folder)
    for number in _numbers(folder):
        states, described = _files(folder, number)
        if not described.is_file():
            continue
        try:
            return _read(states, described)
        except _DamagedError as error:
            warnings.warn(f"{error}; this checkpoint is passed over", stacklevel=2)
    return None


def find(
    folder: str | Path, identity: Mapping, budget: Budget, start: Pretrained | None = None
) -> tuple[dict | None, str]:
    """State to continue from, or None to start again, and a sentence that tells the user which.

    ``identity`` holds everything that must match for training to continue from a checkpoint. A checkpoint with another
    identity, or one trained longer than ``budget`` allows, is removed and training starts again.
    """
    found = load(folder)
    if found is None:
        if start:
            seen = f", which has seen {start.images_seen:,} images" if start.images_seen else ""
            return None, f"Training starts from {start.path.name}{seen}."
        return None, "Training starts from random weights."
    state, description = found
    seen = f"{description['images']:,} images"
    if description.get("identity") != _digest(identity):
        clear(folder)
        return None, f"The checkpoint at {seen} has other settings, data, precision or code: training starts again."
    spent = budget.spent(description["seconds"], description["step"], description["images"])
    if spent and description["finished"] != asdict(budget):
        clear(folder)
        return None, f"The checkpoint at {seen} has trained longer than this budget: training starts again."
    return state, f"The checkpoint at {seen} has used up this budget." if spent else f"Training continues at {seen}."


def keep(
    folder: str | Path, state: dict, identity: Mapping, seconds: float, step: int, images: int, finished: Budget | None
) -> None:
    """Write a checkpoint that ``find`` can check; ``finished`` is the budget if it is spent, otherwise None."""
    description = {"step": step, "images": images, "seconds": seconds, "identity": _digest(identity)}
    save(folder, state, description | {"finished": asdict(finished) if finished else None})


def _digest(values: Mapping) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()
