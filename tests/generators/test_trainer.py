"""What every model in training shares: a step depends on seed and number alone, and its state is whole."""

import copy

import pytest
import torch
from small_gan import trainer, weights

from helpers.generators.trainer import Snapshots, Trainer


def test_what_a_step_draws_depends_on_the_seed_and_the_number_of_the_step_alone():
    one, other = trainer(), trainer()
    one.train_step()
    other.steps = 1
    for own, same in zip(one.next_batch()[1:], other.next_batch()[1:], strict=True):
        assert torch.equal(own, same)
    first = trainer().next_batch()[1]
    assert not torch.equal(first, one.next_batch()[1])


def test_images_are_counted_by_steps_and_those_of_a_warm_start_are_added():
    it = trainer()
    it.train_step()
    assert it.images == it.images_seen == it.settings.batch


def test_a_state_goes_back_to_the_step_it_was_taken_at():
    it = trainer()
    it.train_step()
    it.snapshots.rows.append({"images": 4, "frechet": 1.0})
    kept = copy.deepcopy(it.state())
    it.train_step()
    after = weights(it.average)
    other = trainer()
    other.load_state(kept)
    assert (other.steps, other.snapshots.rows) == (1, [{"images": 4, "frechet": 1.0}])
    other.train_step()
    assert torch.equal(weights(other.average), after)


def test_averaged_weights_move_by_a_share_of_the_way():
    it = trainer()
    before, target = weights(it.average), copy.deepcopy(it.average)
    with torch.no_grad():
        for values in target.parameters():
            values.add_(1.0)
    it.average_towards(target, 0.25)
    torch.testing.assert_close(weights(it.average), before + 0.25)


def test_the_best_weights_of_the_snapshots_are_put_back_where_some_are_kept():
    network = torch.nn.Linear(1, 1)
    before = weights(network)
    Snapshots().weights(network)
    assert torch.equal(weights(network), before)
    best = {name: values + 1 for name, values in network.state_dict().items()}
    Snapshots(best={"images": 4, "frechet": 1.0, "weights": best}).weights(network)
    torch.testing.assert_close(weights(network), before + 1)


def test_a_trainer_must_say_what_a_step_is():
    with pytest.raises(TypeError, match="abstract"):
        Trainer(None, None, None)
