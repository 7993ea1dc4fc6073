"""Weights of trained networks on disk, ``model.safetensors``, and their description, ``model.json``."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes
from torch import Tensor

from helpers.errors import CheckpointError, ParameterError
from helpers.files import atomic_write, sha256, write_text

WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"


def write(folder: Path, tensors: Mapping[str, Tensor], description: Mapping) -> Path:
    """Write the weights, then their description, which includes their SHA-256; returns the weights file."""
    write_tensors(folder / WEIGHTS, tensors)
    stored = {**description, "sha256": sha256(folder / WEIGHTS)}
    write_text(folder / DESCRIPTION, json.dumps(stored, indent=1) + "\n")
    return folder / WEIGHTS


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write weights alone; raises DiskError if the disk is full or the folder is not writable."""
    with atomic_write(path) as temporary:
        temporary.write_bytes(to_bytes({name: tensor.cpu().contiguous() for name, tensor in tensors.items()}))


@contextmanager
def reading(folder: Path, called: str, notebook: str) -> Iterator[tuple[dict, dict[str, Tensor]]]:
    """Yield the description and weights that ``write`` wrote, to build networks from within the block.

    Raises CheckpointError if a file is missing or damaged, or if the block cannot use the contents. ``called`` is what
    the message calls the networks ("GAN"), ``notebook`` the one that trains them.
    """
    weights, described = folder / WEIGHTS, folder / DESCRIPTION
    for path in (weights, described):
        if not path.is_file():
            raise CheckpointError(f"{path}: missing; run notebooks/{notebook}.ipynb first")
    try:
        description = json.loads(described.read_text(encoding="utf-8"))
        if sha256(weights) != description["sha256"]:
            raise CheckpointError(f"{weights}: its SHA-256 is not the one in {described}; train the {called} again")
        yield description, load_file(weights)
    except (ValueError, KeyError, TypeError, RuntimeError, SafetensorError, ParameterError) as error:
        raise CheckpointError(f"{weights}: no {called} of this software ({error}); train it again") from error
