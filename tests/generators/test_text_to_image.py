"""A real but tiny Stable Diffusion pipeline, built here with random weights, becomes a source of the study."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import save_file

from helpers.errors import ParameterError, SampleError
from helpers.files import read_gray
from helpers.findings import ORIGINAL, Cell, Findings
from helpers.generators import sampling, sources, text_pipelines
from helpers.generators.text_to_image import load, to_gray
from helpers.runs import Run

condition = ORIGINAL.condition

CELL = Cell("pleural_effusion", 1)
EFFUSION = condition(CELL)


def _tokenizer(folder):
    from transformers import CLIPTokenizer

    words = ["<|startoftext|>", "<|endoftext|>"]
    letters = [chr(code) for code in range(97, 123)]
    vocabulary = {token: i for i, token in enumerate([*words, *letters, *(f"{x}</w>" for x in letters)])}
    folder.mkdir()
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)


@pytest.fixture(scope="module")
def pipeline_folder(tmp_path_factory):
    transformers = pytest.importorskip("transformers", reason="Stable Diffusion reads its prompts with transformers")
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel

    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16),
        norm_num_groups=4,
        layers_per_block=1,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=4,
    )
    autoencoder = AutoencoderKL(
        block_out_channels=(8, 16),
        norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
    )
    tokenizer = _tokenizer(tmp_path_factory.mktemp("words") / "tokenizer")
    text_encoder = transformers.CLIPTextModel(
        transformers.CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )
    pipeline = StableDiffusionPipeline(
        autoencoder,
        text_encoder,
        tokenizer,
        unet,
        DDIMScheduler(steps_offset=1, clip_sample=False),
        None,
        None,
        requires_safety_checker=False,
    )
    folder = tmp_path_factory.mktemp("pipeline")
    pipeline.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def generator(pipeline_folder):
    return load({"source": "roentgen", "kind": "text_to_image", "path": str(pipeline_folder), "size": 12}, ORIGINAL)


@pytest.fixture
def loaded(pipeline_folder):
    """The tiny pipeline as a source with some settings."""

    def with_settings(**settings):
        spec = {"source": "roentgen", "kind": "text_to_image", "path": str(pipeline_folder), "size": 12}
        return load(spec | settings, ORIGINAL)

    return with_settings


def _one(generator, guidance=4.0, steps=2):
    return generator.sample(EFFUSION, [5], guidance=guidance, steps=steps)[0]


def test_images_are_gray_of_the_run_size_and_show_something(generator):
    images = generator.sample(EFFUSION, [1, 2], guidance=4.0, steps=2)
    assert images.shape == (2, 12, 12)
    assert images.dtype == np.float32
    assert images.min() >= 0 and images.max() <= 1
    assert images.std() > 0.001


def test_an_image_depends_on_its_seed_alone_not_on_the_batch(generator):
    together = generator.sample(EFFUSION, [11, 12, 13, 14, 15, 16], guidance=4.0, steps=2)
    alone = generator.sample(EFFUSION, [15], guidance=4.0, steps=2)
    np.testing.assert_allclose(together[4], alone[0], atol=1e-5)
    assert np.abs(together[0] - together[1]).max() > 1e-3


def test_calls_from_several_threads_do_not_disturb_each_other(generator):
    def one(seed):
        return generator.sample(EFFUSION, [seed], guidance=4.0, steps=3)[0]

    expected = [one(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for image, other in zip(expected, pool.map(one, range(4)), strict=True):
            np.testing.assert_allclose(image, other, atol=1e-5)


def test_the_prompt_changes_the_image(generator):
    absent = condition(Cell("pleural_effusion", 0))
    assert generator.prompt(EFFUSION) == "pleural effusion"
    assert generator.prompt(absent) == "no findings"
    one, other = (generator.sample(c, [5], guidance=4.0, steps=2) for c in (EFFUSION, absent))
    assert np.abs(one - other).max() > 1e-4


def test_a_negative_prompt_changes_the_image_under_guidance_only(generator, loaded):
    against = loaded(negative_prompt="blurred")
    assert np.abs(_one(against) - _one(generator)).max() > 1e-4
    np.testing.assert_allclose(_one(against, guidance=1.0), _one(generator, guidance=1.0), atol=1e-6)


def test_another_scheduler_goes_another_way_from_the_same_noise_and_euler_goes_that_of_ddim(generator, loaded):
    euler, second_order = loaded(scheduler="euler"), loaded(scheduler="dpm")
    assert type(euler.pipeline.scheduler).__name__ == "EulerDiscreteScheduler"
    # DDIM is Euler's method for the same equation (Song et al. 2021, arXiv 2010.02502, eq. 14).
    np.testing.assert_allclose(_one(euler), _one(generator), atol=1e-5)
    assert 1e-5 < np.abs(_one(second_order) - _one(generator)).max() < 0.2


def test_a_scheduler_of_another_family_is_refused(loaded):
    with pytest.raises(SampleError, match="'lcm' does not fit .* DDIMScheduler; leave it out, or choose ddim, ddpm"):
        loaded(scheduler="lcm")


def test_a_prompt_that_the_text_encoder_does_not_read_to_its_end_is_refused(tmp_path, loaded):
    long = "a chest radiograph of an adult patient in the upright position with good inspiration showing "
    words = {
        state: {name: f"{long}{name.replace('_', ' ')} {state}" for name in ORIGINAL.names}
        for state in ("present", "absent")
    }
    (tmp_path / "long.yaml").write_text(yaml.safe_dump(words))
    with pytest.raises(SampleError, match=r"'a chest radiograph .* tokens, .* reads 77: .* shorten"):
        loaded(template=str(tmp_path / "long.yaml"))
    with pytest.raises(SampleError, match="'text text .* reads 77"):
        loaded(negative_prompt="text " * 30)


def test_weights_that_are_stored_as_fp16_only_are_read(generator, pipeline_folder, tmp_path, loaded):
    shutil.copytree(pipeline_folder, tmp_path / "half")
    for file in list((tmp_path / "half").glob("*/*.safetensors")):
        file.rename(file.with_suffix(".fp16.safetensors"))
    np.testing.assert_allclose(_one(loaded(path=str(tmp_path / "half"))), _one(generator), atol=1e-6)


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


def test_a_lora_changes_the_image_by_its_scale_and_the_digest(generator, lora, loaded):
    full, none = loaded(lora=str(lora)), loaded(lora=str(lora / "pytorch_lora_weights.safetensors"), lora_scale=0.0)
    assert np.abs(_one(full) - _one(generator)).max() > 1e-4
    np.testing.assert_allclose(_one(none), _one(generator), atol=1e-6)
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
        ("DDPMPipeline", "is told no words"),
        ("DiTPipeline", "is told no words"),
        ("StableDiffusionImg2ImgPipeline", r"takes more than words \(image\)"),
        ("StableDiffusionInpaintPipeline", r"takes more than words \(image, mask_image\)"),
        ("ChestPipeline", "names no pipeline of this diffusers"),
    ],
)
def test_a_class_that_makes_no_image_from_words_alone_is_refused_before_it_is_loaded(tmp_path, loaded, name, why):
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": name}))
    with pytest.raises(SampleError, match=f"{why}.*external"):
        loaded(path=str(tmp_path))


def test_a_pipeline_that_is_guided_without_a_negative_prompt_refuses_one():
    from diffusers import FluxPipeline

    with pytest.raises(SampleError, match="FluxPipeline is guided without a negative prompt"):
        text_pipelines.check_negative(FluxPipeline.__new__(FluxPipeline), "x")


def test_the_digest_names_the_files_that_were_loaded(generator, pipeline_folder):
    again = load({"source": "x", "kind": "text_to_image", "path": str(pipeline_folder), "size": 8}, ORIGINAL)
    assert len(generator.sha256) == 64
    assert again.sha256 == generator.sha256


def test_the_resolution_of_the_pipeline_can_be_chosen(pipeline_folder):
    spec = {"source": "x", "kind": "text_to_image", "path": str(pipeline_folder), "size": 24, "resolution": 32}
    assert load(spec, ORIGINAL).sample(EFFUSION, [1], guidance=1.0, steps=1).shape == (1, 24, 24)


@pytest.mark.parametrize("resolution", [12, 30])
def test_a_resolution_that_the_pipeline_cannot_make_is_named(pipeline_folder, resolution):
    spec = {"source": "x", "kind": "text_to_image", "path": str(pipeline_folder), "size": 8, "resolution": resolution}
    with pytest.raises(SampleError, match=f"StableDiffusionPipeline makes no image of resolution = {resolution} .* 8"):
        load(spec, ORIGINAL).sample(EFFUSION, [1], steps=1)


@pytest.mark.parametrize("shape", [(1, 2, 8, 8), (1, 3, 8, 16), (3, 8, 8)])
def test_images_of_another_shape_are_refused(shape):
    with pytest.raises(SampleError, match="shape"):
        to_gray(torch.zeros(shape), 8)


def test_gray_images_stay_as_they_are():
    gray = torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    np.testing.assert_array_equal(to_gray(gray, 8), gray[:, 0].numpy())


def test_colour_becomes_gray_by_luma_without_aliasing():
    stripes = torch.zeros(1, 3, 64, 64)
    stripes[:, 1, :, ::2] = 1.0
    np.testing.assert_allclose(to_gray(stripes, 16)[0, 4:-4, 4:-4], 0.587 / 2, atol=0.02)


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
    with pytest.raises(SampleError, match="cannot be fetched from the hub .*no internet.*hf download"):
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


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"size": None}, "size"),
        ({"size": 8, "precision": "int4"}, "precision = 'int4'; choose float32"),
        ({"size": 8, "scheduler": "fast"}, "scheduler = 'fast'; choose ddim"),
        ({"size": 8, "negative_prompt": ["noise"]}, "negative_prompt = .*; give words"),
        ({"size": 8, "lora": 3}, "lora = 3; give the path"),
        ({"size": 8, "lora_scale": "full"}, "lora_scale = 'full'; give a number"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_loaded(extra, message):
    with pytest.raises(ParameterError, match=message):
        load({"source": "x", "kind": "text_to_image", "path": "nowhere", **extra}, ORIGINAL)


def test_templates_share_every_cell_and_reach_the_samples_table(pipeline_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    spec = {"source": "roentgen", "kind": "text_to_image", "path": str(pipeline_folder)}
    spec["template"] = ["original", "specific"]
    run = Run("templates")
    specs = sources.complete_specs([spec], run, size=8, guidance=1.0, steps=1)
    one = Findings.from_section([CELL.finding])
    table = sampling.sample_cells(specs, one, per_cell=4, seed=1, run=run, workers=1).query("present == 1")
    assert table["template"].tolist() == ["original", "specific"] * 2
    assert table["prompt"].tolist() == ["pleural effusion", "PA view. Moderate left pleural effusion."] * 2
    row, generator = table.iloc[1], sources.load(specs[0], one)
    again = generator.sample(one.condition(CELL), [row["seed"]], guidance=1.0, steps=1, template="specific")[0]
    assert np.abs(read_gray(run.folder / row["path"]) - again).max() < 1 / 255
