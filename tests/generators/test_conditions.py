import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import ParameterError
from helpers.generators.conditions import drop_labels, encode


def random(seed=0):
    return torch.Generator().manual_seed(seed)


def test_code_has_absent_present_unspecified_per_finding():
    code = encode(torch.tensor([[0, 1, -1, 0]], dtype=torch.int8))
    assert code.dtype == torch.float32
    assert code.tolist() == [[1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0]]


@given(st.lists(st.tuples(*[st.sampled_from([-1, 0, 1])] * 4), min_size=1, max_size=20))
def test_every_finding_is_in_exactly_one_state(rows):
    code = encode(torch.tensor(rows, dtype=torch.int8))
    assert torch.equal(code.unflatten(1, (4, 3)).sum(dim=2), torch.ones(len(rows), 4))


@pytest.mark.parametrize("states", [[[0, 1, 2, 0]], [0, 1, 0, 1]])
def test_states_that_mean_nothing_are_refused(states):
    with pytest.raises(ParameterError, match="condition"):
        encode(torch.tensor(states, dtype=torch.int8))


def test_labels_are_dropped_at_the_asked_rate_each_finding_on_its_own():
    states = torch.ones(20_000, 4, dtype=torch.int8)
    dropped = drop_labels(states, 0.3, random()) == -1
    assert dropped.float().mean(dim=0) == pytest.approx([0.3] * 4, abs=0.02)
    assert (dropped[:, 0] & dropped[:, 1]).float().mean() == pytest.approx(0.09, abs=0.02)
    assert torch.equal(states, torch.ones(20_000, 4, dtype=torch.int8))


def test_probability_zero_keeps_and_one_drops_everything():
    states = torch.tensor([[0, 1, -1, 0]] * 50, dtype=torch.int8)
    assert torch.equal(drop_labels(states, 0.0, random()), states)
    assert torch.equal(drop_labels(states, 1.0, random()), torch.full_like(states, -1))


def test_same_generator_drops_the_same_labels():
    states = torch.ones(100, 4, dtype=torch.int8)
    assert torch.equal(drop_labels(states, 0.5, random(3)), drop_labels(states, 0.5, random(3)))


def test_probability_beyond_one_is_refused():
    with pytest.raises(ParameterError, match="label_dropout = 1.5"):
        drop_labels(torch.ones(1, 4, dtype=torch.int8), 1.5, random())
