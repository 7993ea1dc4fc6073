"""Feature spaces for comparing images, and the run's frozen classifier, which gives the default one."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Protocol, runtime_checkable

import numpy as np
import torch
from pydantic import Field
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from scipy.special import expit
from torch import nn

from helpers.checks import Positive, Several, checked
from helpers.errors import CheckpointError, MetricError
from helpers.files import atomic_write, sha256
from helpers.findings import ORIGINAL

BATCH = 64
FAINTEST = 1e-3  # added before the log; a quarter of an 8-bit gray level
SMALLEST_LOG = 0.5  # a factor of 1.6
KIND = "finding_classifier"  # metadata key that marks the file of a saved classifier


@runtime_checkable
class FeatureExtractor(Protocol):
    """Maps images to points; every figure made from them names the extractor and prints its digest."""

    name: str
    sha256: str

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features of gray images (float32, (n, height, width), 0..1): float64, (n, d)."""
        ...


@checked(MetricError)
class ClassifierShape:
    """Settings needed to build the network: side of its input in pixels, channels, number of features and findings.

    Raises MetricError for a side that is not a multiple of 16, or a number of features that is not a multiple of 4
    from 4 to 64.
    """

    image_size: Annotated[int, Field(ge=16, multiple_of=16)] = 64
    width: Positive = 32
    feature_dimension: Annotated[int, Field(ge=4, le=64, multiple_of=4)] = 32
    findings: Several[str] = ORIGINAL.names

    @property
    def learned(self) -> int:
        """Number of features that the classifier learns; the others are texture."""
        return self.feature_dimension * 3 // 4


class Block(nn.Module):
    """Two 3x3 convolutions with a shortcut around them."""

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
    """Small residual CNN of three scales with one logit per finding, plus features of the image's sharpness.

    A classifier learns to ignore blur and noise, so only three quarters of the features are learned, those that its
    logits are computed from. The last quarter is texture: the log of the mean absolute cosine coefficients
    (DCT-II) of 4 x 4 pixel blocks, from coarse to fine.
    """

    def __init__(self, shape: ClassifierShape):
        super().__init__()
        first, second, third = shape.width, 2 * shape.width, 4 * shape.width
        # Folding 4 x 4 pixels into channels first makes the network about 4 times faster without losing any pixels.
        self.body = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(16, first, 3, padding=1),
            Block(first),
            nn.Conv2d(first, second, 3, stride=2, padding=1),
            Block(second),
            nn.Conv2d(second, third, 3, stride=2, padding=1),
            Block(third),
            # A coarse 2 x 2 grid preserves where in the chest something is; a plain mean would not.
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
        )
        self.bottleneck = nn.Linear(4 * third, shape.learned)
        self.head = nn.Linear(shape.learned, len(shape.findings))
        self.register_buffer("cosines", cosine_basis(shape.feature_dimension - shape.learned))
        self.register_buffer("centre", torch.zeros(shape.feature_dimension, dtype=torch.float64))
        self.register_buffer("scaling", torch.eye(shape.feature_dimension, dtype=torch.float64))

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Learned features, then texture: (batch, 1, size, size) in 0..1 to (batch, feature_dimension)."""
        coefficients = torch.einsum("kc,bchw->bkhw", self.cosines, nn.functional.pixel_unshuffle(images, 4))
        texture = torch.log(coefficients.abs().mean(dim=(2, 3)) + FAINTEST)
        return torch.cat([self.bottleneck(self.body(images * 2 - 1)), texture], dim=1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits: (batch, 1, size, size) in 0..1 to (batch, findings)."""
        return self.head(torch.relu(self.bottleneck(self.body(images * 2 - 1))))

    def standardise(self, raw: np.ndarray) -> None:
        """Set centre and scale from the raw features (n, d) of the training images.

        Learned features are whitened, so that every way in which real images differ counts equally. Texture is divided
        by its deviation too, but by no less than ``SMALLEST_LOG``: real images can agree in texture to within one
        percent, and a difference that no eye can see would outweigh all others.
        """
        learned = self.bottleneck.out_features
        values, vectors = np.linalg.eigh(np.cov(raw[:, :learned], rowvar=False).reshape(learned, learned))
        scaling = np.zeros((raw.shape[1], raw.shape[1]))
        scaling[:learned, :learned] = vectors / np.sqrt(np.maximum(values, 1e-3 * values.mean() + 1e-12))
        texture = np.arange(learned, raw.shape[1])
        scaling[texture, texture] = 1 / np.maximum(raw[:, learned:].std(axis=0), SMALLEST_LOG)
        self.centre.copy_(torch.from_numpy(raw.mean(axis=0)))
        self.scaling.copy_(torch.from_numpy(scaling))


def cosine_basis(count: int) -> torch.Tensor:
    """``count`` functions of the orthonormal 4 x 4 DCT-II, from coarse to fine: float32 (count, 16)."""
    waves = np.cos(np.pi * np.arange(4)[:, None] * (2 * np.arange(4) + 1) / 8) * np.sqrt([[0.25], [0.5], [0.5], [0.5]])
    by_frequency = sorted(((u, v) for u in range(4) for v in range(4)), key=lambda p: (p[0] + p[1], p))
    chosen = [by_frequency[i] for i in np.linspace(0, 15, count).round().astype(int)]
    return torch.from_numpy(np.stack([np.outer(waves[u], waves[v]).ravel() for u, v in chosen]).astype(np.float32))


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread, so that sums are the same on any number of cores; so small a network gains little from
    more. With other work on the same cores, more threads would mostly wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def applied(function: Callable, images: np.ndarray, size: int, device: torch.device) -> np.ndarray:
    """Output of a network for gray images (float32, (n, height, width), 0..1), batch by batch: float64 (n, d).

    ``function`` takes float32 (batch, 1, size, size). Raises MetricError if there are no images.
    """
    if len(images) == 0:
        raise MetricError("images: there are none")
    outputs = []
    with one_thread(), torch.inference_mode():
        for start in range(0, len(images), BATCH):
            batch = torch.from_numpy(fit_size(images[start : start + BATCH], size))[:, None]
            outputs.append(function(batch.to(device)).double().cpu().numpy())
    return np.concatenate(outputs)


class FindingClassifier:
    """Multi-label classifier of the findings, frozen; also the default ``FeatureExtractor``.

    Its features (see ``Network``) are centred and scaled over the training images, so distances are in standard
    deviations of the training images.
    """

    def __init__(self, network: Network, shape: ClassifierShape, digest: str = "unsaved"):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network = network.eval().requires_grad_(False).to(self.device, memory_format=torch.channels_last)
        self.shape = shape
        self.name = "finding classifier"
        self.sha256 = digest

    def features(self, images: np.ndarray) -> np.ndarray:
        """Standardised features: images float32 (n, height, width) 0..1 to float64 (n, feature_dimension)."""
        raw = applied(self.network.embed, images, self.shape.image_size, self.device)
        return (raw - self.network.centre.cpu().numpy()) @ self.network.scaling.cpu().numpy()

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Probability of each finding: images float32 (n, height, width) 0..1 to float64 (n, findings)."""
        return expit(applied(self.network, images, self.shape.image_size, self.device))

    def save(self, path: str | Path) -> None:
        """Write weights and shape to one safetensors file and set ``sha256`` to its digest."""
        described = {KIND: json.dumps(asdict(self.shape))}  # one entry, since several are stored in no fixed order
        with atomic_write(path) as temporary:
            save_file(
                {k: v.cpu().contiguous() for k, v in self.network.state_dict().items()}, temporary, metadata=described
            )
        self.sha256 = sha256(path)


def load_classifier(path: str | Path) -> FindingClassifier:
    """Read a saved classifier; raises CheckpointError if the file is missing, damaged or not a classifier."""
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: no such classifier; run notebooks/05_image_metrics.ipynb first")
    try:
        with safe_open(path, framework="pt") as file:
            described = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: damaged ({error}); run notebooks/05_image_metrics.ipynb again") from error
    if KIND not in described:
        raise CheckpointError(f"{path}: not a classifier saved by this project")
    shape = ClassifierShape(**json.loads(described[KIND]))
    network = Network(shape)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(f"{path}: its weights do not fit its own description ({error})") from error
    return FindingClassifier(network, shape, sha256(path))


def fit_size(images: np.ndarray, size: int) -> np.ndarray:
    """Resize gray images (n, height, width), 0..1, to float32 (n, size, size) with antialiasing.

    Raises MetricError for another number of axes, a type other than float, or values that are outside 0..1 or NaN.
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


def weights_digest(module: nn.Module, settings: Sequence = ()) -> str:
    """SHA-256 of a network's weights, by name, and of the JSON-serializable ``settings`` that it is used with."""
    digest = hashlib.sha256(json.dumps(list(settings)).encode())
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
