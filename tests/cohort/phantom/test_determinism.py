"""One seed in, same bytes out: whatever the number of workers, the order, the process and what ran before."""

import hashlib
import os
import subprocess
import sys

import joblib
import numpy as np
import pytest

from helpers.cohort.phantom import render
from helpers.findings import ORIGINAL

NAMES = ORIGINAL.names

INDICES = [7, 0, 12, 3, 5, 1]
SEVERITIES = {name: 0.6 for name in NAMES}


def digest(phantom):
    """Of the image, the facts and every mask."""
    whole = hashlib.sha256(phantom.image.tobytes() + repr(phantom.facts).encode())
    for name, mask in sorted(phantom.masks.items()):
        whole.update(name.encode() + mask.tobytes())
    return whole.hexdigest()


@pytest.fixture(scope="module")
def expected():
    return {index: digest(render(9, index, None, 50)) for index in INDICES}


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_any_number_of_workers_in_any_order_gives_the_same_bytes(workers, expected):
    order = np.random.default_rng(workers).permutation(INDICES).tolist()
    made = joblib.Parallel(workers)(joblib.delayed(render)(9, index, None, 50) for index in order)
    assert {index: digest(phantom) for index, phantom in zip(order, made, strict=True)} == expected


def test_threads_of_one_process_do_not_disturb_each_other(expected):
    made = joblib.Parallel(2, prefer="threads")(joblib.delayed(render)(9, index, None, 50) for index in INDICES)
    assert [digest(phantom) for phantom in made] == [expected[index] for index in INDICES]


def test_a_fresh_process_with_other_hashes_and_threads_gives_the_same_bytes():
    code = "import hashlib; from helpers.cohort.phantom import render; p = render(9, 3, None, 50); "
    code += "print(hashlib.sha256(p.image.tobytes() + repr(p.facts).encode()).hexdigest())"
    here = render(9, 3, None, 50)
    mine = hashlib.sha256(here.image.tobytes() + repr(here.facts).encode()).hexdigest()
    for hashing, threads in (("1", "1"), ("2", "2")):
        environment = os.environ | {"PYTHONHASHSEED": hashing, "OMP_NUM_THREADS": threads}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == mine


def test_rendering_neither_uses_nor_moves_the_global_random_state():
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    first = render(9, 1)
    assert (np.random.get_state()[1] == before).all()
    np.random.seed(2)
    assert digest(render(9, 1)) == digest(first)


def test_the_order_in_which_findings_are_asked_for_does_not_matter():
    turned = dict(reversed(SEVERITIES.items()))
    assert digest(render(9, 1, SEVERITIES)) == digest(render(9, 1, turned))


def test_other_seeds_and_indices_are_other_images_of_other_patients():
    shown = [render(seed, index) for seed in (1, 2, 3) for index in (1, 2, 3)]
    assert len({phantom.image.tobytes() for phantom in shown}) == 9
    assert len({phantom.facts["scale"] for phantom in shown}) == 9
