import numpy as np
import pandas as pd
import pytest

from helpers import findings


def cohort(**columns):
    return pd.DataFrame({name: columns.get(name, [pd.NA]) for name in findings.NAMES}).astype("Int64")


def test_there_are_eight_cells_one_for_each_finding_present_and_absent():
    assert len(set(findings.CELLS)) == 8
    assert findings.Cell("atelectasis", 1).label == "atelectasis_present"
    assert findings.Cell("enlarged_cardiac_silhouette", 0).title == "ECS absent"


@pytest.mark.parametrize("cell", findings.CELLS)
def test_a_cell_conditions_its_own_finding_and_leaves_the_others_unspecified(cell):
    states = findings.condition(cell)
    assert states[findings.NAMES.index(cell.finding)] == cell.present
    assert np.sum(states == findings.UNSPECIFIED) == 3


def test_blank_and_uncertain_labels_train_as_unspecified():
    table = pd.DataFrame([[1, 0, -1, pd.NA]], columns=list(findings.NAMES)).astype("Int64")
    assert findings.condition_labels(table).tolist() == [[1, 0, -1, -1]]


def test_blank_and_uncertain_images_belong_to_no_cell():
    table = pd.DataFrame({"atelectasis": [1, 0, -1, pd.NA]}).astype("Int64")
    assert findings.in_cell(table, findings.Cell("atelectasis", 1)).tolist() == [True, False, False, False]
    assert findings.in_cell(table, findings.Cell("atelectasis", 0)).tolist() == [False, True, False, False]


def test_every_data_set_names_every_finding():
    for convention in (findings.CHEXPERT_COLUMNS, findings.IMAGENOME_NAMES, findings.NIH_LABELS):
        assert set(convention) == set(findings.NAMES)
