import torch

from helpers.generators.enlarging.degradation import FADED, MOST_NOISE, UNFADED, _faded, degraded
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


def test_only_detail_finer_than_an_images_own_limit_fades():
    places = torch.arange(32.0)
    waves = [0.5 * torch.cos(2 * torch.pi * cycles * places) for cycles in (0.125, 0.5)]
    images = torch.stack([wave.expand(1, 32, 32) for wave in 2 * waves])
    made = _faded(images, torch.tensor([0.35, 0.35, UNFADED, UNFADED])[:, None, None, None])
    left = made.abs().amax(dim=(1, 2, 3)) / 0.5
    torch.testing.assert_close(left, torch.tensor([1.0, FADED, 1.0, 1.0]), atol=0.05, rtol=0)


def test_images_of_two_pixels_can_be_degraded():
    assert degraded(torch.rand(8, 1, 2, 2), Draws.of_seed(1)).isfinite().all()
