"""Second opinions besides the run's classifier: a fixed random network, and custom feature extractors."""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

from helpers.errors import CheckpointError, MetricError
from helpers.files import sha256
from helpers.image_metrics import densenet
from helpers.image_metrics.features import FeatureExtractor, applied, load_classifier, weights_digest

RANDOM, PIXELS = "random", "pixels"
PIXELS_SIZE = 32  # side in pixels, if the pixels themselves are the features
RANDOM_SIZE, RANDOM_WIDTHS, RANDOM_DIMENSION = 64, (16, 32, 64), 32
SETTINGS = "preprocessor_config.json"  # where transformers keeps an encoder's size, mean and deviation


def load_extractor(spec: str) -> FeatureExtractor:
    """Load the feature extractor that ``spec`` names: "random", "pixels", "torchxrayvision", or a custom one.

    "pixels" are the gray levels of downsized images.
    "torchxrayvision" is the DenseNet-121 of TorchXRayVision for chest X-rays of seven data sets, fetched from the hub;
    "torchxrayvision:" followed by a file or hub id takes the weights from there (Cohen et al. 2022, arXiv 2111.00595).
    A custom one is a ``.pt2`` file of ``torch.export`` that maps float32 (batch, 1 or 3, size, size) in 0..1 to
    (batch, d); the ``.safetensors`` classifier of another run; or a folder that ``transformers.AutoModel`` can load
    (such as RAD-DINO), or its hub id, which is downloaded once if there is internet access.
    An exported file may run any code: load only files that you trust. Raises CheckpointError if nothing can be loaded,
    MetricError for an exported network that takes only one batch size.
    """
    path = Path(spec)
    if spec.partition(":")[0] == densenet.NAME:
        name, module = densenet.load(spec.partition(":")[2] or densenet.HUB)
        # Gray levels from -1024 to 1024, as TorchXRayVision scales its images.
        return TorchExtractor(name, module, densenet.SIZE, 1, mean=(0.5,), deviation=(1 / 2048,))
    if spec == RANDOM:
        return TorchExtractor("random network", _random_network(), RANDOM_SIZE, 1, mean=(0.5,), deviation=(0.25,))
    if spec == PIXELS:
        return TorchExtractor(PIXELS, nn.Flatten(), PIXELS_SIZE, 1)
    if path.suffix == ".safetensors":
        return load_classifier(path)
    if path.suffix == ".pt2":
        return _exported(path)
    return _pretrained(spec)


class TorchExtractor:
    """A frozen torch module as ``FeatureExtractor``: resizes images, repeats gray over the channels, standardises.

    ``module`` maps float32 (batch, channels, size, size) to (batch, d). ``mean`` and ``deviation`` are those of the
    gray levels that it was trained on. ``digest`` defaults to that of its weights and these settings.
    """

    def __init__(self, name: str, module, size: int, channels: int, mean=(0.0,), deviation=(1.0,), digest=""):
        self.name, self.size, self.channels = name, size, channels
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.module = module.to(self.device)
        standard = (torch.tensor(v, dtype=torch.float32, device=self.device) for v in (mean, deviation))
        self.mean, self.deviation = (values.reshape(1, -1, 1, 1) for values in standard)
        self.sha256 = digest or weights_digest(module, [size, channels, list(mean), list(deviation)])

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features of gray images (float32, (n, height, width), 0..1): float64, (n, d)."""

        def standardised(pixels: torch.Tensor) -> torch.Tensor:
            return self.module((pixels.expand(-1, self.channels, -1, -1) - self.mean) / self.deviation)

        try:
            features = applied(standardised, images, self.size, self.device)
        except (AssertionError, RuntimeError) as error:  # what an exported program raises for another shape
            raise MetricError(
                f"extractor {self.name}: does not take {len(images)} images at a time ({str(error).splitlines()[0]}); "
                "where it is made by torch.export, export it with a batch of any size (dynamic_shapes)"
            ) from error
        if features.ndim != 2 or len(features) != len(images):
            raise MetricError(
                f"extractor {self.name}: gave shape {features.shape} for {len(images)} images, not (n, d)"
            )
        return features


def _random_network() -> nn.Module:
    """Three convolutions with fixed random weights (orthogonal, as Naeem et al. 2020, arXiv 2002.09797, section 4.2).

    It is not trained on anything, so it favours no generator and no finding.
    """
    layers: list[nn.Module] = []
    dice = np.random.default_rng(20200226)  # fixed: the same network in every run

    def fixed(rows: int, columns: int) -> torch.Tensor:
        """Orthonormal rows or columns, from numpy so that they do not depend on the version of torch."""
        tall = dice.standard_normal((max(rows, columns), min(rows, columns)))
        orthogonal = np.linalg.qr(tall)[0]
        return torch.from_numpy((orthogonal if rows >= columns else orthogonal.T).astype(np.float32))

    for inputs, outputs in zip((1, *RANDOM_WIDTHS), RANDOM_WIDTHS, strict=False):
        layer = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)
        layer.weight.data = 3 * fixed(outputs, 9 * inputs).reshape(outputs, inputs, 3, 3)
        layers += [layer, nn.LeakyReLU(0.2)]
    last = nn.Linear(16 * RANDOM_WIDTHS[-1], RANDOM_DIMENSION, bias=False)
    last.weight.data = 0.3 * fixed(RANDOM_DIMENSION, 16 * RANDOM_WIDTHS[-1])
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(4), nn.Flatten(), last).eval().requires_grad_(False)


def _exported(path: Path) -> TorchExtractor:
    if not path.is_file():
        raise CheckpointError(f"{path}: no such feature extractor")
    try:
        program = torch.export.load(path)
        shape = tuple(program.example_inputs[0][0].shape)
        module = program.module()
    except Exception as error:  # whatever a damaged archive or foreign code raises
        raise CheckpointError(f"{path}: cannot be loaded by torch.export ({error})") from error
    if len(shape) != 4 or shape[1] not in (1, 3) or shape[2] != shape[3]:
        raise CheckpointError(f"{path}: takes shape {shape}; (batch, 1 or 3, size, size) is needed")
    extractor = TorchExtractor(path.stem, module, shape[2], shape[1], digest=sha256(path))
    for count in (1, 2):  # fail now, not after a classifier has been trained
        extractor.features(np.zeros((count, shape[2], shape[2]), dtype=np.float32))
    return extractor


class _Pooled(nn.Module):
    """A transformers encoder that gives one vector per image."""

    def __init__(self, encoder: nn.Module):
        super().__init__()
        self.encoder = encoder

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(batch, channels, size, size) to (batch, d): the pooled output, else the first token or the mean of a map."""
        output = self.encoder(pixel_values=pixels)
        pooled = getattr(output, "pooler_output", None)
        if pooled is None:
            last = output.last_hidden_state
            pooled = last[:, 0] if last.ndim == 3 else last.mean(dim=(2, 3))
        return pooled.flatten(1)


def _pretrained(spec: str) -> TorchExtractor:
    from transformers import AutoModel  # the import takes a second, and most runs do not need it
    from transformers.utils import cached_file

    try:
        encoder = AutoModel.from_pretrained(spec)
        found = cached_file(spec, SETTINGS, _raise_exceptions_for_missing_entries=False)
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"second opinion {spec!r}: neither {RANDOM!r}, a .pt2 or .safetensors file, nor a folder or hub id that "
            f"transformers can load ({str(error).splitlines()[0]})"
        ) from error
    settings = json.loads(Path(found).read_text()) if found else {}
    channels = int(getattr(encoder.config, "num_channels", 3))
    size = _side(settings.get("crop_size") or settings.get("size") or getattr(encoder.config, "image_size", 224))
    mean, deviation = (settings.get(name, [0.5] * channels) for name in ("image_mean", "image_std"))
    module = _Pooled(encoder).eval().requires_grad_(False)
    return TorchExtractor(Path(spec).name, module, size, channels, mean, deviation)


def _side(size) -> int:
    """Side in pixels, from a number or from a mapping as written by transformers."""
    if isinstance(size, dict):
        size = size.get("height") or size.get("shortest_edge")
    return int(size[0] if isinstance(size, list | tuple) else size)
