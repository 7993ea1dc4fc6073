"""Attention to a region's own token has no error, even attention has that of chance, and training lowers it."""

import numpy as np
import pytest
import torch

from helpers.generators.words.networks import encoded, size_numbers, unet_of
from helpers.generators.words.region_attention import RegionAttention, own_regions
from helpers.generators.words.vocabulary import LONGEST, REGIONS


@pytest.mark.parametrize(("positions", "each"), [(1, 16), (4, 4), (16, 1), (64, 1), (256, 1)])
def test_every_position_has_its_regions_and_every_region_its_positions(positions, each):
    own = own_regions(positions)
    assert own.shape == (positions, REGIONS) and own.dtype == torch.bool
    assert (own.sum(dim=1) == each).all() and own.any(dim=0).all()


def test_regions_are_numbered_like_pixels():
    assert torch.equal(own_regions(16), torch.eye(16, dtype=torch.bool))
    quadrants = own_regions(4).nonzero()[:, 1].unflatten(0, (4, 4))
    assert quadrants.tolist() == [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]


def test_a_position_between_two_regions_has_both():
    assert own_regions(36)[1].nonzero().flatten().tolist() == [0, 1]


@pytest.fixture
def passed(it):
    """A function that sends words through a UNet whose attention is watched; returns the error."""
    unet = unet_of(it.shape)

    def send(texts, prepare=lambda layer: None):
        watched = RegionAttention(unet)
        for name, layer in unet.named_modules():
            if name.endswith("attn2"):
                prepare(layer)
        hidden, pooled = encoded(texts, it.tokenizer, it.networks["text_encoder"])
        named = {"text_embeds": pooled, "time_ids": size_numbers(16, len(texts))}
        unet(torch.randn(len(texts), 4, 4, 4), 10, encoder_hidden_states=hidden, added_cond_kwargs=named)
        return watched.error().item()

    return send


def evenly(layer):
    torch.nn.init.zeros_(layer.to_q.weight)


def test_even_attention_has_the_error_of_chance(passed):
    """The coarsest level has 2 x 2 positions, and each covers four of the regions."""
    assert passed(["Left effusion."], evenly) == pytest.approx(np.log(LONGEST / 4), rel=1e-5)


def test_images_without_words_have_no_error(passed):
    """Processes that share a batch average their errors, so every image counts alike in each of them."""
    assert passed(["", ""]) == 0
    assert passed(["Effusion.", "", ""], evenly) == pytest.approx(passed(["Effusion."], evenly) / 3, rel=1e-5)


def test_training_teaches_where_to_look(trainer):
    plain, taught = (trainer(batch=8, learning_rate=3e-3, region_attention=weight) for weight in (0.0, 0.1))
    assert "attention" not in plain.train_step()
    told = np.mean([bool(text) for text in taught.words(taught.data.states[taught.places()])])
    rows = [taught.train_step() for _ in range(30)]
    assert rows[0]["attention"] == pytest.approx(0.1 * np.log(LONGEST / 4) * told, rel=0.1)
    assert np.mean([row["attention"] for row in rows[-5:]]) < 0.5 * rows[0]["attention"]
    summary = taught.summarise(rows)
    assert summary["attention"] > 0 and np.isnan(summary["outlining"])


def test_watching_changes_nothing_but_the_loss(trainer):
    """What is watched is not part of the state, and the networks that are kept are not watched."""
    taught, plain = trainer(region_attention=0.1), trainer()
    assert taught.state()["networks"].keys() == plain.state()["networks"].keys()
    assert not any(layer._forward_pre_hooks for layer in taught.average["unet"].modules())
