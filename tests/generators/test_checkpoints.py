import errno
import os

import pytest
import torch

from helpers.errors import CheckpointError
from helpers.generators import checkpoints
from helpers.generators.budget import Budget

WHO = {"batch": 16, "rate": 0.002, "nested": {"a": [1, 2]}}


def save(folder, value):
    return checkpoints.save(folder, {"weights": {"w": torch.full((3,), float(value))}, "step": value}, {"step": value})


def test_what_is_saved_is_loaded(tmp_path):
    save(tmp_path, 7)
    state, description = checkpoints.load(tmp_path)
    assert state["step"] == description["step"] == 7
    assert torch.equal(state["weights"]["w"], torch.full((3,), 7.0))


def test_folder_without_checkpoint_gives_none(tmp_path):
    assert checkpoints.load(tmp_path / "nowhere") is None


def test_newest_wins_and_only_the_one_before_is_kept(tmp_path):
    for step in range(5):
        save(tmp_path, step)
    assert checkpoints.load(tmp_path)[0]["step"] == 4
    assert len(list(tmp_path.glob("*.pt"))) == len(list(tmp_path.glob("*.json"))) == checkpoints.KEPT


@pytest.mark.parametrize("damage", [lambda p: os.truncate(p, 100), lambda p: p.write_bytes(b""), lambda p: p.unlink()])
def test_damaged_newest_falls_back_to_the_previous_and_says_so(tmp_path, damage):
    save(tmp_path, 1)
    newest = save(tmp_path, 2)
    damage(newest)
    with pytest.warns(UserWarning, match=newest.name):
        state, _ = checkpoints.load(tmp_path)
    assert state["step"] == 1


def flip(path):
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def describe_badly(path):
    path.with_suffix(".json").write_text("{")


@pytest.mark.parametrize("damage", [flip, describe_badly, lambda path: path.unlink()])
def test_where_the_only_one_is_damaged_training_starts_again_and_goes_on_from_the_next(tmp_path, damage):
    path = save(tmp_path, 1)
    damage(path)
    with pytest.warns(UserWarning, match=f"{path.name}.*passed over"):
        assert checkpoints.find(tmp_path, WHO, Budget(images=200)) == (None, "Training starts from random weights.")
    save(tmp_path, 2)
    assert checkpoints.load(tmp_path)[0]["step"] == 2


def test_one_that_cannot_be_read_just_now_is_not_trained_over(tmp_path, monkeypatch):
    path = save(tmp_path, 1)

    def refused(_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(checkpoints, "sha256", refused)
    with pytest.raises(CheckpointError, match=f"{path.name}: cannot be read.*run the same command again"):
        checkpoints.load(tmp_path)


def test_state_whose_writing_was_cut_off_is_passed_over(tmp_path, recwarn):
    save(tmp_path, 1)
    save(tmp_path, 2).with_suffix(".json").unlink()
    assert checkpoints.load(tmp_path)[0]["step"] == 1
    assert not recwarn.list
    save(tmp_path, 3)
    assert checkpoints.load(tmp_path)[0]["step"] == 3


def test_cut_off_state_never_pushes_out_the_whole_one(tmp_path, monkeypatch):
    save(tmp_path, 1)

    def killed(*_):
        raise KeyboardInterrupt

    for _ in range(3):
        with monkeypatch.context() as patch:
            patch.setattr(checkpoints, "write_text", killed)
            with pytest.raises(KeyboardInterrupt):
                save(tmp_path, 2)
        assert checkpoints.load(tmp_path)[0]["step"] == 1


def test_checkpoint_with_code_in_it_is_refused(tmp_path):
    class Foreign:
        def __reduce__(self):
            return (print, ("code ran",))

    path = checkpoints.save(tmp_path, {"x": Foreign()}, {})
    with pytest.raises(CheckpointError, match=f"{path.name}: intact, but cannot be loaded"):
        checkpoints.load(tmp_path)


def test_clear_leaves_nothing(tmp_path):
    save(tmp_path, 1)
    checkpoints.clear(tmp_path)
    assert checkpoints.load(tmp_path) is None


@pytest.fixture
def kept(tmp_path):
    """A checkpoint at 100 images that has not spent its budget."""
    checkpoints.keep(tmp_path, {"weight": 7}, WHO, step=10, images=100, seconds=3.0, finished=None)
    return tmp_path


def test_the_same_training_goes_on_where_it_was(kept):
    state, said = checkpoints.find(kept, dict(reversed(WHO.items())), Budget(images=200))
    assert state == {"weight": 7} and "continues at 100 images" in said


def test_a_training_of_other_parameters_starts_anew_and_says_so(kept):
    state, said = checkpoints.find(kept, WHO | {"batch": 8}, Budget(images=200))
    assert state is None and "starts again" in said
    assert checkpoints.load(kept) is None


def test_a_shorter_budget_than_what_was_trained_starts_anew_and_says_so(kept):
    state, said = checkpoints.find(kept, WHO, Budget(images=50))
    assert state is None and "longer than this budget" in said


def test_a_spent_budget_is_not_trained_again(tmp_path):
    budget = Budget(images=100)
    checkpoints.keep(tmp_path, {"weight": 7}, WHO, step=10, images=100, seconds=3.0, finished=budget)
    state, said = checkpoints.find(tmp_path, WHO, budget)
    assert state == {"weight": 7} and "has used up this budget" in said


def test_nothing_kept_is_a_start_from_random_weights(tmp_path):
    assert checkpoints.find(tmp_path, WHO, Budget(images=1)) == (None, "Training starts from random weights.")
