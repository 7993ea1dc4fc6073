import pytest
import torch
from small_gan import weights

from helpers.errors import ParameterError, TrainingError
from helpers.generators.enlarging.enlarger import EnlargerShape
from helpers.generators.pretrained import Pretrained, cpu_state, write
from helpers.generators.processes import Draws


def test_a_step_moves_the_enlarger_and_its_average_and_counts(trainer):
    it = trainer()
    before = [weights(network) for network in (it.enlarger, it.average, it.critic)]
    found = it.train_step()
    after = [weights(network) for network in (it.enlarger, it.average, it.critic)]
    moved = [not torch.equal(a, b) for a, b in zip(before, after, strict=True)]
    assert moved == [True, True, False]
    assert found["difference"] > 0 and (it.steps, it.images) == (1, 4)


def test_the_critic_counts_from_its_image_on(trainer):
    it = trainer(adversarial_from=8)
    rows = [it.summarise([it.train_step()]) for _ in range(3)]
    assert [row["critic_loss"] == row["critic_loss"] for row in rows] == [False, False, True]
    without = trainer(adversarial_weight=0.0)
    assert all(without.summarise([without.train_step()])["critic_loss"] != 0 for _ in range(3))
    assert not torch.equal(weights(it.enlarger), weights(without.enlarger))


def test_the_same_seed_gives_the_same_weights_and_another_others(trainer):
    made = [trainer(**settings) for settings in ({}, {}, {"seed": 2})]
    for it in made:
        for _ in range(4):
            it.train_step()
    assert torch.equal(weights(made[0].enlarger), weights(made[1].enlarger))
    assert not torch.equal(weights(made[0].enlarger), weights(made[2].enlarger))


@pytest.mark.parametrize("stop", [1, 2, 3])
def test_a_state_continues_to_the_same_bits(trainer, stop):
    unbroken, broken, resumed = trainer(), trainer(), trainer()
    for _ in range(4):
        unbroken.train_step()
    for _ in range(stop):
        broken.train_step()
    resumed.load_state(broken.state())
    for _ in range(4 - stop):
        resumed.train_step()
    for name in ("enlarger", "critic", "average"):
        assert torch.equal(weights(getattr(unbroken, name)), weights(getattr(resumed, name)))


def test_it_learns_to_give_back_what_is_always_the_same(trainer):
    it = trainer(adversarial_weight=0.0, learning_rate=0.01)
    it.data.images[:] = (torch.arange(32) % 2 * 60 + 90).byte()  # stripes that no small image holds
    differences = [it.train_step()["difference"] for _ in range(40)]
    assert sum(differences[-5:]) < 0.5 * sum(differences[:5])


def test_squares_lie_on_whole_small_pixels_and_often_at_a_border(trainer):
    it, draws = trainer(), Draws.of_seed(1)
    places = torch.arange(32.0)
    images = (places[None, :] + 100 * places[:, None]).expand(400, 1, 32, 32)
    corners = it._cut(images, draws)[:, 0, 0, 0]
    down, across = corners // 100, corners % 100
    assert set(down.tolist()) == {0.0, 4.0, 8.0, 12.0, 16.0}
    assert (across == 0).float().mean() > 1 / 5


def test_values_that_are_no_numbers_leave_the_weights_untouched(trainer, monkeypatch):
    it = trainer()
    before = weights(it.enlarger)
    nothing = torch.full((4, 1, 4, 4), torch.nan)
    monkeypatch.setattr("helpers.generators.enlarging.trainer.reduced", lambda images, factor: nothing)
    with pytest.raises(TrainingError, match="enlarger, step 1: the difference is nan"):
        it.train_step()
    assert torch.equal(weights(it.enlarger), before)


def test_pretrained_weights_serve_any_size_and_one_enlargement(trainer, tmp_path):
    it = trainer()
    it.train_step()
    networks = {"enlarger": cpu_state(it.average), "critic": cpu_state(it.critic)}
    shape = {"size": 64, "factor": 4, "fold": 2, "width": 8, "blocks": 1}
    write(tmp_path / "enlarger.safetensors", networks, shape, 1000)
    start = Pretrained.read(tmp_path / "enlarger.safetensors")
    again = trainer(start)
    torch.testing.assert_close(weights(again.enlarger), weights(it.average), atol=1e-3, rtol=1e-2)
    assert again.images_seen == 1000
    with pytest.raises(ParameterError, match="factor is 4 in the file and 2 here"):
        trainer(start, shape=EnlargerShape(size=16, factor=2, fold=2, width=8, blocks=1))


def test_its_pictures_are_training_images_enlarged_again(trainer):
    drawn = trainer().draw(torch.zeros(5, 4), seed=1)
    assert drawn.shape == (5, 32, 32) and drawn.min() >= 0 and drawn.max() <= 1
