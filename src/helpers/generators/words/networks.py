"""The networks of a small Stable Diffusion model, all of them classes of diffusers and transformers."""

from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from diffusers.models.resnet import ResnetBlock2D
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

from helpers.checks import Positive, Several, checked
from helpers.errors import ParameterError
from helpers.generators.enlarging.enlarger import Enlarger
from helpers.generators.words.vocabulary import LONGEST, REGIONS

TIMESTEPS = 1000
HEAD = 32  # channels of an attention head
SIZES = 6  # numbers by which a pipeline of this class tells its UNet the size and crop of an image
SIZE_WIDTH = 8  # channels for each of them
STILL_FALLING = 0.01  # how fast the noise falls below the level of the grain: the solver divides by its steps


@checked(ParameterError)
class WordsShape:
    """Shape of the networks; squares of ``fold`` pixels per side are folded into channels.

    ``size``, in pixels, is that of the drawn images. ``channels`` holds the width of each level of the UNet, coarsest
    last; the coarsest attends to the words, and every level also receives them as one vector. ``text_width`` and
    ``text_layers`` are those of the text encoder. Raises ParameterError for a shape that cannot be built.
    """

    size: Positive
    fold: Positive = 4
    channels: Several[int] = (96, 128, 128)
    blocks_per_level: Positive = 1
    text_width: Positive = 128
    text_layers: Positive = 3

    def __post_init__(self):
        multiple = self.fold * 2 ** (len(self.channels) - 1)
        if self.size % multiple:
            raise ParameterError(
                f"drawn_size = {self.size}: with fold = {self.fold} and {len(self.channels)} levels it must be a "
                f"multiple of {multiple}; choose another size, fewer levels or a smaller fold"
            )
        if len(self.channels) < 2 or any(width % HEAD for width in self.channels) or self.text_width % HEAD:
            raise ParameterError(
                f"channels = {list(self.channels)}, text_width = {self.text_width}: at least two levels are needed, "
                f"and each width must be a multiple of {HEAD}"
            )


def unet_of(shape: WordsShape) -> UNet2DConditionModel:
    """A UNet that predicts folded clean images.

    At first its blocks add nothing and its output is zero (Dhariwal and Nichol 2021, arXiv 2105.05233).
    """
    plain, folded = len(shape.channels) - 1, shape.fold**2
    unet = UNet2DConditionModel(
        sample_size=shape.size // shape.fold,
        in_channels=folded,
        out_channels=folded,
        block_out_channels=tuple(shape.channels),
        layers_per_block=shape.blocks_per_level,
        down_block_types=("DownBlock2D",) * plain + ("CrossAttnDownBlock2D",),
        mid_block_type="UNetMidBlock2DCrossAttn",
        up_block_types=("CrossAttnUpBlock2D",) + ("UpBlock2D",) * plain,
        attention_head_dim=tuple(width // HEAD for width in shape.channels),  # diffusers reads it as number of heads
        use_linear_projection=True,
        cross_attention_dim=shape.text_width,
        norm_num_groups=16,
        resnet_time_scale_shift="scale_shift",
        addition_embed_type="text_time",
        addition_time_embed_dim=SIZE_WIDTH,
        projection_class_embeddings_input_dim=SIZES * SIZE_WIDTH + shape.text_width,
    )
    for block in unet.modules():
        if isinstance(block, ResnetBlock2D):
            nn.init.zeros_(block.conv2.weight)
        if type(block).__name__ == "Transformer2DModel":
            nn.init.zeros_(block.proj_out.weight)
            nn.init.zeros_(block.proj_out.bias)
    nn.init.zeros_(unet.conv_out.weight)
    nn.init.zeros_(unet.conv_out.bias)
    return unet


def text_encoder_of(shape: WordsShape, tokenizer: CLIPTokenizer) -> CLIPTextModelWithProjection:
    """The text encoder of CLIP (Radford et al. 2021, arXiv 2103.00020), small and untrained."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.text_width,
        intermediate_size=4 * shape.text_width,
        projection_dim=shape.text_width,
        num_hidden_layers=shape.text_layers,
        num_attention_heads=shape.text_width // HEAD,
        max_position_embeddings=LONGEST,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModelWithProjection(config)


def attend_plainly(unet: UNet2DConditionModel, text_encoder: CLIPTextModelWithProjection) -> None:
    """Let networks compute attention by plain matrix products; this is not stored with the weights.

    With so few tokens on a CPU, the gradient of PyTorch's fused attention takes as long as that of all convolutions.
    """
    unet.set_attn_processor(AttnProcessor())
    text_encoder.set_attn_implementation("eager")


def encoded(texts: Sequence[str], tokenizer: CLIPTokenizer, network: CLIPTextModelWithProjection) -> tuple:
    """Encode texts as vectors of their tokens (n, LONGEST, width) and one vector of the whole text (n, width).

    Both are 0 for an empty text, as in a pipeline of this class without a prompt. Texts are truncated before the
    tokens that describe regions.
    """
    device, read = network.device, tokenizer(texts, truncation=True, max_length=LONGEST - REGIONS)
    tokens = tokenizer.pad(read, padding="max_length", max_length=LONGEST, return_tensors="pt").input_ids
    found = network(tokens.to(device), output_hidden_states=True)
    said = torch.tensor([bool(text) for text in texts], device=device)[:, None].float()
    return found.hidden_states[-2] * said[..., None], found.text_embeds * said


def kept_share(sigma: Tensor) -> Tensor:
    """Share of an image's variance that is kept at a noise level, ``alphas_cumprod`` of diffusers: sigma 0..1 -> 1..0.

    Levels lie on the straight path (1 - sigma) x + sigma noise, scaled to unit variance; the last is pure noise.
    """
    return (1 - sigma) ** 2 / ((1 - sigma) ** 2 + sigma**2)


def noise_levels(grain: float = 0.0) -> Tensor:
    """Sigma, float64 (1000,), at each time step of diffusers; it rises throughout, and begins at about ``grain``."""
    levels = torch.arange(1, TIMESTEPS + 1, dtype=torch.float64) / TIMESTEPS
    return torch.maximum(levels, grain + STILL_FALLING * (levels - grain))


def scheduler(grain: float = 0.0) -> DPMSolverMultistepScheduler:
    """DPM-Solver++(2M) (Lu et al. 2022, arXiv 2211.01095) for a network that predicts the clean image.

    It starts from pure noise (Lin et al. 2024, arXiv 2305.08891) and leaves noise of the level ``grain``: a radiograph
    has fine grain, which cannot be predicted, so that the last prediction is without it.
    """
    kept = kept_share(noise_levels(grain))
    betas = 1 - kept / torch.cat([kept.new_ones(1), kept[:-1]])
    return DPMSolverMultistepScheduler(
        num_train_timesteps=TIMESTEPS,
        trained_betas=betas.tolist(),
        prediction_type="sample",
        timestep_spacing="trailing",
        final_sigmas_type="sigma_min",  # keeps the last step second order; a last step to 0 is not, and blurs images
        rescale_betas_zero_snr=True,
    )


def pipeline_of(
    unet: UNet2DConditionModel,
    text_encoder: CLIPTextModelWithProjection,
    tokenizer: CLIPTokenizer,
    enlarger: Enlarger,
    grain: float = 0.0,
) -> StableDiffusionXLPipeline:
    """A Stable Diffusion XL pipeline of these networks, with the enlarger's decoder; ``grain`` as in ``scheduler``."""
    pipeline = StableDiffusionXLPipeline(
        vae=enlarger.autoencoder,
        text_encoder=None,
        tokenizer=None,
        text_encoder_2=text_encoder,
        tokenizer_2=tokenizer,
        unet=unet,
        scheduler=scheduler(grain),
        add_watermarker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def size_numbers(size: int, count: int) -> Tensor:
    """Image size and crop as the pipeline gives them to its UNet, float32 (count, 6), for uncropped images."""
    return torch.tensor([[size, size, 0, 0, size, size]], dtype=torch.float32).expand(count, -1)


def read(folder: str | Path) -> StableDiffusionXLPipeline:
    """Read the pipeline in a folder that diffusers has written."""
    return StableDiffusionXLPipeline.from_pretrained(folder, local_files_only=True, add_watermarker=False)
