import math

import pytest
import torch

from helpers.generators import gan_losses
from helpers.generators.processes import Draws


def test_losses_at_undecided_scores_are_the_logarithm_of_two():
    undecided = torch.zeros(4)
    assert gan_losses.discriminator_loss(undecided, undecided) == pytest.approx(2 * math.log(2))
    assert gan_losses.generator_loss(undecided) == pytest.approx(math.log(2))


def test_discriminator_gains_from_high_real_and_low_fake_scores_and_the_generator_from_high_fake_ones():
    high, low = torch.full((4,), 5.0), torch.full((4,), -5.0)
    assert gan_losses.discriminator_loss(high, low) < 0.02 < gan_losses.discriminator_loss(low, high)
    assert gan_losses.generator_loss(high) < 0.01 < gan_losses.generator_loss(low)


def test_gradient_penalty_of_a_linear_score_is_its_squared_slope():
    images = torch.randn(3, 1, 4, 4, requires_grad=True)
    slope = torch.linspace(-1, 1, 16).reshape(1, 1, 4, 4)
    penalty = gan_losses.gradient_penalty((images * slope).sum(dim=(1, 2, 3)), images)
    assert float(penalty.detach()) == pytest.approx(float(slope.square().sum()))


def test_gradient_penalty_can_be_minimised():
    weight, images = torch.tensor(2.0, requires_grad=True), torch.ones(1, 1, 1, 1, requires_grad=True)
    gan_losses.gradient_penalty((images * weight).sum(dim=(1, 2, 3)), images).backward()
    assert weight.grad == pytest.approx(2 * 2.0)


@pytest.mark.parametrize(("size", "gamma"), [(256, 10.0), (64, 0.625), (512, 40.0)])
def test_gamma_goes_with_the_number_of_pixels(size, gamma):
    assert gan_losses.resolution_gamma(10.0, size) == gamma


def test_path_length_of_a_linear_generator_is_its_slope():
    styles = torch.randn(64, 2, 8, requires_grad=True)
    images = styles.sum(dim=1).reshape(64, 1, 2, 4) * 3  # each pixel moves by 3 per unit of each layer's style
    lengths = gan_losses.path_lengths(images, styles, Draws.of_seed(0))
    assert lengths.shape == (64,)
    assert float(lengths.detach().square().mean().sqrt()) == pytest.approx(3.0, abs=0.4)


def test_states_that_are_present_or_absent_are_specified():
    assert gan_losses.specified(torch.tensor([[1, -1, 0, -1], [-1, -1, -1, -1]], dtype=torch.int8)) == 2
