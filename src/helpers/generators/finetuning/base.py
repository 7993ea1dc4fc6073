"""The pipeline that fine-tuning starts from: which parts are tuned, and how it encodes images and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDPMScheduler, StableDiffusionPipeline
from peft import LoraConfig
from torch import Tensor, nn
from torch.nn.functional import interpolate

from helpers.errors import ParameterError
from helpers.files import sha256
from helpers.generators import text_pipelines
from helpers.generators.finetuning.settings import TuningSettings
from helpers.runs import workspace

# Layers that get a LoRA: the attention layers (Hu et al. 2021, arXiv 2106.09685, section 4.2).
ADAPTED = {
    "unet": ["to_q", "to_k", "to_v", "to_out.0"],
    "text_encoder": ["q_proj", "k_proj", "v_proj", "out_proj"],
}


@dataclass(frozen=True)
class Base:
    """A pipeline to start from, as ``checkpoints`` reports it; it has seen none of this study's images."""

    path: Path
    sha256: str
    images_seen: int = 0


def find(folder: str) -> Base:
    """Find the pipeline that the parameter ``base`` names: a folder relative to the workspace, or a hub id.

    Raises SampleError, saying what to download, if there is none.
    """
    path = text_pipelines.folder_of({"source": "base of 03_train_diffusion", "path": str(workspace() / folder)})
    return Base(path, sha256(path))


class Tunable:
    """A Stable Diffusion pipeline whose ``tuned`` weights are trained; all others are frozen.

    ``schedule`` is the noise schedule that it was trained with. Raises ParameterError for a pipeline of another class,
    such as SDXL or the one that this project trains, and for a resolution that it cannot process.
    """

    def __init__(self, base: Base, settings: TuningSettings, device: torch.device):
        self.pipeline = text_pipelines.load_pipeline(base.path, "float32").to(device)
        if not (isinstance(self.pipeline, StableDiffusionPipeline) and isinstance(self.pipeline.vae, AutoencoderKL)):
            raise ParameterError(
                f"base = {base.path}: a {type(self.pipeline).__name__}; only a StableDiffusionPipeline with an "
                "AutoencoderKL is tuned here (a model of this notebook is the warm_start of another)"
            )
        network, factor = self.pipeline.unet, self.pipeline.vae_scale_factor
        self.resolution = settings.resolution or network.config.sample_size * factor
        halvings = factor * 2 ** (len(network.config.block_out_channels) - 1)
        if self.resolution % halvings:
            raise ParameterError(f"resolution = {self.resolution}: must be a multiple of {halvings} for {base.path}")
        self.schedule = DDPMScheduler.from_config(self.pipeline.scheduler.config)
        self.adapted = bool(settings.lora_rank)
        self.tuned = nn.ParameterList(self._tuned(settings))

    def _tuned(self, settings: TuningSettings) -> list[nn.Parameter]:
        """The trained weights, those of a LoRA if one is requested; freezes all others."""
        for part in (self.pipeline.vae, self.pipeline.unet, self.pipeline.text_encoder):
            part.requires_grad_(False).eval()
        parts = [getattr(self.pipeline, name) for name in settings.tune]
        for name, part in zip(settings.tune, parts, strict=True):
            if self.adapted:
                self._adapt(part, ADAPTED[name], settings)
            else:
                part.requires_grad_(True)
            part.train()
        return [weights for part in parts for weights in part.parameters() if weights.requires_grad]

    def _adapt(self, part: nn.Module, layers: list[str], settings: TuningSettings) -> None:
        rank = settings.lora_rank
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            part.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=layers))

    @torch.no_grad()
    def latents(self, images: Tensor) -> Tensor:
        """Encode gray images (n, 1, size, size) in -1..1 as latents: posterior means, scaled for the UNet."""
        autoencoder = self.pipeline.vae
        if images.shape[-1] != self.resolution:
            images = interpolate(images, size=(self.resolution,) * 2, mode="bicubic", antialias=True).clamp(-1, 1)
        images = images.expand(-1, autoencoder.config.in_channels, -1, -1)
        found = autoencoder.encode(images).latent_dist.mode()
        return (found - (autoencoder.config.shift_factor or 0)) * autoencoder.config.scaling_factor

    def told(self, texts: Sequence[str]) -> Tensor:
        """Encode texts (n,) for the UNet; gradients reach the text encoder."""
        device = self.pipeline.unet.device
        return self.pipeline.encode_prompt(list(texts), device, 1, do_classifier_free_guidance=False)[0]

    def aim(self, clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """The UNet's prediction target: noise, velocity or clean latents, as when the base was trained."""
        kind = self.schedule.config.prediction_type
        if kind == "v_prediction":
            return self.schedule.get_velocity(clean, noise, timestep)
        return noise if kind == "epsilon" else clean

    def save(self, folder: Path) -> None:
        """Write the whole pipeline, with any LoRA merged into the weights."""
        if self.adapted:
            self.pipeline.fuse_lora()
            self.pipeline.unload_lora_weights()
        self.pipeline.save_pretrained(folder)
