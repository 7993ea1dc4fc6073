import pytest
import torch

from helpers.generators.enlarging.critic import Critic, critic_loss, feature_distance, pyramid_difference


def test_patches_are_scored_and_every_layer_tells_its_features():
    scores, features = Critic(width=4)(torch.rand(2, 1, 32, 32))
    assert scores.shape == (2, 1, 4, 4)
    assert [feature.shape[-1] for feature in features] == [16, 8, 4, 4]


def test_a_score_depends_on_54_pixels_around_it():
    critic = Critic(width=4).eval()
    image = torch.zeros(1, 1, 128, 128, requires_grad=True)
    critic(image + torch.rand(1))[0][0, 0, 8, 8].backward()
    seen = image.grad[0, 0].abs().sum(dim=0).nonzero()
    assert seen.max() - seen.min() + 1 == 54


@pytest.mark.parametrize(("real", "made", "loss"), [(1.0, -1.0, 0.0), (0.0, 0.0, 2.0), (-1.0, 1.0, 4.0)])
def test_the_hinge_loss_is_0_where_both_are_told_and_2_where_neither_is(real, made, loss):
    assert critic_loss(torch.full((3,), real), torch.full((3,), made)) == loss


def test_features_are_compared_by_their_size():
    real, made = [torch.full((2, 3), 2.0)], [torch.full((2, 3), 3.0)]
    assert feature_distance(real, made).item() == pytest.approx(0.5, rel=1e-5)
    assert feature_distance(real, real) == 0


def test_a_difference_counts_in_the_band_that_it_is_in():
    coarse, fine = torch.ones(1, 1, 32, 32), torch.ones(1, 1, 32, 32)
    fine[..., ::2] = -1
    none = torch.zeros(1, 1, 32, 32)
    assert pyramid_difference(coarse, none).item() == pytest.approx(1)
    assert pyramid_difference(fine, none).item() == pytest.approx(1)
    assert pyramid_difference(coarse + fine, none).item() == pytest.approx(2)
    assert pyramid_difference(coarse, coarse) == 0
