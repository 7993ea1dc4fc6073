"""Order and sides: balance, short runs, distant repeats, for any block."""

from itertools import groupby

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import PlanError
from helpers.findings import ORIGINAL
from helpers.study.ordering import arrange, balanced_sides, excess_of_runs

CELLS = ORIGINAL.cells


def longest_run(answers):
    return max((len(list(run)) for _, run in groupby(answers)), default=0)


@given(
    cells=st.lists(st.tuples(st.sampled_from(["gan", "diffusion"]), st.sampled_from(CELLS)), min_size=1, max_size=60),
    places=st.sampled_from([("left", "right"), ("1", "2", "3"), ("1", "2", "3", "4")]),
    seed=st.integers(0, 1000),
)
@settings(deadline=None)
def test_places_differ_by_one_at_most_in_every_source_and_finding(cells, places, seed):
    trials = pd.DataFrame([(source, cell.finding, cell.present) for source, cell in cells])
    trials.columns = ["source", "finding", "present"]
    trials["side"] = balanced_sides(trials, places, np.random.default_rng(seed))
    for keys in (["source", "finding"], ["source", "finding", "present"]):
        for _, group in trials.groupby(keys):
            assert np.ptp([(group.side == place).sum() for place in places]) <= 1


@given(
    lefts=st.integers(6, 30),
    rights=st.integers(6, 30),
    repeats=st.integers(0, 6),
    practice=st.integers(0, 3),
    seed=st.integers(0, 1000),
)
@settings(max_examples=40, deadline=None)
def test_every_order_keeps_runs_short_repeats_distant_and_practice_first(lefts, rights, repeats, practice, seed):
    if max(lefts, rights) > 2 * min(lefts, rights):
        return
    rng = np.random.default_rng(seed)
    answers = ["left", "right"] * 2
    answers = answers[:practice] + ["left"] * lefts + ["right"] * rights
    originals = [int(i) for i in practice + rng.permutation(lefts + rights)[:repeats]]
    answers += [answers[i] for i in originals]
    repeat_of = [None] * (practice + lefts + rights) + originals
    order = arrange(answers, repeat_of, practice, max_run=4, rng=rng)
    assert sorted(order) == list(range(len(answers)))
    assert set(order[:practice]) == set(range(practice))
    assert longest_run([answers[i] for i in order]) <= 4
    place = {trial: position for position, trial in enumerate(order)}
    distance = (len(answers) - practice) // 4
    assert all(place[i] - place[first] >= distance for i, first in enumerate(repeat_of) if first is not None)


def test_orders_differ_between_seeds_and_not_within():
    answers, nothing = [0, 1] * 20, [None] * 40

    def order(seed):
        return arrange(answers, nothing, 0, 4, np.random.default_rng(seed))

    assert order(1) == order(1) != order(2)


def test_what_cannot_be_ordered_is_refused():
    with pytest.raises(PlanError, match="max_run = 3"):
        arrange([1] * 12 + [0], [None] * 13, 0, 3, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("answers", "excess"), [([0, 1, 0, 1], 0), ([0, 0, 0, 1], 1), ([1, 1, 1, 1, 0, 0, 0], 3), ([], 0)]
)
def test_excess_counts_the_trials_beyond_the_longest_run_allowed(answers, excess):
    assert excess_of_runs(np.array(answers), 2) == excess
