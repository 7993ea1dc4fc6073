import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from helpers.cohort.summary import cell_counts, co_occurrence, effective_size, prevalence, wilson
from helpers.findings import ORIGINAL

NAMES = ORIGINAL.names


@pytest.fixture
def table():
    """Eight images of six patients: atelectasis in half of the labelled, one uncertain, one blank."""
    return pd.DataFrame(
        {
            "patient_id": ["a", "a", "b", "c", "d", "e", "f", "f"],
            "split": ["train"] * 4 + ["validate"] + ["test"] * 3,
            "atelectasis": pd.array([1, 1, 0, -1, 0, 1, None, 0], dtype="Int64"),
            "lung_opacity": pd.array([1, 0, 1, 1, 0, 1, 0, 0], dtype="Int64"),
            "pleural_effusion": pd.array([0] * 8, dtype="Int64"),
            "enlarged_cardiac_silhouette": pd.array([-1] * 8, dtype="Int64"),
        }
    )


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 400), st.data())
def test_wilson_is_that_of_statsmodels(n, data):
    count = data.draw(st.integers(0, n))
    assert np.allclose(wilson(count / n, n), proportion_confint(count, n, method="wilson"), atol=1e-9)


def test_images_of_different_patients_count_fully():
    values = np.array([0, 1, 1, 0, 1, 0, 0, 0])
    assert effective_size(values, np.arange(8)) == pytest.approx(8)


def test_identical_images_of_one_patient_count_once():
    values = np.repeat([0, 1, 1, 0, 1, 0, 0, 0, 1, 1], 5)
    assert effective_size(values, np.repeat(np.arange(10), 5)) == pytest.approx(10)
    assert effective_size(np.ones(50), np.repeat(np.arange(10), 5)) == 10


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9)), min_size=1, max_size=60))
def test_the_effective_size_never_exceeds_the_number_of_images(rows):
    values, patients = np.array(rows).T
    assert 0 < effective_size(values, patients) <= len(values)


def test_prevalence_counts_only_what_is_labelled(table):
    row = prevalence(table, ORIGINAL).set_index(["finding", "split"]).loc[("atelectasis", "all")]
    assert row[["present", "absent", "unlabelled"]].tolist() == [3, 3, 2]
    assert row["share"] == 0.5
    assert row["low"] < 0.5 < row["high"]


def test_a_finding_without_labels_has_no_prevalence(table):
    row = prevalence(table, ORIGINAL).set_index(["finding", "split"]).loc[("enlarged_cardiac_silhouette", "test")]
    assert row[["share", "low", "high"]].isna().all()
    assert row["unlabelled"] == 3


def test_co_occurrence_is_conditional_on_the_row(table):
    pairs = co_occurrence(table, ORIGINAL).set_index(["given", "finding"])
    assert pairs.loc[("atelectasis", "lung_opacity"), ["n", "both"]].tolist() == [3, 2]
    assert pairs.loc[("lung_opacity", "atelectasis"), ["n", "both"]].tolist() == [3, 2]  # the uncertain one is left out
    assert np.isnan(pairs.loc[("pleural_effusion", "atelectasis"), "share"])
    assert len(pairs) == len(NAMES) ** 2


def test_cells_are_counted_in_images_and_patients(table):
    counts = cell_counts(table, ORIGINAL).set_index(["finding", "present", "split"])
    assert counts.loc[("atelectasis", 1, "train")].tolist() == [2, 1]
    assert counts.loc[("pleural_effusion", 0, "test")].tolist() == [3, 2]
    assert counts.loc[("pleural_effusion", 1, "test")].tolist() == [0, 0]
    assert len(counts) == 24
