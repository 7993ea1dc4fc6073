"""Chest X-rays from text prompts: RoentGen, or any Stable Diffusion pipeline that diffusers can load."""

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy, deepcopy
from pathlib import Path

import numpy as np
import torch
from torch import nn

from helpers.errors import ParameterError, SampleError
from helpers.files import sha256
from helpers.findings import Findings
from helpers.generators import text_pipelines as pipelines
from helpers.generators.between import Between, great_circle
from helpers.generators.image_generator import ImageGenerator
from helpers.generators.prompts import prompt_for, read_templates

BATCH = 4  # images made at a time
ENCODED = "StableDiffusionXLPipeline"  # the class whose prompts are encoded separately from drawing
VECTORS = ("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds")
LUMA = torch.tensor([0.299, 0.587, 0.114])  # ITU-R BT.601


class TextToImage(ImageGenerator):
    """A loaded pipeline with one or more prompt templates for the study cells.

    ``sha256`` is that of its folder and of its LoRA; ``words`` maps the name of a template to its words for
    ``of_study``, the findings in the order of a condition; ``negative`` is the negative prompt. Raises
    SampleError if the text encoder does not read all the words of a study cell, since two cells could then get the
    same images.
    """

    def __init__(
        self,
        pipeline,
        sha256: str,
        size: int,
        words: Mapping,
        of_study: Findings,
        resolution: int | None,
        negative: str | None,
    ):
        self.pipeline, self.sha256, self.size = pipeline, sha256, size
        self.words, self.of_study, self.resolution, self.templates = words, of_study, resolution, tuple(words)
        self.negative = {} if negative is None else {"negative_prompt": negative}
        self._readers, self._turn = pipelines.longest_prompts(pipeline), threading.Lock()
        asked = [of_study.condition(cell) for cell in of_study.cells]
        for text in (negative or "", *(self.prompt(condition, name) for name in words for condition in asked)):
            self._check_length(text)

    def prompt(self, condition: np.ndarray, template: str | None = None) -> str:
        """The words of a template (default: the first) for a condition, int8 (findings,)."""
        return prompt_for(self.words[template or self.templates[0]], self.of_study, condition)

    def sample(
        self,
        condition: np.ndarray,
        seeds: Sequence[int],
        *,
        guidance: float = 4.0,
        steps: int = 75,
        template: str | None = None,
    ) -> np.ndarray:
        """Images float32 (n, size, size) in 0..1 for a condition; image i depends only on ``seeds[i]``.

        ``guidance`` is the scale of classifier-free guidance (1 = none), ``steps`` the denoising steps; the defaults
        are those of the original study. Colour is converted to gray by luma; the result is downsampled with
        antialiasing. Raises SampleError for a prompt that the text encoder would cut off, and for a size that the
        pipeline cannot make.
        """
        return self.draw(self.prompt(condition, template), seeds, guidance=guidance, steps=steps)

    def draw(self, prompt: str, seeds: Sequence[int], *, guidance: float = 4.0, steps: int = 75) -> np.ndarray:
        """As ``sample``, but for any prompt."""
        self._check_length(prompt)
        told = self._encoded([prompt], guidance) if self._encodes else {"prompt": [prompt]}
        return np.concatenate(
            [self._batch(told, seeds[i : i + BATCH], guidance, steps) for i in range(0, len(seeds), BATCH)]
        )

    def walk(
        self,
        ends: tuple[np.ndarray, np.ndarray],
        seed: int,
        shares: Sequence[float],
        *,
        guidance: float = 4.0,
        steps: int = 75,
    ) -> np.ndarray | None:
        """As ``ImageGenerator.walk``, between prompts of the first template; None if the pipeline takes no vectors."""
        if not self._encodes:
            return None
        first, last = (self._encoded([self.prompt(end)], guidance) for end in ends)
        mixed = [{name: torch.lerp(first[name], last[name], share) for name in first} for share in shares]
        return np.concatenate([self._batch(told, [seed], guidance, steps) for told in mixed])

    @property
    def _encodes(self) -> bool:
        """Whether prompts can be encoded separately from drawing, so that several threads can draw images."""
        return type(self.pipeline).__name__ == ENCODED

    def _encoded(self, prompts: list[str], guidance: float) -> dict[str, torch.Tensor]:
        """The embeddings of prompts and of the negative prompt, under the pipeline's names for them."""
        with self._turn, torch.inference_mode():
            against = {name: [text] * len(prompts) for name, text in self.negative.items()}
            found = self.pipeline.encode_prompt(prompts, do_classifier_free_guidance=guidance > 1, **against)
        return {name: vectors for name, vectors in zip(VECTORS, found, strict=True) if vectors is not None}

    def _check_length(self, text: str) -> None:
        """Raise SampleError if every text encoder cuts the text off."""
        with self._turn:  # a tokenizer stores its padding, which a call in another thread may set differently
            counts = [(len(tokenizer(text).input_ids), limit) for tokenizer, limit in self._readers]
        if counts and all(count > limit for count, limit in counts):
            count, limit = max(counts, key=lambda pair: pair[1])
            raise SampleError(
                f"prompt {text[:60]!r}... has {count} tokens, and the text encoder of this pipeline reads "
                f"{limit}: its end would be ignored; shorten the words of the template"
            )

    @contextmanager
    def _drawing(self) -> Iterator:
        """A pipeline that no other thread draws with.

        It is a copy if prompts come as vectors, otherwise the original, locked, since its text encoder and its
        scheduler keep the state of a call.
        """
        if self._encodes:
            own = copy(self.pipeline)
            own.scheduler = deepcopy(self.pipeline.scheduler)
            yield own
        else:
            with self._turn:
                yield self.pipeline

    def _batch(self, told: Mapping, seeds: Sequence[int], guidance: float, steps: int) -> np.ndarray:
        """Images of seeds for one prompt, given as words or as vectors."""
        words = {} if self._encodes else self.negative
        asked = {name: [text] * len(seeds) for name, text in words.items()}
        for name, one in told.items():
            asked[name] = one * len(seeds) if isinstance(one, list) else one.expand(len(seeds), *one.shape[1:])
        with self._drawing() as pipeline, torch.inference_mode():
            try:
                made = pipeline(
                    num_inference_steps=steps,
                    guidance_scale=guidance,
                    **self._noise(pipeline, seeds),
                    height=self.resolution,
                    width=self.resolution,
                    output_type="pt",
                    **asked,
                ).images
            except (ValueError, RuntimeError, TypeError, NotImplementedError) as error:
                raise SampleError(
                    f"{type(self.pipeline).__name__} makes no image of resolution = "
                    f"{self.resolution or 'its own'} in {steps} steps: {error}"
                ) from error
        return to_gray(made.float().cpu(), self.size)

    def _noise(self, pipeline, seeds: Sequence[int | Between]) -> dict:
        """Random streams of the seeds for a pipeline; between two seeds, that of the first and the initial noise."""
        ends = [(seed.first, seed.second) if isinstance(seed, Between) else (seed, seed) for seed in seeds]
        streams = [[torch.Generator("cpu").manual_seed(int(seed)) for seed in pair] for pair in ends]
        found = {"generator": [first for first, _ in streams]}
        if not any(isinstance(seed, Between) for seed in seeds):
            return found
        if not hasattr(pipeline, "unet"):
            raise SampleError(f"{type(pipeline).__name__} does not say what noise it starts from: it takes whole seeds")
        network, factor = pipeline.unet, pipeline.vae_scale_factor
        side = self.resolution // factor if self.resolution else network.config.sample_size
        shape, shares = (1, network.config.in_channels, side, side), [getattr(seed, "share", 0.0) for seed in seeds]
        drawn = [[torch.randn(shape, generator=one, dtype=network.dtype) for one in pair] for pair in streams]
        starts = [great_circle(*pair, share) for pair, share in zip(drawn, shares, strict=True)]
        return found | {"latents": torch.cat(starts)}


def to_gray(images: torch.Tensor, size: int) -> np.ndarray:
    """Convert square images (n, 1 or 3, side, side) in 0..1 to gray float32 (n, size, size) in 0..1, antialiased.

    Raises SampleError for any other shape.
    """
    if images.ndim != 4 or images.shape[1] not in (1, 3) or images.shape[2] != images.shape[3]:
        raise SampleError(
            f"the pipeline makes images of shape {tuple(images.shape)}; (n, 1 or 3, side, side) is needed"
        )
    gray = images if images.shape[1] == 1 else torch.einsum("nchw,c->nhw", images, LUMA)[:, None]
    if gray.shape[2:] != (size, size):
        gray = nn.functional.interpolate(gray, size=(size, size), mode="bicubic", antialias=True)
    return gray[:, 0].clamp(0, 1).numpy()


def load(spec: Mapping, findings: Findings) -> TextToImage:
    """The generator of ``{"source": name, "kind": "text_to_image", "path": folder or hub id, "size": pixels, ...}``.

    Optional keys: ``template`` (a name of ``prompts.TEMPLATES``, a .yaml file, or a list of them; default "original"),
    ``resolution`` (pixels, default the pipeline's own), ``precision`` (float32, bfloat16, float16),
    ``negative_prompt``, ``scheduler`` (of ``text_pipelines.SCHEDULERS``, default the pipeline's own), ``lora`` (a
    .safetensors file or its folder) and ``lora_scale`` (default 1).
    Raises ParameterError for an invalid option, SampleError if the pipeline is missing or cannot be loaded, saying what
    to download, or if the scheduler, LoRA or prompts do not fit it.
    """
    _check_options(spec)
    words = read_templates(spec.get("template", "original"), findings)
    folder = pipelines.folder_of(spec)
    pipeline = pipelines.load_pipeline(folder, spec.get("precision", "float32"))
    pipelines.set_scheduler(pipeline, spec.get("scheduler"), spec["source"])
    digest = sha256(folder)
    if spec.get("lora"):
        lora = pipelines.add_lora(pipeline, spec["lora"], float(spec.get("lora_scale", 1.0)), spec["source"])
        digest = hashlib.sha256(f"{digest} {lora}".encode()).hexdigest()
    negative = spec.get("negative_prompt")
    if negative:
        pipelines.check_negative(pipeline, spec["source"])
    return TextToImage(pipeline, digest, int(spec["size"]), words, findings, spec.get("resolution"), negative)


def _check_options(spec: Mapping) -> None:
    source = spec["source"]
    for key in ("size", "resolution"):
        given = spec.get(key)
        if (given is None and key == "size") or (given is not None and not (isinstance(given, int) and given > 0)):
            raise ParameterError(f"source {source!r}: {key} = {given!r}; give a whole number of pixels")
    for key, known in (("precision", pipelines.PRECISIONS), ("scheduler", pipelines.SCHEDULERS)):
        if spec.get(key) is not None and spec[key] not in known:
            raise ParameterError(f"source {source!r}: {key} = {spec[key]!r}; choose {', '.join(known)}")
    for key, kind, what in (
        ("negative_prompt", str, "words"),
        ("lora", str | Path, "the path of a .safetensors file or of its folder"),
        ("lora_scale", int | float, "a number, 1 for the full effect"),
    ):
        if spec.get(key) is not None and not isinstance(spec[key], kind):
            raise ParameterError(f"source {source!r}: {key} = {spec[key]!r}; give {what}")
