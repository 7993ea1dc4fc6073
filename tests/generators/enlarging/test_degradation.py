import torch

from helpers.generators.enlarging.degradation import MOST_NOISE, degraded
from helpers.generators.processes import Draws


def test_some_images_are_worse_and_some_as_they_were_or_nearly():
    images = torch.rand(200, 1, 12, 12)
    change = (degraded(images, Draws.of_seed(1)) - images).abs().mean(dim=(1, 2, 3))
    assert (change < 1e-3).any() and (change > 0.05).any()


def test_the_mean_of_an_image_stays():
    images = torch.rand(64, 1, 1, 1).expand(-1, -1, 16, 16)
    made = degraded(images, Draws.of_seed(1))
    assert (made.mean(dim=(1, 2, 3)) - images[:, 0, 0, 0]).abs().max() < MOST_NOISE
    assert (made - images).abs().max() < 6 * MOST_NOISE


def test_an_image_is_degraded_by_its_own_amount_alone():
    images = torch.rand(5, 1, 12, 12)
    other = images.clone()
    other[1:] = 0
    first, second = (degraded(part, Draws.of_seed(7)) for part in (images, other))
    torch.testing.assert_close(first[0], second[0])
