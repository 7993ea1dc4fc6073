import pytest
import torch

from helpers.generators.between import great_circle


@pytest.fixture
def draws():
    return tuple(torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2))


def test_its_ends_are_the_two_draws(draws):
    first, second = draws
    torch.testing.assert_close(great_circle(first, second, 0.0), first, rtol=0, atol=0)
    torch.testing.assert_close(great_circle(first, second, 1.0), second)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_on_the_way_numbers_stay_as_large_as_normal_ones(draws, share):
    lengths = [float(numbers.norm()) for numbers in draws]
    assert min(lengths) * 0.98 <= float(great_circle(*draws, share).norm()) <= max(lengths) * 1.02
    assert float(torch.lerp(*draws, share).norm()) < 0.95 * min(lengths)  # the straight way cuts through the sphere


def test_from_a_draw_to_itself_nothing_changes(draws):
    assert great_circle(draws[0], draws[0], 0.3).equal(draws[0])
