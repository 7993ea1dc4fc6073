"""A real but tiny Stable Diffusion pipeline, built here with random weights, becomes a source of the study."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from helpers.errors import ParameterError, SampleError
from helpers.files import read_gray
from helpers.findings import ORIGINAL, Cell, Findings
from helpers.generators import sampling, sources, text_to_image
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


def test_the_digest_names_the_files_that_were_loaded(generator, pipeline_folder):
    again = load({"source": "x", "kind": "text_to_image", "path": str(pipeline_folder), "size": 8}, ORIGINAL)
    assert len(generator.sha256) == 64
    assert again.sha256 == generator.sha256


def test_the_resolution_of_the_pipeline_can_be_chosen(pipeline_folder):
    spec = {"source": "x", "kind": "text_to_image", "path": str(pipeline_folder), "size": 24, "resolution": 32}
    assert load(spec, ORIGINAL).sample(EFFUSION, [1], guidance=1.0, steps=1).shape == (1, 24, 24)


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
    monkeypatch.setattr(text_to_image.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SampleError, match="pip install transformers"):
        load({"source": "x", "kind": "text_to_image", "path": str(pipeline_folder), "size": 8}, ORIGINAL)


@pytest.mark.parametrize(
    ("extra", "message"),
    [({"size": None}, "size"), ({"size": 8, "precision": "int4"}, "int4")],
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
