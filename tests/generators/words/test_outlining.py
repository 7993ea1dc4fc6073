"""The coarsest features of a UNet are asked where findings are; each square has its own answer."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from helpers.errors import ParameterError
from helpers.generators.phantom_outlines import OUTLINED, SIDE
from helpers.generators.words.networks import WordsShape
from helpers.generators.words.outlining import Outlining, head_of

SHAPE = WordsShape(size=64, fold=4, channels=(32, 32, 64), text_width=32)


class Middle(nn.Module):
    """Stands for a UNet whose coarsest features are given to it."""

    def __init__(self):
        super().__init__()
        self.mid_block = nn.Identity()

    def forward(self, features):
        return self.mid_block(features)


def outlines(count=2):
    return torch.zeros(count, len(OUTLINED), SIDE, SIDE, dtype=torch.uint8)


@pytest.mark.parametrize(("side", "levels"), [(4, (32, 32, 64)), (2, (32, 32, 32, 64)), (8, (32, 64))])
def test_each_square_is_told_from_the_features_at_its_place(side, levels):
    """A head that reads one channel tells every square of a position that shows it, and no other."""
    unet, head = Middle(), head_of(replace(SHAPE, channels=levels), outlines())
    with torch.no_grad():
        head.bias.fill_(-20)
        squares = head.out_features // len(OUTLINED)
        head.weight[squares : 2 * squares, 0] = 40  # lung opacity
    task, features, wanted = Outlining(unet, head), torch.zeros(2, 64, side, side), outlines()
    features[0, 0, 0, -1] = 1
    wide = SIDE // side
    wanted[0, OUTLINED.index("lung_opacity"), :wide, -wide:] = 255
    unet(features)
    assert task.error(wanted).item() == pytest.approx(0, abs=1e-6)
    unet(features)
    assert task.error(wanted.flip(-1)).item() > 0.05


def test_nothing_is_told_at_first_and_squares_are_compared_by_their_share():
    unet, head = Middle(), head_of(SHAPE, outlines())
    task = Outlining(unet, head)
    errors = []
    for share in (0, 128, 255):
        unet(torch.randn(2, 64, 4, 4))
        errors.append(task.error(outlines() + share).item())
    assert errors[0] < errors[1] < errors[2]


def test_its_gradient_reaches_the_text_and_the_unet(trainer, data):
    training = trainer(outlined=True, outlining=1.0)
    training.train_step()  # at first the head tells nothing, and nothing comes back from it
    training.optimiser.zero_grad()
    training.losses()["outlining"].backward()
    touched = {name for name, weights in training.networks.named_parameters() if weights.grad is not None}
    assert {"outlining.weight", "unet.conv_in.weight"} <= touched
    assert not any(name.startswith("unet.up_blocks") for name in touched)


def test_it_is_learned_kept_and_not_part_of_the_model(trainer):
    training = trainer(outlined=True, outlining=1.0, learning_rate=3e-3)
    rows = [training.train_step() for _ in range(30)]
    assert rows[-1]["outlining"] < 0.9 * rows[0]["outlining"]
    assert "outlining" in training.networks and training.count == trainer().count
    assert training.summarise(rows)["outlining"] > 0


def test_without_outlines_or_with_a_grid_that_does_not_fit_it_is_refused(trainer):
    with pytest.raises(ParameterError, match="outlining: it is not known where findings are"):
        trainer(outlining=1.0)
    with pytest.raises(ParameterError, match="6 x 6 positions"):
        head_of(WordsShape(size=48, fold=4, channels=(32, 32), text_width=32), outlines())
