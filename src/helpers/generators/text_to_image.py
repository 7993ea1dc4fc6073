"""Chest X-rays from words: RoentGen, or any Stable Diffusion pipeline that diffusers can load."""

import importlib.util
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from helpers.errors import ParameterError, SampleError
from helpers.files import sha256
from helpers.findings import Findings
from helpers.generators.image_generator import ImageGenerator
from helpers.generators.prompts import prompt_for, read_templates
from helpers.runs import workspace

BATCH = 4  # images made at a time
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
LUMA = torch.tensor([0.299, 0.587, 0.114])  # ITU-R BT.601
HOW_TO_GET = (
    "put the folder of the pipeline there (it has a model_index.json): RoentGen-v2 with "
    "`hf download stanfordmimi/RoentGen-v2 --local-dir {path}` after accepting its terms on huggingface.co, the first "
    "RoentGen from its authors (github.com/StanfordMIMI/RoentGen), or any Stable Diffusion pipeline in diffusers format"
)


class TextToImage(ImageGenerator):
    """A loaded pipeline with one or more templates of words for the study cells.

    ``sha256`` is that of its folder; ``words`` maps the name of a template to its words for ``of_study``, the findings
    in the order of a condition.
    """

    def __init__(self, pipeline, sha256: str, size: int, words: Mapping, of_study: Findings, resolution: int | None):
        self.pipeline, self.sha256, self.size = pipeline, sha256, size
        self.words, self.resolution, self.templates = words, resolution, tuple(words)
        self.of_study, self._turn = of_study, threading.Lock()

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
        """Images float32 (n, size, size) in 0..1 under a condition; image i depends on ``seeds[i]`` alone.

        ``guidance`` is the scale of classifier-free guidance (1 = none), ``steps`` the denoising steps; the defaults
        are those of the original study. Colour becomes gray by luma; the result is reduced with antialiasing.
        """
        prompt = self.prompt(condition, template)
        return np.concatenate(
            [self._batch(prompt, seeds[i : i + BATCH], guidance, steps) for i in range(0, len(seeds), BATCH)]
        )

    def _batch(self, prompt: str, seeds: Sequence[int], guidance: float, steps: int) -> np.ndarray:
        # The pipeline, its scheduler and the text encoder's hooks keep the state of a call: one call at a time.
        with self._turn, torch.inference_mode():
            made = self.pipeline(
                [prompt] * len(seeds),
                num_inference_steps=steps,
                guidance_scale=guidance,
                generator=[torch.Generator("cpu").manual_seed(int(seed)) for seed in seeds],
                height=self.resolution,
                width=self.resolution,
                output_type="pt",
            ).images
        return to_gray(made.float().cpu(), self.size)


def to_gray(images: torch.Tensor, size: int) -> np.ndarray:
    """Colour images (n, 3, height, width) in 0..1 to gray float32 (n, size, size) in 0..1, antialiased."""
    gray = torch.einsum("nchw,c->nhw", images, LUMA)[:, None]
    if gray.shape[2:] != (size, size):
        gray = nn.functional.interpolate(gray, size=(size, size), mode="bicubic", antialias=True)
    return gray[:, 0].clamp(0, 1).numpy()


def load(spec: Mapping, findings: Findings) -> TextToImage:
    """The generator of ``{"source": name, "kind": "text_to_image", "path": folder or hub id, "size": pixels, ...}``.

    Optional keys: ``template`` (a name of ``prompts.TEMPLATES`` or a .yaml file, or a list of them; "original"),
    ``resolution`` (pixels that the pipeline works at; its own), ``precision`` (float32, bfloat16, float16).
    Raises ParameterError for a wrong option, SampleError when the pipeline is missing or cannot be loaded, saying what
    to download.
    """
    _check_options(spec)
    words = read_templates(spec.get("template", "original"), findings)
    folder = _folder(spec)
    pipeline = _pipeline(folder, PRECISIONS[spec.get("precision", "float32")])
    resolution = int(spec["resolution"]) if spec.get("resolution") else None
    return TextToImage(pipeline, sha256(folder), int(spec["size"]), words, findings, resolution)


def _check_options(spec: Mapping) -> None:
    source = spec["source"]
    for key in ("size", "resolution"):
        given = spec.get(key)
        if (given is None and key == "size") or (given is not None and not (isinstance(given, int) and given > 0)):
            raise ParameterError(f"source {source!r}: {key} = {given!r}; give a whole number of pixels")
    if spec.get("precision", "float32") not in PRECISIONS:
        raise ParameterError(f"source {source!r}: precision = {spec['precision']!r}; choose {', '.join(PRECISIONS)}")


def _folder(spec: Mapping) -> Path:
    """The local folder of the pipeline; a hub id is fetched into the hub's own cache first."""
    path = Path(spec["path"])
    if (path / "model_index.json").is_file():
        return path
    # A run's specs hold paths joined to the workspace; a hub id has no such folder and is recognised by its form.
    hub_id = path.relative_to(workspace()).as_posix() if path.is_relative_to(workspace()) else str(spec["path"])
    if path.exists() or not re.fullmatch(r"[\w.-]+/[\w.-]+", hub_id):
        raise SampleError(f"source {spec['source']!r}: {path} holds no pipeline; {HOW_TO_GET.format(path=path)}")
    diffusers = _diffusers()
    try:
        return Path(diffusers.DiffusionPipeline.download(hub_id))
    except Exception as error:  # the hub's client raises its own, its transport's and the system's errors
        raise SampleError(
            f"source {spec['source']!r}: {path} is not a folder and {hub_id!r} cannot be fetched from the hub "
            f"({type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}); "
            f"{HOW_TO_GET.format(path=path)}"
        ) from error


def _diffusers():
    if importlib.util.find_spec("transformers") is None:
        raise SampleError(
            "text_to_image: Stable Diffusion reads its prompts with the package transformers, which is not installed; "
            "run `pip install transformers` in the project's environment, or remove this source"
        )
    import diffusers

    return diffusers


def _pipeline(folder: Path, dtype: torch.dtype):
    diffusers = _diffusers()
    try:
        pipeline = diffusers.DiffusionPipeline.from_pretrained(folder, dtype=dtype, local_files_only=True)
    except (OSError, ValueError, AttributeError, ImportError, RuntimeError, KeyError, TypeError) as error:
        raise SampleError(
            f"{folder}: diffusers cannot load this pipeline ({error}); download it again and compare model_index.json"
        ) from error
    if hasattr(pipeline, "safety_checker"):
        pipeline.safety_checker = None  # made for photographs: it would blacken chest X-rays
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to("cuda" if torch.cuda.is_available() else "cpu")
