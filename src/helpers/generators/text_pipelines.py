"""Loads text-to-image pipelines of diffusers, with a scheduler and a LoRA if requested."""

import importlib.util
import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path

import torch

from helpers.errors import SampleError
from helpers.files import sha256
from helpers.runs import workspace

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
SCHEDULERS = {
    "ddim": "DDIMScheduler",
    "ddpm": "DDPMScheduler",
    "dpm": "DPMSolverMultistepScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler_ancestral": "EulerAncestralDiscreteScheduler",
    "heun": "HeunDiscreteScheduler",
    "lcm": "LCMScheduler",
    "pndm": "PNDMScheduler",
    "unipc": "UniPCMultistepScheduler",
}
ASKED = ("prompt", "num_inference_steps", "guidance_scale", "generator", "height", "width", "output_type")
STARTS = ("image", "mask_image", "control_image", "video", "num_frames")  # of classes that do not start from noise
HOW_TO_GET = (
    "put the folder of the pipeline there (it has a model_index.json): RoentGen-v2 with "
    "`hf download stanfordmimi/RoentGen-v2 --local-dir {path}` after accepting its terms on huggingface.co, the first "
    "RoentGen from its authors (github.com/StanfordMIMI/RoentGen), or any Stable Diffusion pipeline in diffusers "
    "format (without a path, the source is the run's own model, which notebooks/03_train_diffusion.ipynb trains)"
)
BROKEN = (OSError, ValueError, AttributeError, ImportError, RuntimeError, KeyError, TypeError)  # raised by loaders


def folder_of(spec: Mapping) -> Path:
    """The local folder of a source's pipeline; a hub id is first downloaded to the hub's own cache.

    Raises SampleError, saying what to download, if there is none.
    """
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
            f"source {spec['source']!r}: {path} is not a folder and {hub_id!r} cannot be downloaded from the hub "
            f"({type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}); "
            f"{HOW_TO_GET.format(path=path)}"
        ) from error


def load_pipeline(folder: Path, precision: str):
    """Load a text-to-image pipeline, on the GPU if there is one.

    If weights are stored only in a variant, such as ``fp16``, that variant is read. Raises SampleError for a class that
    takes no prompt or needs an image to start from, and for a folder that cannot be loaded.
    """
    diffusers = _diffusers()
    _check_class(diffusers, folder)
    try:
        pipeline = diffusers.DiffusionPipeline.from_pretrained(
            folder, dtype=PRECISIONS[precision], variant=_variant(folder), local_files_only=True
        )
    except BROKEN as error:
        raise SampleError(
            f"{folder}: diffusers cannot load this pipeline ({error}); download it again and compare model_index.json"
        ) from error
    if hasattr(pipeline, "safety_checker"):
        pipeline.safety_checker = None  # made for photographs: it would black out chest X-rays
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to("cuda" if torch.cuda.is_available() else "cpu")


def _diffusers():
    if importlib.util.find_spec("transformers") is None:
        raise SampleError(
            "text_to_image: Stable Diffusion reads its prompts with the package transformers, which is not installed; "
            "run `pip install transformers` in the project's environment, or remove this source"
        )
    import diffusers

    return diffusers


def _check_class(diffusers, folder: Path) -> None:
    """Raise SampleError unless the class that ``model_index.json`` names makes images from text alone."""
    try:
        name = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))["_class_name"]
        pipeline = getattr(diffusers, name)
        asked = inspect.signature(pipeline.__call__).parameters
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SampleError(
            f"{folder / 'model_index.json'}: names no pipeline of this diffusers {diffusers.__version__} "
            f"({type(error).__name__}: {error}); download it again, or give images that it has made as kind external"
        ) from error
    if "prompt" not in asked:
        why = "takes no prompt, so it cannot be asked for a finding"
    elif starts := [name for name in STARTS if name in asked]:
        why = f"takes more than words ({', '.join(starts)}); a pipeline that makes an image from words alone is needed"
    elif lacking := [name for name in ASKED if name not in asked]:
        why = f"has no argument {', '.join(lacking)}"
    else:
        return
    raise SampleError(f"{folder}: its class {name} {why}; give images that it has made as kind external")


def _variant(folder: Path) -> str | None:
    """The variant (``x.fp16.safetensors``) of weights that are stored without a plain file, or None."""
    for part in {file.parent for file in folder.glob("*/*.safetensors")}:
        files = [re.sub(r"-\d{5}-of-\d{5}", "", file.name).split(".") for file in part.glob("*.safetensors")]
        if not any(len(file) == 2 for file in files):
            return sorted(file[1] for file in files)[0]
    return None


def check_negative(pipeline, source: str) -> None:
    """Raise SampleError for a pipeline whose guidance takes no negative prompt, such as that of Flux."""
    asked = inspect.signature(pipeline.__call__).parameters
    if "negative_prompt" not in asked or "true_cfg_scale" in asked:
        raise SampleError(
            f"source {source!r}: {type(pipeline).__name__} is guided without a negative prompt; leave it out"
        )


def set_scheduler(pipeline, name: str | None, source: str) -> None:
    """Replace the scheduler with one of ``SCHEDULERS``; None keeps the pipeline's own.

    Raises SampleError if diffusers does not list it as compatible with the pipeline's own.
    """
    if name is None:
        return
    fitting = {kind.__name__: kind for kind in pipeline.scheduler.compatibles}
    if SCHEDULERS[name] not in fitting:
        possible = [short for short, kind in SCHEDULERS.items() if kind in fitting]
        raise SampleError(
            f"source {source!r}: scheduler = {name!r} does not fit this pipeline, whose own is "
            f"{type(pipeline.scheduler).__name__}; leave it out, or choose {', '.join(possible) or 'none'}"
        )
    config, ends = pipeline.scheduler.config, {}
    if name == "ddim" and config.get("final_sigmas_type") == "sigma_min":  # our model keeps its grain in the last noise
        ends = {"set_alpha_to_one": False}
    pipeline.scheduler = fitting[SCHEDULERS[name]].from_config(config, **ends)


def add_lora(pipeline, lora: str | Path, scale: float, source: str) -> str:
    """Add a LoRA (Hu et al. 2021, arXiv 2106.09685), a ``.safetensors`` file or its folder, to a pipeline's weights.

    Returns the digest of its file. Raises SampleError if it is missing, damaged or made for another model.
    """
    path = workspace() / lora
    files = sorted(path.glob("*.safetensors")) if path.is_dir() else [path]
    if len(files) != 1 or not files[0].is_file():
        raise SampleError(f"source {source!r}: lora = {str(lora)!r}: give one .safetensors file, or the folder of one")
    try:
        pipeline.load_lora_weights(files[0].parent, weight_name=files[0].name, local_files_only=True)
        if not pipeline.get_active_adapters():
            raise ValueError("none of its weights belongs to a part of this pipeline")
        pipeline.fuse_lora(lora_scale=scale)
        pipeline.unload_lora_weights()  # the layers, now merged into the weights
    except BROKEN as error:
        raise SampleError(
            f"source {source!r}: {files[0]} does not fit {type(pipeline).__name__} "
            f"({str(error).splitlines()[0] if str(error) else type(error).__name__}); give a LoRA of this base model"
        ) from error
    return sha256(files[0])


def longest_prompts(pipeline) -> list[tuple[object, int]]:
    """Tokenizers of a pipeline, each with the number of tokens that it and its text encoder can read."""
    default = inspect.signature(pipeline.__call__).parameters.get("max_sequence_length")
    found = []
    for name in [name for name in pipeline.components if name.startswith("tokenizer")]:
        tokenizer, encoder = getattr(pipeline, name), getattr(pipeline, name.replace("tokenizer", "text_encoder"), None)
        if tokenizer is None:
            continue
        places = getattr(getattr(encoder, "config", None), "max_position_embeddings", None)
        # Encoders without a table of positions, such as T5, read as many tokens as the pipeline's call passes on.
        limits = [tokenizer.model_max_length, places or (default.default if default else None)]
        found.append((tokenizer, min(int(limit) for limit in limits if limit)))
    return found
