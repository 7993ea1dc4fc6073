"""Feature spaces that images are compared in, and the frozen classifier of the run that gives the default one."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from helpers.errors import CheckpointError, MetricError
from helpers.files import atomic_write, sha256
from helpers.findings import NAMES

BATCH = 64


@runtime_checkable
class FeatureExtractor(Protocol):
    """Turns images into points; every figure made from them names the extractor and prints its digest."""

    name: str
    sha256: str

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features of gray images (float32, (n, height, width), 0..1): float64, (n, d)."""
        ...


@dataclass(frozen=True)
class ClassifierShape:
    """What it takes to build the network: side of its input in pixels, channels, number of features.

    Raises MetricError for a side that is not a multiple of 16.
    """

    image_size: int = 64
    width: int = 32
    feature_dimension: int = 32
    findings: tuple[str, ...] = NAMES

    def __post_init__(self):
        if self.image_size < 16 or self.image_size % 16:
            raise MetricError(f"image_size = {self.image_size}: must be a multiple of 16, for example 64")


class Block(nn.Module):
    """Two 3x3 convolutions around a shortcut."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Keeps the shape (batch, channels, height, width)."""
        return torch.relu(x + self.body(x))


class Network(nn.Module):
    """Small residual CNN: three scales, pooled to ``feature_dimension`` numbers, one logit per finding."""

    def __init__(self, shape: ClassifierShape):
        super().__init__()
        widths = [shape.width, 2 * shape.width, 4 * shape.width]
        # Folding 4 x 4 pixels into channels first makes the network about 4 times faster and loses no pixel.
        layers: list[nn.Module] = [nn.PixelUnshuffle(4), nn.Conv2d(16, widths[0], 3, padding=1)]
        for before, after in zip(widths, widths[1:], strict=False):
            layers += [Block(before), nn.Conv2d(before, after, 3, stride=2, padding=1)]
        layers += [Block(widths[-1])]
        self.body = nn.Sequential(*layers)
        # A coarse 2 x 2 grid keeps where in the chest something is; a plain mean would lose it.
        self.pool = nn.AdaptiveAvgPool2d(2)
        self.bottleneck = nn.Linear(4 * widths[-1], shape.feature_dimension)
        self.head = nn.Linear(shape.feature_dimension, len(shape.findings))
        self.register_buffer("feature_mean", torch.zeros(shape.feature_dimension))
        self.register_buffer("feature_deviation", torch.ones(shape.feature_dimension))

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Features before the head: (batch, 1, size, size) in 0..1 to (batch, feature_dimension)."""
        return self.bottleneck(self.pool(self.body(images * 2 - 1)).flatten(1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits: (batch, 1, size, size) in 0..1 to (batch, findings)."""
        return self.head(torch.relu(self.embed(images)))


class FindingClassifier:
    """Multi-label classifier of the findings, frozen; also the default ``FeatureExtractor``.

    Its features are the numbers before the last layer, each standardised by mean and deviation over the
    training images, so that distances are in training standard deviations.
    """

    def __init__(self, network: Network, shape: ClassifierShape, digest: str = "unsaved"):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network = network.eval().requires_grad_(False).to(self.device)
        self.shape = shape
        self.name = "finding classifier"
        self.sha256 = digest

    def features(self, images: np.ndarray) -> np.ndarray:
        """Standardised features: images float32 (n, height, width) 0..1, to float64 (n, feature_dimension)."""
        raw = self._apply(self.network.embed, images)
        mean, deviation = self.network.feature_mean.double().cpu(), self.network.feature_deviation.double().cpu()
        return (raw - mean.numpy()) / deviation.numpy()

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Probability of each finding: images float32 (n, height, width) 0..1, to float64 (n, findings)."""
        return 1.0 / (1.0 + np.exp(-self._apply(self.network, images)))

    def _apply(self, function, images: np.ndarray) -> np.ndarray:
        if len(images) == 0:
            raise MetricError("images: there are none")
        outputs = []
        with torch.inference_mode():
            for start in range(0, len(images), BATCH):
                batch = fit_size(images[start : start + BATCH], self.shape.image_size)
                outputs.append(function(torch.from_numpy(batch)[:, None].to(self.device)).double().cpu().numpy())
        return np.concatenate(outputs)

    def save(self, path: str | Path) -> None:
        """Write weights and shape as one safetensors file; sets ``sha256`` to its digest."""
        described = {"shape": json.dumps(asdict(self.shape)), "kind": "finding_classifier"}
        with atomic_write(path) as temporary:
            save_file(
                {k: v.cpu().contiguous() for k, v in self.network.state_dict().items()}, temporary, metadata=described
            )
        self.sha256 = sha256(path)


def load_classifier(path: str | Path) -> FindingClassifier:
    """Read a saved classifier; raises CheckpointError when the file is missing, damaged or something else."""
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: no such classifier; run notebooks/05_image_metrics.ipynb first")
    try:
        with safe_open(path, framework="pt") as file:
            described = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: damaged ({error}); run notebooks/05_image_metrics.ipynb again") from error
    if described.get("kind") != "finding_classifier":
        raise CheckpointError(f"{path}: not a classifier saved by this project (kind = {described.get('kind')!r})")
    shape = ClassifierShape(
        **{k: tuple(v) if k == "findings" else v for k, v in json.loads(described["shape"]).items()}
    )
    network = Network(shape)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(f"{path}: its weights do not fit its own description ({error})") from error
    return FindingClassifier(network, shape, sha256(path))


def fit_size(images: np.ndarray, size: int) -> np.ndarray:
    """Resize gray images (n, height, width), 0..1, to float32 (n, size, size) with antialiasing.

    Raises MetricError for another number of axes, no float type, values outside 0..1 or not a number.
    """
    if images.ndim != 3 or not np.issubdtype(images.dtype, np.floating):
        raise MetricError(f"images: expected float, shape (n, height, width); got {images.dtype}, shape {images.shape}")
    if images.size and not (np.min(images) >= 0 and np.max(images) <= 1):
        raise MetricError(f"images: expected 0..1, got {np.min(images):g}..{np.max(images):g}")
    images = np.ascontiguousarray(images, dtype=np.float32)
    if images.shape[1:] == (size, size):
        return images
    tensor = torch.from_numpy(images)[:, None]
    resized = nn.functional.interpolate(tensor, size=(size, size), mode="bilinear", antialias=True)
    return resized[:, 0].clamp(0, 1).numpy()
