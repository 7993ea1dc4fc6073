"""A real but tiny Stable Diffusion pipeline with random weights, and how it is loaded as a source."""

import json

import pytest
import torch

from helpers.findings import ORIGINAL, Cell
from helpers.generators.text_to_image import load


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


@pytest.fixture
def one():
    """A function: one image of an effusion by a generator."""
    effusion = ORIGINAL.condition(Cell("pleural_effusion", 1))

    def one(generator, guidance=4.0, steps=2):
        return generator.sample(effusion, [5], guidance=guidance, steps=steps)[0]

    return one
