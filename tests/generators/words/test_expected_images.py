"""What is expected where words are said is the mean of the images of which they are said."""

import numpy as np
import pytest
import torch

from helpers.generators.words.expected_images import EXPLAINED, GRID, SIDE, SQUARES, ExpectedImages

WORDS = ("Large left effusion.", "Large right effusion.", "Small left effusion. No devices.", "No devices.")


@pytest.fixture(scope="module")
def known():
    """Images in which words are what the next line says, in noise that is ten times as strong, and what they tell."""
    random, size = torch.Generator().manual_seed(1), 16
    means = torch.zeros(len(WORDS), 1, size, size)
    means[0, ..., 8:], means[1, ..., :8], means[2, ..., 8:] = 0.1, 0.1, 0.03
    numbers = torch.arange(8000) % len(WORDS)
    images = means[numbers] + torch.randn(8000, 1, size, size, generator=random)
    return means, ExpectedImages([WORDS[number] for number in numbers.tolist()], images)


def test_side_and_degree_are_found_in_noise(known):
    means, expected = known
    found = expected.of(WORDS, 16)
    assert found.shape == means.shape and found.dtype == torch.float32
    for half in (slice(0, 8), slice(8, 16)):
        aim = means[..., half].mean(dim=(1, 2, 3))
        torch.testing.assert_close(found[..., half].mean(dim=(1, 2, 3)), aim, atol=0.01, rtol=0)


def test_a_sentence_is_read_as_a_whole_and_sentences_apart(known):
    _, expected = known
    torch.testing.assert_close(expected.of(["LARGE, left effusion"], 16), expected.of(WORDS[:1], 16))
    told = ["Large left effusion. No devices.", "No devices. Large left effusion."]
    first, second = expected.of(told, 16)
    torch.testing.assert_close(first, second)


def test_sketches_are_the_differences_from_the_mean_by_region(known):
    means, expected = known
    sketched = expected.sketches(expected.of(WORDS, 16))
    assert sketched.shape == (len(WORDS), GRID**2, SQUARES**2)
    left = [row * GRID + column for row in range(GRID) for column in (2, 3)]
    right = [row * GRID + column for row in range(GRID) for column in (0, 1)]
    assert sketched[0, left].mean() > 0.2 > 0 > sketched[0, right].mean()
    wanted = (means[0] - means.mean(dim=0)).max() / expected.variance**0.5
    assert sketched[0, left].mean() == pytest.approx(float(wanted), abs=0.1)
    nothing = expected.sketches(expected.mean.view(1, 1, 16, 16))
    torch.testing.assert_close(nothing, torch.zeros_like(nothing))


def test_where_nothing_is_said_the_mean_is_expected():
    images = torch.rand(5, 1, 8, 8)
    expected = ExpectedImages([""] * 5, images)
    found = expected.of(["", "Effusion."], 8)
    torch.testing.assert_close(found, images.mean(dim=0).expand(2, 1, 8, 8))
    assert not expected.sketches(found).abs().max() > 1e-4
    assert expected.variance == pytest.approx(EXPLAINED * float(images.var(dim=0, correction=0).mean()))


def test_large_images_are_expected_coarsely_and_given_back_at_the_size_asked_for():
    images = torch.zeros(4, 1, 2 * SIDE, 2 * SIDE)
    images[:2, ..., :SIDE] = 0.5
    expected = ExpectedImages(["bright", "bright", "dark", "dark"], images)
    found = expected.of(["bright"], 2 * SIDE)
    assert found.shape == (1, 1, 2 * SIDE, 2 * SIDE) and expected.side == SIDE
    assert found[..., : SIDE - 2].mean() > found[..., SIDE + 2 :].mean() + 0.005


def test_the_same_texts_and_images_give_the_same(known):
    random = np.random.default_rng(3)
    texts = [str(random.choice(WORDS)) for _ in range(50)]
    images = torch.from_numpy(random.normal(size=(50, 1, 8, 8)).astype("float32"))
    first, second = (ExpectedImages(texts, images).of(WORDS, 8) for _ in range(2))
    assert torch.equal(first, second)
