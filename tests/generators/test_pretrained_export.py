import json
from dataclasses import asdict

import torch
from safetensors.torch import save_file
from small_pipeline import SHAPE as WORDS
from small_pipeline import small_pipeline

from helpers.generators import gan
from helpers.generators.enlarging import enlarger as enlarging
from helpers.generators.enlarging.critic import Critic
from helpers.generators.enlarging.enlarger import Enlarger, EnlargerShape
from helpers.generators.pretrained import Pretrained, cpu_state
from helpers.generators.pretrained_export import main
from helpers.generators.stylegan2 import Architecture, Discriminator, Generator
from helpers.generators.words.networks import text_encoder_of, unet_of
from helpers.generators.words.vocabulary import tokenizer_of
from helpers.runs import Run

SHAPE = Architecture(size=8, width=4, widest=8, latent=8)


def test_the_models_of_a_run_become_three_files_to_start_from(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    run, discriminator = Run("tiny"), Discriminator(SHAPE)
    pipeline = small_pipeline()
    enlarger, critic = Enlarger(EnlargerShape(size=8, factor=2, fold=2, width=8, blocks=1)), Critic()
    enlarging.save(run.stage_folder("02_train_enlarger"), enlarger, {})
    save_file(cpu_state(critic), run.stage_folder("02_train_enlarger") / "critic.safetensors")
    (run.stage_folder("02_train_enlarger") / "training.json").write_text(json.dumps({"images_seen": 160}))
    gan.save(run.stage_folder("02_train_gan"), {gan.JOINT: Generator(SHAPE)}, {"images_seen": 320})
    save_file(cpu_state(discriminator), run.stage_folder("02_train_gan") / "discriminator.safetensors")
    folder = run.stage_folder("03_train_diffusion")
    folder.mkdir(parents=True)
    pipeline.save_pretrained(folder / "pipeline")
    (folder / "training.json").write_text(json.dumps({"images_seen": 640, "shape": asdict(WORDS)}))
    assert main(["--run", "tiny", "--to", "out"]) == 0
    found, other = Pretrained.read(tmp_path / "out" / "gan.safetensors"), Discriminator(SHAPE)
    found.fill(generator=Generator(SHAPE), discriminator=other)
    assert found.images_seen == 320
    assert torch.allclose(other.score.weight, discriminator.score.weight, rtol=1e-3, atol=1e-4)
    found = Pretrained.read(tmp_path / "out" / "diffusion.safetensors")
    found.check(asdict(WORDS))
    found.fill(unet=unet_of(WORDS), text_encoder=text_encoder_of(WORDS, pipeline.tokenizer_2))
    assert found.images_seen == 640
    texts = ["no pleural effusion", "Pneumothorax."]
    assert tokenizer_of(found.words)(texts).input_ids == pipeline.tokenizer_2(texts).input_ids
    found = Pretrained.read(tmp_path / "out" / "enlarger.safetensors")
    found.fill(enlarger=enlarger, critic=critic)
    assert found.images_seen == 160 and found.shape["factor"] == 2


def test_one_model_of_a_run_that_trained_no_other_is_exported_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    folder = Run("tiny").stage_folder("03_train_diffusion")
    folder.mkdir(parents=True)
    small_pipeline().save_pretrained(folder / "pipeline")
    (folder / "training.json").write_text(json.dumps({"images_seen": 640, "shape": asdict(WORDS)}))
    assert main(["--run", "tiny", "--to", "out", "--models", "diffusion"]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["diffusion.safetensors"]


def test_a_run_without_models_exports_nothing_and_says_why(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    assert main(["--run", "tiny", "--to", "out"]) == 2
    assert "model.safetensors" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
