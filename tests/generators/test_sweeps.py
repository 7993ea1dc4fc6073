"""A sweep changes one option and nothing else; a walk starts and ends at the images of the two conditions."""

import numpy as np
import pytest
import torch

from helpers.findings import ORIGINAL, Cell
from helpers.generators.image_generator import ImageGenerator
from helpers.generators.sweeps import swept, walked

NAMES = ORIGINAL.names
condition = ORIGINAL.condition

CELL = Cell("pleural_effusion", 1)
SPEC = {"source": "diffusion", "kind": "text_to_image", "guidance": 2.0, "steps": 5}


class Recorder(ImageGenerator):
    """Remembers how it was asked."""

    def __init__(self):
        self.asked = []

    def sample(self, condition, seeds, **options):
        self.asked.append((condition.tolist(), list(seeds), options))
        return np.zeros((len(seeds), 4, 4), np.float32)

    def walk(self, ends, seed, shares, **options):
        self.asked.append((ends[0].tolist(), ends[1].tolist(), seed, options))
        return np.zeros((len(shares), 4, 4), np.float32)


@pytest.fixture
def generator():
    return Recorder()


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_a_sweep_changes_one_option_and_keeps_seeds_and_the_others(generator):
    images = swept(generator, SPEC, condition(CELL), "guidance", [0, 1.5], [7, 8])
    assert list(images) == ["guidance 0", "guidance 1.5"]
    asked = [(condition(CELL).tolist(), [7, 8], {"guidance": value, "steps": 5}) for value in (0, 1.5)]
    assert generator.asked == asked


def test_a_source_without_the_option_is_not_swept(generator):
    assert swept(generator, SPEC, condition(CELL), "truncation", [0.5], [7]) == {}
    assert generator.asked == []


def test_a_walk_goes_from_absent_to_present_for_every_finding(generator):
    images = walked(generator, SPEC, ORIGINAL, 3, [0, 0.5, 1])
    assert list(images) == list(NAMES)
    assert all(strip.shape == (3, 4, 4) for strip in images.values())
    first = condition(Cell(NAMES[0], 0)).tolist(), condition(Cell(NAMES[0], 1)).tolist()
    assert generator.asked[0] == (*first, 3, {"guidance": 2.0, "steps": 5})


def test_a_source_that_knows_no_way_between_two_conditions_does_not_walk(generator):
    generator.walk = super(Recorder, generator).walk
    assert walked(generator, SPEC, ORIGINAL, 3, [0, 1]) == {}


@pytest.mark.parametrize("workers", [1, 3])
def test_several_threads_draw_what_one_draws_each_on_one_core(generator, two_threads, workers):
    """A pool of OpenMP threads, one of them on a busy core, waits for that one at every layer of a network."""
    threads = []

    def drawn(*asked, **options):
        threads.append(torch.get_num_threads())
        return np.full((2, 4, 4), options["guidance"], np.float32)

    generator.sample = generator.walk = drawn
    images = swept(generator, SPEC, condition(CELL), "guidance", [0, 1.5, 3], [7, 8], workers)
    assert [strip.max() for strip in images.values()] == [0, 1.5, 3]
    assert list(walked(generator, SPEC, ORIGINAL, 3, [0, 1], workers)) == list(NAMES)
    assert set(threads) == {1}
