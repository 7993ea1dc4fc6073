"""A sketch says where an image is bright, in few numbers of like weight."""

import pytest
import torch

from helpers.generators.training_data import TrainingData
from helpers.generators.words.sketches import NUMBERS, Sketches


def data_of(images):
    return TrainingData(images, torch.zeros(len(images), 4, dtype=torch.int8))


@pytest.fixture
def many():
    random = torch.Generator().manual_seed(1)
    return data_of(torch.randint(0, 256, (700, 1, 32, 32), generator=random).byte())


def test_sketches_of_the_training_images_have_no_mean_unit_variance_and_no_correlation(many):
    sketches = Sketches(many)
    found = sketches.of(many.batch(torch.arange(len(many)))[0])
    assert found.shape == (700, sketches.count) == (700, NUMBERS)
    torch.testing.assert_close(found.mean(dim=0), torch.zeros(NUMBERS), atol=1e-4, rtol=0)
    torch.testing.assert_close(torch.cov(found.T), torch.eye(NUMBERS), atol=1e-3, rtol=0)


def test_the_first_number_is_where_images_differ_most():
    images = torch.zeros(40, 1, 32, 32, dtype=torch.uint8)
    images[::2, ..., 16:] = 200
    images[:20, ..., :4, :4] = 20
    first = Sketches(data_of(images)).of(images.float() / 127.5 - 1)[:, 0]
    assert first[::2].min() > 0.9 and first[1::2].max() < -0.9 or first[::2].max() < -0.9 and first[1::2].min() > 0.9


def test_there_are_fewer_numbers_than_images():
    random = torch.Generator().manual_seed(2)
    assert Sketches(data_of(torch.randint(0, 256, (5, 1, 16, 16), generator=random).byte())).count == 4


@pytest.mark.parametrize("count", [1, 6])
def test_images_that_are_all_alike_have_sketches_of_nothing(count):
    images = torch.full((count, 1, 32, 32), 90, dtype=torch.uint8)
    found = Sketches(data_of(images)).of(torch.randn(3, 1, 32, 32))
    assert not found.any()


def test_images_smaller_than_the_grid_are_sketched_too():
    random = torch.Generator().manual_seed(3)
    images = torch.randint(0, 256, (9, 1, 8, 8), generator=random).byte()
    assert Sketches(data_of(images)).of(images.float()).shape == (9, 8)
