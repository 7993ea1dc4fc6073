"""Weights to start training from: one file per model, with a description in the file's header.

Written from a finished run by ``python -m helpers.generators.pretrained_export``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from helpers.errors import CheckpointError, ParameterError
from helpers.files import atomic_write, sha256
from helpers.findings import ORIGINAL
from helpers.runs import PROJECT

NONE = "none"  # value of the parameter warm_start that asks for random weights


def cpu_state(network: nn.Module) -> dict[str, Tensor]:
    """The weights of a network as safetensors requires them: contiguous and on the CPU."""
    return {name: values.detach().cpu().contiguous() for name, values in network.state_dict().items()}


@dataclass(frozen=True)
class Pretrained:
    """Weights of one or two networks, their shape, and the number of images that they have seen.

    ``networks`` maps generator and discriminator, or UNet and text encoder, to float32 weights by name; ``words`` is
    what the tokenizer of text-conditioned networks is made from; ``sha256`` is the file's.
    """

    path: Path
    networks: Mapping[str, Mapping[str, Tensor]]
    shape: Mapping
    images_seen: int
    sha256: str
    words: Mapping | None = None

    @classmethod
    def read(cls, path: str | Path) -> "Pretrained":
        """Read what ``write`` wrote; raises CheckpointError naming the file if it is missing, damaged or unsuitable."""
        path = Path(path)
        if not path.is_file():
            raise CheckpointError(f"{path}: no such file; name another one as warm_start, or set it to {NONE}")
        try:
            with safe_open(path, framework="pt") as file:
                header = json.loads(file.metadata()["pretrained"])
            networks: dict[str, dict[str, Tensor]] = {}
            for name, values in load_file(path).items():
                network, weight = name.split("/", 1)
                networks.setdefault(network, {})[weight] = values.float()
            shape = {"findings": list(ORIGINAL.names)} | header["shape"]  # a file without them has the original's
            return cls(path, networks, shape, int(header["images_seen"]), sha256(path), header.get("words"))
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"{path}: not weights to start from ({error}); set warm_start to {NONE}") from error

    def check(self, shape: Mapping) -> None:
        """Raise ParameterError, naming the differences, unless networks of ``shape`` can take these weights."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in shape.items()}
        here = {name: (self.shape.get(name), value) for name, value in plain.items() if self.shape.get(name) != value}
        if here:
            said = "; ".join(f"{name} is {theirs} in the file and {ours} here" for name, (theirs, ours) in here.items())
            raise ParameterError(f"warm_start = {self.path}: {said}. Take its values, or set warm_start to {NONE}")

    def fill(self, **networks: nn.Module) -> None:
        """Load the weights into networks of the same names; raises CheckpointError if they do not fit."""
        for name, network in networks.items():
            try:
                network.load_state_dict(dict(self.networks[name]))
            except (KeyError, RuntimeError) as error:
                raise CheckpointError(f"{self.path}: no weights of this {name} ({error})") from error


def find(warm_start: str) -> Pretrained | None:
    """Read the file that a notebook's ``warm_start`` names, relative to the project's root; None if it names none."""
    return None if warm_start == NONE else Pretrained.read(PROJECT / warm_start)


def write(
    path: str | Path,
    networks: Mapping[str, Mapping[str, Tensor]],
    shape: Mapping,
    images_seen: int,
    words: Mapping | None = None,
) -> None:
    """Write weights in half precision, which halves the file size and changes no image visibly."""
    weights = {f"{name}/{key}": v.half() for name, state in networks.items() for key, v in state.items()}
    header = json.dumps({"shape": dict(shape), "images_seen": images_seen, "words": words}, sort_keys=True)
    with atomic_write(Path(path)) as temporary:
        temporary.write_bytes(save(weights, metadata={"pretrained": header}))
