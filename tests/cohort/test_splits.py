import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.cohort.splits import check_cells, check_splits, patient_strata, split_patients, take_patients
from helpers.errors import CohortError
from helpers.findings import ORIGINAL

NAMES = ORIGINAL.names

FRACTIONS = {"train": 0.7, "validate": 0.1, "test": 0.2}
people = st.lists(st.integers(0, 30), min_size=1, max_size=80)


def table_of(patients, **findings):
    table = pd.DataFrame({"patient_id": [f"p{number}" for number in patients]})
    for name in NAMES:
        table[name] = pd.array(findings.get(name, [0] * len(patients)), dtype="Int64")
    return table


@settings(max_examples=50, deadline=None)
@given(people.filter(lambda drawn: len(set(drawn)) >= 3), st.integers(0, 5))
def test_no_patient_is_ever_in_two_splits_and_no_split_is_empty(drawn, seed):
    table = table_of(drawn)
    table["split"] = split_patients(table, FRACTIONS, seed, ORIGINAL)
    check_splits(table)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 20), st.randoms())
def test_the_order_of_the_rows_does_not_matter(seed, random):
    table = table_of(list(range(25)) * 2, atelectasis=[1, 0] * 25)
    order = list(range(len(table)))
    random.shuffle(order)
    split = split_patients(table, FRACTIONS, seed, ORIGINAL)
    assert split.iloc[order].equals(split_patients(table.iloc[order], FRACTIONS, seed, ORIGINAL))


def test_fractions_are_shares_of_the_patients():
    split = split_patients(table_of(range(1000)), FRACTIONS, 3, ORIGINAL)
    assert split.value_counts().to_dict() == {"train": 700, "validate": 100, "test": 200}


def test_each_split_gets_its_share_of_a_rare_finding():
    rare = [1] * 20 + [0] * 980
    table = table_of(range(1000), enlarged_cardiac_silhouette=rare, lung_opacity=[1] * 500 + [0] * 500)
    split = split_patients(table, FRACTIONS, 1, ORIGINAL)[:20]
    assert split.value_counts().to_dict() == {"train": 14, "validate": 2, "test": 4}


def test_a_patient_belongs_to_the_rarest_finding_that_any_image_shows():
    table = table_of(["a", "a", "b", "c"], atelectasis=[1, 1, 1, 0], pleural_effusion=[0, 1, 0, -1])
    strata = patient_strata(table, ORIGINAL)
    assert strata["pa"] < strata["pb"] < strata["pc"] == len(NAMES)


def test_another_seed_gives_another_split():
    table = table_of(range(50))
    assert not split_patients(table, FRACTIONS, 1, ORIGINAL).equals(split_patients(table, FRACTIONS, 2, ORIGINAL))


def test_even_a_tiny_share_gets_a_patient():
    split = split_patients(table_of(range(3)), {"train": 0.5, "validate": 0.05, "test": 0.45}, 0, ORIGINAL)
    assert sorted(split) == ["test", "train", "validate"]


def test_two_patients_cannot_be_split_in_three():
    with pytest.raises(CohortError, match="2 patients cannot be split"):
        split_patients(table_of([1, 2, 2]), FRACTIONS, 1, ORIGINAL)


def test_a_patient_in_two_splits_is_named():
    table = pd.DataFrame({"patient_id": ["a", "b", "b"], "split": ["train", "validate", "test"]})
    with pytest.raises(CohortError, match="patient 'b' is in more than one split"):
        check_splits(table)


def test_a_split_without_images_is_named():
    table = pd.DataFrame({"patient_id": ["a", "b"], "split": ["train", "test"]})
    with pytest.raises(CohortError, match="split 'validate' has no images"):
        check_splits(table)


def test_a_cell_without_any_image_is_named():
    table = table_of(range(4), **{name: [1, 0, 1, 0] for name in NAMES[:3]})
    with pytest.raises(CohortError, match="no image is labelled enlarged_cardiac_silhouette_present"):
        check_cells(table, ORIGINAL)


@settings(max_examples=50, deadline=None)
@given(people, st.integers(1, 60), st.integers(0, 5))
def test_taking_images_takes_whole_patients_up_to_the_number(drawn, images, seed):
    patients = pd.Series([f"p{number}" for number in drawn])
    chosen = take_patients(patients, images, seed)
    assert chosen.sum() <= images
    assert not set(patients[chosen]) & set(patients[~chosen])


def test_taking_images_is_a_random_but_repeatable_choice():
    patients = pd.Series(np.arange(100).astype(str))
    assert take_patients(patients, 10, 1).equals(take_patients(patients, 10, 1))
    assert not take_patients(patients, 10, 1).equals(take_patients(patients, 10, 2))
