"""The DenseNet of TorchXRayVision as a feature space, from its weights file alone."""

import pickle
import re
import warnings
from collections import Counter, OrderedDict
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from helpers.errors import CheckpointError

NAME = "torchxrayvision"
HUB, HUB_FILE = "torchxrayvision/densenet121-res224-all", "model.pt"
SIZE = 224  # side in pixels of the images that it was trained on
# What a weights file may call while it is read; every other class is replaced by an empty one, so its code never runs.
HARMLESS = {"collections": ("OrderedDict",), "builtins": ("set",), "__builtin__": ("set",)}
DAMAGED = (
    SafetensorError,
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    KeyError,
    RuntimeError,
    TypeError,
    ValueError,
)
REBUILT = ("_rebuild_tensor_v2", "_rebuild_tensor", "_rebuild_parameter")


def load(where: str) -> tuple[str, nn.Module]:
    """Load name and frozen network, (batch, 1, 224, 224) to (batch, features), from a weights file or a hub id.

    The file is a ``.safetensors`` state of a network, or a whole network as TorchXRayVision stores it. Raises
    CheckpointError for a file that is missing or not a DenseNet.
    """
    path = Path(where) if Path(where).is_file() else _fetched(where)
    try:
        state = load_file(path) if path.suffix == ".safetensors" else _state(path)
        network = DenseNet(*_shape(state))
        network.load_state_dict({name: value for name, value in state.items() if name.startswith("features.")})
    except DAMAGED as error:
        raise CheckpointError(f"{path}: holds no DenseNet ({str(error).splitlines()[0]})") from error
    return path.stem if path.name != HUB_FILE else where.rpartition("/")[2], network.eval().requires_grad_(False)


def _shape(state: dict[str, torch.Tensor]) -> tuple[int, int, list[int]]:
    """First channels, growth and layers of each block of the network that has these weights."""
    first, growth = (len(state[f"features.{name}.weight"]) for name in ("conv0", "denseblock1.denselayer1.conv2"))
    names = [re.match(r"features\.denseblock(\d+)\.denselayer\d+\.conv1\.", name) for name in state]
    counts = Counter(int(found[1]) for found in names if found)
    return first, growth, [counts[block] for block in sorted(counts)]


def _fetched(where: str) -> Path:
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(where, HUB_FILE))
    except (OSError, ValueError) as error:  # the hub's own errors are among these
        raise CheckpointError(
            f"{NAME}: {where!r} is no file, and {HUB_FILE} cannot be downloaded from the hub under this name "
            f"({str(error).splitlines()[0]}); give the path of the weights, {NAME}:PATH"
        ) from error


class _Part:
    """Stand-in for a class of which only the attributes are needed."""

    def __init__(self, *arguments, **options):
        pass


class _Reader(pickle.Unpickler):
    """Rebuilds tensors and reads attributes; runs no other code."""

    def find_class(self, module: str, name: str):
        if module == "torch._utils" and name in REBUILT or module == "torch" and name.endswith("Storage"):
            return super().find_class(module, name)
        if name in HARMLESS.get(module, ()):
            return super().find_class(module, name)
        return type(name, (_Part,), {})


class _Pickle:
    """What ``torch.load`` needs of a pickle module."""

    Unpickler = _Reader
    load = staticmethod(lambda file, **options: _Reader(file, **options).load())


def _state(path: Path) -> dict[str, torch.Tensor]:
    """Weights by name from a torch file: a state, or a whole network of classes that need not be installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the source code of classes that are not installed cannot be compared
        found = torch.load(path, map_location="cpu", weights_only=False, pickle_module=_Pickle)
    return dict(found if isinstance(found, dict) else _walk(found, ""))


def _walk(part, prefix: str) -> dict[str, torch.Tensor]:
    own = {**part._parameters, **part._buffers}
    state = {f"{prefix}{name}": value.detach() for name, value in own.items() if value is not None}
    for name, inner in part._modules.items():
        state |= _walk(inner, f"{prefix}{name}.")
    return state


class DenseNet(nn.Module):
    """DenseNet-BC for gray images (Huang et al. 2017, arXiv 1608.06993) without its classifier.

    ``first``: channels of the first convolution; ``growth``: channels that each layer adds; ``layers``: layers per
    block. Parts have the names used by torchvision.
    """

    def __init__(self, first: int = 64, growth: int = 32, layers: tuple[int, ...] = (6, 12, 24, 16)):
        super().__init__()
        parts = [
            ("conv0", nn.Conv2d(1, first, 7, stride=2, padding=3, bias=False)),
            ("norm0", nn.BatchNorm2d(first)),
            ("relu0", nn.ReLU()),
            ("pool0", nn.MaxPool2d(3, stride=2, padding=1)),
        ]
        channels = first
        for block, count in enumerate(layers, 1):
            inside = [(f"denselayer{i + 1}", _Layer(channels + i * growth, growth)) for i in range(count)]
            parts.append((f"denseblock{block}", nn.Sequential(OrderedDict(inside))))
            channels += count * growth
            if block < len(layers):
                parts.append((f"transition{block}", _transition(channels)))
                channels //= 2
        self.features = nn.Sequential(OrderedDict([*parts, ("norm5", nn.BatchNorm2d(channels))]))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(batch, 1, side, side) to (batch, channels): the mean of every feature map after the last ReLU."""
        return torch.relu(self.features(images)).mean(dim=(2, 3))


class _Layer(nn.Sequential):
    """Norm, ReLU, 1 x 1 convolution to four times the growth; norm, ReLU, 3 x 3 convolution; appended to the input."""

    def __init__(self, channels: int, growth: int):
        parts = {"norm1": nn.BatchNorm2d(channels), "relu1": nn.ReLU()}
        parts |= {"conv1": nn.Conv2d(channels, 4 * growth, 1, bias=False)}
        parts |= {"norm2": nn.BatchNorm2d(4 * growth), "relu2": nn.ReLU()}
        parts |= {"conv2": nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)}
        super().__init__(OrderedDict(parts))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, height, width) to (batch, channels + growth, height, width)."""
        return torch.cat([x, super().forward(x)], dim=1)


def _transition(channels: int) -> nn.Sequential:
    """Halve the number of channels and the side."""
    parts = {"norm": nn.BatchNorm2d(channels), "relu": nn.ReLU()}
    parts |= {"conv": nn.Conv2d(channels, channels // 2, 1, bias=False), "pool": nn.AvgPool2d(2)}
    return nn.Sequential(OrderedDict(parts))
