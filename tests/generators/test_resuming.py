import pytest

from helpers.generators import checkpoints, resuming
from helpers.generators.budget import Budget

WHO = {"seed": 1}


@pytest.fixture
def kept(tmp_path):
    """A checkpoint at 100 images that has not spent its budget."""
    resuming.keep(tmp_path, {"weight": 7}, WHO, step=10, images=100, seconds=3.0, finished=None)
    return tmp_path


def test_the_same_training_goes_on_where_it_was(kept):
    state, said = resuming.find(kept, WHO, Budget(images=200))
    assert state == {"weight": 7} and "continues at 100 images" in said


def test_a_training_of_other_parameters_starts_anew_and_says_so(kept):
    state, said = resuming.find(kept, {"seed": 2}, Budget(images=200))
    assert state is None and "starts again" in said
    assert checkpoints.load(kept) is None


def test_a_shorter_budget_than_what_was_trained_starts_anew_and_says_so(kept):
    state, said = resuming.find(kept, WHO, Budget(images=50))
    assert state is None and "longer than this budget" in said


def test_a_spent_budget_is_not_trained_again(tmp_path):
    budget = Budget(images=100)
    resuming.keep(tmp_path, {"weight": 7}, WHO, step=10, images=100, seconds=3.0, finished=budget)
    state, said = resuming.find(tmp_path, WHO, budget)
    assert state == {"weight": 7} and "has used up this budget" in said


def test_nothing_kept_is_a_start_from_random_weights(tmp_path):
    assert resuming.find(tmp_path, WHO, Budget(images=1)) == (None, "Training starts from random weights.")
