"""The networks are those of a small Stable Diffusion XL; its scheduler knows the noise that training adds."""

import pytest
import torch

from helpers.errors import ParameterError
from helpers.generators.words import networks, vocabulary
from helpers.generators.words.networks import (
    TIMESTEPS,
    WordsShape,
    attend_plainly,
    encoded,
    kept_share,
    noise_levels,
    pipeline_of,
    scheduler,
    size_numbers,
    text_encoder_of,
    unet_of,
)

SHAPE = WordsShape(size=8, fold=2, channels=(32, 32), text_width=32, text_layers=2)
TOKENIZER = vocabulary.tokenizer_of(vocabulary.learn(["pleural effusion", "no effusion"] * 3))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"size": 20, "fold": 4}, "drawn_size = 20: with fold = 4 and 2 levels it must be a multiple of 8"),
        ({"channels": (32,)}, "at least two levels"),
        ({"channels": (32, 40)}, r"channels = \[32, 40\].*multiple of 32"),
        ({"text_width": 48}, "text_width = 48.*multiple of 32"),
        ({"blocks_per_level": 0}, "blocks_per_level"),
    ],
)
def test_a_shape_that_cannot_be_built_is_refused(wrong, message):
    with pytest.raises(ParameterError, match=message):
        WordsShape(**{"size": 16, "fold": 2, "channels": (32, 32)} | wrong)


def test_all_is_kept_without_noise_and_nothing_at_the_last_level():
    assert kept_share(torch.tensor([0.0, 0.5, 1.0])).tolist() == [1.0, 0.5, 0.0]
    levels = noise_levels()
    assert len(levels) == TIMESTEPS and levels[0] > 0 and levels[-1] == 1


@pytest.mark.parametrize("grain", [0.0, 0.03])
def test_the_scheduler_has_the_noise_of_the_training_and_starts_from_nothing_else(grain):
    found, wanted = scheduler(grain), kept_share(noise_levels(grain)).float()
    torch.testing.assert_close(found.alphas_cumprod, wanted, atol=1e-5, rtol=0)
    assert found.alphas_cumprod[-1] < 1e-6
    found.set_timesteps(7)
    assert found.timesteps[0] == TIMESTEPS - 1


@pytest.mark.parametrize("steps", [1, 2, 5, 20])
def test_the_solver_reaches_the_image_that_an_ideal_network_knows(steps):
    clean, solver = torch.linspace(-0.9, 0.9, 64).view(1, 4, 4, 4), scheduler()
    latent = torch.randn(1, 4, 4, 4, generator=torch.Generator().manual_seed(1))
    solver.set_timesteps(steps)
    for time in solver.timesteps:
        latent = solver.step(clean, time, latent).prev_sample
    torch.testing.assert_close(latent, clean, atol=5e-3, rtol=0)


@pytest.mark.parametrize("steps", [5, 15, 40, 200])
def test_the_solver_leaves_the_grain_and_no_other_noise(steps):
    clean, solver = torch.linspace(-0.9, 0.9, 1024).view(1, 4, 16, 16), scheduler(grain=0.03)
    latent = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(1))
    solver.set_timesteps(steps)
    for time in solver.timesteps:
        latent = solver.step(clean, time, latent).prev_sample
    assert (latent - clean).std().item() == pytest.approx(0.03, rel=0.1)


def test_noise_levels_rise_throughout_and_begin_at_the_grain():
    levels = noise_levels(0.03)
    assert (levels.diff() > 0).all() and levels[0] == pytest.approx(0.03, rel=0.02) and levels[-1] == 1
    assert torch.equal(levels[30:], noise_levels()[30:])


def asked(unet, timestep=500, words=0.0, whole=0.0):
    """What a UNet predicts from the same noise."""
    noisy = torch.randn(1, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    more = {"text_embeds": torch.full((1, 32), whole), "time_ids": size_numbers(16, 1)}
    states = torch.full((1, 77, 32), words) * torch.arange(77).view(1, 77, 1)
    with torch.no_grad():
        return unet(noisy, torch.tensor([timestep]), encoder_hidden_states=states, added_cond_kwargs=more).sample


def test_an_untrained_unet_predicts_nothing():
    assert torch.equal(asked(unet_of(SHAPE)), torch.zeros(1, 4, 4, 4))


def test_a_unet_hears_the_noise_level_every_word_and_the_whole():
    torch.manual_seed(0)
    unet = unet_of(SHAPE).eval()
    for weights in unet.parameters():
        weights.data.add_(torch.randn(weights.shape), alpha=0.05)
    here = asked(unet)
    for other in (asked(unet, timestep=900), asked(unet, words=1.0), asked(unet, whole=1.0)):
        assert not torch.allclose(here, other, atol=1e-4)


def test_plain_attention_computes_the_same():
    torch.manual_seed(0)
    unet, text_encoder = unet_of(SHAPE).eval(), text_encoder_of(SHAPE, TOKENIZER).eval()
    for weights in unet.parameters():
        weights.data.add_(torch.randn(weights.shape), alpha=0.05)

    def computed():
        return asked(unet, words=1.0), *(part.detach() for part in encoded(["no effusion"], TOKENIZER, text_encoder))

    before = computed()
    attend_plainly(unet, text_encoder)
    for part, other in zip(computed(), before, strict=True):
        torch.testing.assert_close(part, other)


def test_a_pipeline_comes_back_from_its_folder_with_all_weights(tmp_path, decoder):
    torch.manual_seed(0)
    made = pipeline_of(unet_of(SHAPE), text_encoder_of(SHAPE, TOKENIZER), TOKENIZER, decoder)
    made.save_pretrained(tmp_path)
    found = networks.read(tmp_path)
    for name in ("unet", "text_encoder_2", "vae"):
        before, after = getattr(made, name).state_dict(), getattr(found, name).state_dict()
        assert before.keys() == after.keys() and all(torch.equal(before[key], after[key]) for key in before)
    assert vocabulary.learned_by(found.tokenizer_2) == vocabulary.learned_by(TOKENIZER)
    assert found.scheduler.config.prediction_type == "sample"
    assert torch.equal(found.scheduler.alphas_cumprod, made.scheduler.alphas_cumprod)
