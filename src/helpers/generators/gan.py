"""A trained GAN on disk: written once training ends, and loaded to sample from."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from helpers.errors import SampleError
from helpers.findings import UNSPECIFIED
from helpers.generators.between import Between, great_circle
from helpers.generators.conditions import encode
from helpers.generators.described_weights import reading, write
from helpers.generators.image_generator import ImageGenerator
from helpers.generators.processes import Draws
from helpers.generators.stylegan2 import Architecture, Generator, draw_noise

JOINT = "joint"  # name of the single network for all findings
CENTRE_DRAWS = 1024  # latents averaged for the centre that truncation pulls towards


def save(folder: str | Path, networks: Mapping[str, Generator], description: Mapping) -> Path:
    """Write generators to one ``model.safetensors`` and their description to ``model.json``, in that order.

    ``networks`` has one entry, ``joint``, or one per finding by its name; ``description`` is stored with their shape.
    """
    weights = {f"{name}.{key}": v for name, network in networks.items() for key, v in network.state_dict().items()}
    shape = asdict(next(iter(networks.values())).shape)
    return write(Path(folder), weights, {**description, "networks": list(networks), "architecture": shape})


class Gan(ImageGenerator):
    """Generators ready for sampling: one for all findings, or one per finding.

    ``sha256`` is that of ``model.safetensors``; ``description`` is the content of ``model.json``.
    """

    def __init__(self, networks: Mapping[str, Generator], description: Mapping, sha256: str):
        self.networks, self.description, self.sha256 = dict(networks), dict(description), sha256
        shape = next(iter(self.networks.values())).shape
        self.size, self.findings = shape.size, shape.findings
        self._centres: dict[tuple, torch.Tensor] = {}

    @classmethod
    def load(cls, folder: str | Path) -> "Gan":
        """Load what ``save`` wrote; raises CheckpointError if a file is missing, damaged or of another kind."""
        networks = {}
        with reading(Path(folder), "GAN", "02_train_gan") as (description, tensors):
            for name in description["networks"]:
                network = Generator(Architecture(**description["architecture"]))
                own = {key.removeprefix(f"{name}."): v for key, v in tensors.items() if key.startswith(f"{name}.")}
                network.load_state_dict(own)
                networks[name] = network.eval().requires_grad_(False)
        return cls(networks, description, description["sha256"])

    def _network(self, condition: np.ndarray) -> tuple[str, Generator]:
        """The generator for a condition; with one per finding, exactly one finding must be specified."""
        if JOINT in self.networks:
            return JOINT, self.networks[JOINT]
        asked = [name for name, state in zip(self.findings, condition, strict=True) if state != UNSPECIFIED]
        if len(asked) != 1 or asked[0] not in self.networks:
            raise SampleError(
                f"condition {condition.tolist()} specifies {asked or 'nothing'}: this GAN has one model per finding "
                f"({', '.join(self.networks)}), so ask for exactly one of them"
            )
        return asked[0], self.networks[asked[0]]

    def _centre(self, name: str, code: torch.Tensor) -> torch.Tensor:
        """Mean style of a condition (1, latent); truncation towards it preserves the condition."""
        key = (name, tuple(code[0].tolist()))
        if key not in self._centres:
            network = self.networks[name]
            latents = Draws.of_seed(0).normal(CENTRE_DRAWS, network.shape.latent)
            self._centres[key] = network.mapping(latents, code.expand(CENTRE_DRAWS, -1)).mean(dim=0, keepdim=True)
        return self._centres[key]

    @torch.inference_mode()
    def sample(
        self, condition: np.ndarray, seeds: Sequence[int | Between], truncation: float = 0.8, emphasis: float = 1.0
    ) -> np.ndarray:
        """One image per seed for a condition int8 (findings,): float32 (n, size, size) in 0..1.

        The latent and noise inputs of an image depend only on its seed. Images are made one at a time, because
        convolutions round differently for different batch sizes: an image is the same whatever else is requested with
        it. ``truncation`` (psi) is 1 for full variety, 0 for the mean style of the condition. ``emphasis`` 1 follows
        the condition as learned; more moves styles further along the direction from the unconditional mean style to
        that of the condition, like guidance in diffusion models. Raises SampleError for values out of range.
        """
        condition = np.asarray(condition, dtype=np.int8)
        name, network = self._network(condition)
        code = encode(torch.from_numpy(condition)[None])
        images = np.empty((len(seeds), self.size, self.size), dtype=np.float32)
        for index, seed in enumerate(seeds):
            latent, noise = self._random(network, seed)
            images[index] = _draw(network, self._style(name, latent, code, truncation, emphasis), noise)
        return images

    @torch.inference_mode()
    def walk(
        self,
        ends: tuple[np.ndarray, np.ndarray],
        seed: int,
        shares: Sequence[float],
        truncation: float = 0.8,
        emphasis: float = 1.0,
    ) -> np.ndarray:
        """Move the style in a straight line from one end to the other, with the latent and noise of ``seed``.

        Options and errors are as for ``sample``.
        """
        name, network = self._network(np.asarray(ends[1], dtype=np.int8))
        latent, noise = self._random(network, seed)
        codes = encode(torch.from_numpy(np.stack(ends).astype(np.int8)))
        first, last = (self._style(name, latent, code[None], truncation, emphasis) for code in codes)
        return np.stack([_draw(network, torch.lerp(first, last, float(share)), noise) for share in shares])

    @staticmethod
    def _random(network: Generator, seed: int | Between) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Latent (1, latent) and noise inputs of one image."""
        if isinstance(seed, Between):
            (one, own), (other, others) = (Gan._random(network, end) for end in (seed.first, seed.second))
            noise = [great_circle(*pair, seed.share) for pair in zip(own, others, strict=True)]
            return great_circle(one, other, seed.share), noise
        draws = Draws.of_seed(seed)
        return draws.normal(1, network.shape.latent), draw_noise(network.shape, 1, draws)

    def _style(
        self, name: str, latent: torch.Tensor, code: torch.Tensor, truncation: float, emphasis: float
    ) -> torch.Tensor:
        """Style (1, latent) of a latent, truncated towards the mean style of its condition, and emphasised."""
        if not 0 <= truncation <= 1 or emphasis < 0:
            raise SampleError(f"truncation = {truncation}, emphasis = {emphasis}: must be from 0 to 1, and 0 or more")
        centre = self._centre(name, code)
        style = centre + truncation * (self.networks[name].mapping(latent, code) - centre)
        if emphasis == 1:
            return style
        nothing = encode(torch.full((1, len(self.findings)), UNSPECIFIED, dtype=torch.int8))
        return style + (emphasis - 1) * (centre - self._centre(name, nothing))


def _draw(network: Generator, style: torch.Tensor, noise: list[torch.Tensor]) -> np.ndarray:
    """One image float32 (size, size) in 0..1 from one style (1, latent) for all layers."""
    image = network.synthesise(style[:, None].expand(-1, len(network.layers), -1), noise)[0, 0]
    return ((image + 1) / 2).clamp(0, 1).numpy()
