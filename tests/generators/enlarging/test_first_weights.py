"""Before any training the encoder takes means and folds, and the decoder unfolds and enlarges bilinearly."""

import pytest
import torch
from torch.nn import functional

from helpers.generators.enlarging.enlarger import Enlarger, EnlargerShape
from helpers.generators.enlarging.first_weights import LOUD, PLACE

SHAPES = [
    EnlargerShape(size=16, factor=factor, fold=fold, width=width, blocks=2)
    for factor, fold, width in ((1, 4, 8), (2, 2, 8), (4, 4, 8), (8, 2, 16), (2, 8, 16))
]


@pytest.fixture(params=SHAPES, ids=lambda shape: f"{shape.factor} x, folded by {shape.fold}")
def first(request):
    torch.manual_seed(1)
    return Enlarger(request.param)


def images_of(shape):
    side = shape.size * shape.factor
    return torch.rand(2, 1, side, side, generator=torch.Generator().manual_seed(2)) * 2 - 1


@torch.no_grad()
def test_latents_are_the_means_of_squares_folded_in_the_order_of_torch(first):
    images = images_of(first.shape)
    small = functional.avg_pool2d(images, first.shape.factor)
    wanted = functional.pixel_unshuffle(small, first.shape.fold)
    torch.testing.assert_close(first.autoencoder.encode(images).latent, wanted, atol=1e-5, rtol=0)


@torch.no_grad()
def test_what_is_decoded_is_enlarged_bilinearly_but_for_the_border(first):
    small = wanted = functional.avg_pool2d(images_of(first.shape), first.shape.factor)
    for _ in range(first.shape.halvings[0]):
        wanted = functional.interpolate(wanted, scale_factor=2, mode="bilinear", align_corners=False)
    inner = slice(2 * first.shape.factor, -2 * first.shape.factor)
    made = first(small)
    assert made.shape == wanted.shape
    torch.testing.assert_close(made[..., inner, inner], wanted[..., inner, inner], atol=4e-3, rtol=0)


def test_the_loud_channel_is_held_while_the_others_learn(first):
    decoder = first.autoencoder.decoder
    before = {name: weights.detach().clone() for name, weights in decoder.named_parameters()}
    optimiser = torch.optim.Adam(decoder.parameters(), 0.01)
    seen = []
    decoder.norm_out.register_forward_hook(lambda module, inputs, made: seen.append(inputs[0][..., PLACE].detach()))
    small = functional.avg_pool2d(images_of(first.shape), first.shape.factor)
    for _ in range(3):
        optimiser.zero_grad()
        (first(small) - 0.5).square().mean().backward()
        optimiser.step()
    assert all((channel == LOUD).all() for channel in seen)
    changed = [name for name, weights in decoder.named_parameters() if not torch.equal(weights, before[name])]
    assert "norm_out.weight" in changed and any("conv_out" in name for name in changed)
