"""Errors in how images of one patient differ weigh as told, in value and gradient, in one process or several."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers.generators.processes import Processes
from helpers.generators.words.patient_differences import first_of_patient, weighted_square


def test_the_first_image_of_each_patient():
    assert first_of_patient(torch.tensor([7, 7, 3, 7, 3])).tolist() == [0, 0, 2, 0, 2]


@given(
    errors=st.lists(st.floats(-9, 9), min_size=6, max_size=6),
    patients=st.lists(st.integers(0, 3), min_size=6, max_size=6),
    weight=st.floats(0.1, 10),
)
def test_differences_are_weighted_and_what_a_patient_s_images_share_is_not(errors, patients, weight):
    mine, plain = (torch.tensor(errors, dtype=torch.float64, requires_grad=True) for _ in range(2))
    patients = torch.tensor(patients)
    found = weighted_square(
        mine[:, None, None], first_of_patient(patients), torch.full((6,), weight, dtype=torch.float64)
    )
    means = torch.stack([plain[patients == patient].mean() for patient in patients])
    wanted = weight * (plain - means).square() + means.square()
    torch.testing.assert_close(found.sum(), wanted.sum(), atol=1e-9, rtol=1e-6)
    for each in (found, wanted):
        each.sum().backward()
    torch.testing.assert_close(mine.grad, plain.grad, atol=1e-9, rtol=1e-6)


@pytest.mark.parametrize("of", [[0, 1, 2, 3], [0, 0, 2, 2], [0, 0, 0, 0]])
def test_a_weight_of_one_changes_nothing(of):
    errors = torch.randn(4, 2, 3)
    torch.testing.assert_close(weighted_square(errors, torch.tensor(of), torch.ones(4)), errors.square())


def test_the_mean_includes_the_images_of_other_processes():
    """Each of two processes has every other image; what the other one has arrives by communication."""
    errors, of = torch.tensor([[1.0], [3.0], [5.0], [5.0]]), torch.tensor([0, 0, 2, 2])
    alone = weighted_square(errors, of, torch.full((4,), 4.0))

    class Told(Processes):
        def mean(self, value):
            return torch.tensor([[4.0], [0.0], [10.0], [0.0]]) / 2

    parts = [weighted_square(errors[rank::2], of, torch.full((2,), 4.0), Told(2, rank)) for rank in range(2)]
    torch.testing.assert_close(torch.stack(parts, dim=1).flatten(0, 1), alone)
