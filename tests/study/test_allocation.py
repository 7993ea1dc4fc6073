"""Images for trials: as many served as can be, none twice."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import PlanError
from helpers.findings import ORIGINAL, in_cell
from helpers.study.allocation import Kind, assign, image_pool, used_last, without

CELLS = ORIGINAL.cells

KINDS = [Kind("real", cell) for cell in CELLS[:3]]


def best_by_trying(slots, pool):
    """Most slots that can be served, by trying every way."""
    images = sorted({image for kind in KINDS for image in pool[kind]}) + [None] * len(slots)
    choices = permutations(images, len(slots))
    return max(sum(i in pool[kind] for i, (_, kind) in zip(way, slots, strict=True)) for way in choices)


@given(
    wanted=st.lists(st.sampled_from(KINDS), max_size=4),
    shares=st.lists(st.sets(st.sampled_from("abcd")), min_size=3, max_size=3),
)
@settings(deadline=None)
def test_as_many_slots_are_served_as_can_be_and_no_image_twice(wanted, shares):
    pool = {kind: sorted(share) for kind, share in zip(KINDS, shares, strict=True)}
    slots = list(enumerate(wanted))
    taken = assign(slots, pool)
    assert len(set(taken.values())) == len(taken)
    assert all(image in pool[dict(slots)[slot]] for slot, image in taken.items())
    assert len(taken) == (best_by_trying(slots, pool) if slots else 0)


def test_the_first_image_of_a_list_goes_first():
    pool = {KINDS[0]: ["a", "b"]}
    assert assign([("x", KINDS[0])], pool) == {"x": "a"}
    assert assign([("x", KINDS[0])], used_last(pool, {"a"})) == {"x": "b"}
    assert without(pool, {"a"}) == {KINDS[0]: ["b"]}


def test_the_pool_has_real_images_by_exact_label_of_the_split_only(made_up):
    cohort, samples = made_up.cohort(200, unknown=0.3), made_up.samples(2)
    pool = image_pool(cohort, samples, "test", ORIGINAL, np.random.default_rng(0))
    for cell in CELLS:
        fitting = cohort[(cohort.split == "test") & in_cell(cohort, cell)]
        assert sorted(pool[Kind("real", cell)]) == sorted(fitting.image_id)
        assert sorted(pool[Kind("gan", cell)]) == [f"gan-{cell.label}-0000{i}" for i in range(2)]


def test_what_cannot_make_a_pool_is_refused(made_up):
    cohort, samples, rng = made_up.cohort(50), made_up.samples(2), np.random.default_rng(0)
    with pytest.raises(PlanError, match="split = 'test'"):
        image_pool(cohort[cohort.split == "train"], samples, "test", ORIGINAL, rng)
    with pytest.raises(PlanError, match="04_sample"):
        image_pool(cohort, samples[:0], "test", ORIGINAL, rng)
    with pytest.raises(PlanError, match="may not be called 'real'"):
        image_pool(cohort, samples.assign(source="real"), "test", ORIGINAL, rng)
    with pytest.raises(PlanError, match="made-up-00000"):
        image_pool(cohort, samples.assign(image_id=cohort.image_id[0]), "test", ORIGINAL, rng)


def test_prompt_templates_take_turns_in_every_cell(made_up):
    cohort, samples = made_up.cohort(50), made_up.samples(6)
    rows = samples.groupby(["source", "finding", "present"]).cumcount()
    samples = samples.assign(template=np.where(rows % 3 == 0, "original", "severe"))
    pool = image_pool(cohort, samples, "test", ORIGINAL, np.random.default_rng(0))
    template = samples.set_index("image_id")["template"]
    for kind, images in pool.items():
        if kind.source != "real":
            assert {template[image] for image in images[:2]} == {"original", "severe"}
