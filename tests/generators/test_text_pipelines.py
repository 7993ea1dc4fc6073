"""What is loaded as a pipeline from words: its weights, scheduler and LoRA, and what is refused with the remedy."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import DPMSolverMultistepScheduler
from safetensors.torch import save_file

from helpers.errors import SampleError
from helpers.findings import ORIGINAL
from helpers.generators import text_pipelines
from helpers.generators.text_to_image import load


def test_a_scheduler_of_another_family_is_refused(loaded):
    with pytest.raises(SampleError, match="'lcm' does not fit .* DDIMScheduler; leave it out, or choose ddim, ddpm"):
        loaded(scheduler="lcm")


@pytest.mark.parametrize("ends", ["zero", "sigma_min"])
def test_ddim_ends_at_the_noise_at_which_the_scheduler_in_its_place_ends(ends):
    own = DPMSolverMultistepScheduler(final_sigmas_type=ends, timestep_spacing="trailing")
    pipeline = SimpleNamespace(scheduler=own)
    text_pipelines.set_scheduler(pipeline, "ddim", "mine")
    last = own.alphas_cumprod[0] if ends == "sigma_min" else 1.0
    assert float(pipeline.scheduler.final_alpha_cumprod) == pytest.approx(float(last))


def test_weights_that_are_stored_as_fp16_only_are_read(generator, pipeline_folder, tmp_path, loaded, one):
    shutil.copytree(pipeline_folder, tmp_path / "half")
    for file in list((tmp_path / "half").glob("*/*.safetensors")):
        file.rename(file.with_suffix(".fp16.safetensors"))
    np.testing.assert_allclose(one(loaded(path=str(tmp_path / "half"))), one(generator), atol=1e-6)


@pytest.fixture(scope="module")
def lora(pipeline_folder, tmp_path_factory):
    """A folder with a random LoRA of the tiny pipeline's UNet."""
    from diffusers import StableDiffusionPipeline
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    torch.manual_seed(1)
    unet = StableDiffusionPipeline.from_pretrained(pipeline_folder).unet
    unet.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_k", "to_v"], init_lora_weights=False))
    folder = tmp_path_factory.mktemp("lora")
    StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=get_peft_model_state_dict(unet))
    return folder


def test_a_lora_changes_the_image_by_its_scale_and_the_digest(generator, lora, loaded, one):
    full, none = loaded(lora=str(lora)), loaded(lora=str(lora / "pytorch_lora_weights.safetensors"), lora_scale=0.0)
    assert np.abs(one(full) - one(generator)).max() > 1e-4
    np.testing.assert_allclose(one(none), one(generator), atol=1e-6)
    assert full.sha256 == none.sha256 != generator.sha256


def test_a_lora_of_another_model_or_none_is_refused(tmp_path, loaded):
    save_file({"elsewhere.lora_A.weight": torch.zeros(2, 2)}, tmp_path / "other.safetensors")
    with pytest.raises(SampleError, match="other.safetensors does not fit StableDiffusionPipeline .* base model"):
        loaded(lora=str(tmp_path / "other.safetensors"))
    with pytest.raises(SampleError, match="lora = .*nothing.*give one .safetensors file"):
        loaded(lora=str(tmp_path / "nothing"))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("DDPMPipeline", "takes no prompt"),
        ("DiTPipeline", "takes no prompt"),
        ("StableDiffusionImg2ImgPipeline", r"takes more than words \(image\)"),
        ("StableDiffusionInpaintPipeline", r"takes more than words \(image, mask_image\)"),
        ("ChestPipeline", "names no pipeline of this diffusers"),
    ],
)
def test_a_class_that_makes_no_image_from_words_alone_is_refused_before_it_is_loaded(tmp_path, loaded, name, why):
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": name}))
    with pytest.raises(SampleError, match=f"{why}.*external"):
        loaded(path=str(tmp_path))


def test_a_pipeline_that_is_guided_without_a_negative_prompt_refusesone():
    from diffusers import FluxPipeline

    with pytest.raises(SampleError, match="FluxPipeline is guided without a negative prompt"):
        text_pipelines.check_negative(FluxPipeline.__new__(FluxPipeline), "x")


def test_a_missing_folder_says_what_to_download(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    spec = {"source": "roentgen", "kind": "text_to_image", "path": str(tmp_path / "models" / "a" / "b"), "size": 8}
    with pytest.raises(SampleError, match=r"hf download stanfordmimi/RoentGen-v2 --local-dir .*models/a/b"):
        load(spec, ORIGINAL)


def test_a_hub_id_that_cannot_be_fetched_says_what_to_download(tmp_path, monkeypatch):
    diffusers = pytest.importorskip("diffusers")
    pytest.importorskip("transformers")
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    asked = []

    def refuse(hub_id, **options):
        asked.append(hub_id)
        raise OSError("no internet")

    monkeypatch.setattr(diffusers.DiffusionPipeline, "download", refuse)
    path = tmp_path / "stanfordmimi" / "RoentGen-v2"
    with pytest.raises(SampleError, match="cannot be downloaded from the hub .*no internet.*hf download"):
        load({"source": "roentgen", "kind": "text_to_image", "path": str(path), "size": 8}, ORIGINAL)
    assert asked == ["stanfordmimi/RoentGen-v2"]


def test_a_damaged_pipeline_is_refused(tmp_path):
    pytest.importorskip("transformers")
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "X"]}')
    with pytest.raises(SampleError, match="cannot load"):
        load({"source": "x", "kind": "text_to_image", "path": str(tmp_path), "size": 8}, ORIGINAL)


def test_without_transformers_the_message_names_it(pipeline_folder, monkeypatch):
    monkeypatch.setattr(text_pipelines.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SampleError, match="pip install transformers"):
        load({"source": "x", "kind": "text_to_image", "path": str(pipeline_folder), "size": 8}, ORIGINAL)
