import json

import numpy as np
import pandas as pd
import pytest

from helpers.errors import ParameterError
from helpers.findings import (
    DESCRIBED,
    ORIGINAL,
    UNSPECIFIED,
    VOCABULARIES,
    Cell,
    Findings,
    in_cell,
    rank,
    title_of,
)

OWN = {
    "name": "kerley_lines", "code": "KL", "title": "Kerley lines", "question": {"en": "Kerley lines", "es": "líneas"},
    "words": "Kerley lines", "labels": {"padchest": ["kerley lines"]},
}  # fmt: skip
# The label columns as published. CheXpert: Irvin et al. 2019, table 1; ChestX-ray14: the 14 names of its FAQ.
CHEXPERT = {
    "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion", "Edema", "Consolidation", "Pneumonia",
    "Atelectasis", "Pneumothorax", "Pleural Effusion", "Pleural Other", "Fracture", "Support Devices",
}  # fmt: skip
NIH = {
    "Atelectasis", "Cardiomegaly", "Effusion", "Infiltration", "Mass", "Nodule", "Pneumonia", "Pneumothorax",
    "Consolidation", "Edema", "Emphysema", "Fibrosis", "Pleural_Thickening", "Hernia",
}  # fmt: skip


def test_the_original_study_had_four_findings_and_eight_cells():
    assert ORIGINAL.names == ("atelectasis", "lung_opacity", "pleural_effusion", "enlarged_cardiac_silhouette")
    assert [finding.code for finding in ORIGINAL] == ["AT", "LO", "PE", "ECS"]
    assert len(set(ORIGINAL.cells)) == 8 and ORIGINAL.cells[0].label == "atelectasis_present"


@pytest.mark.parametrize("names", [["pneumothorax"], list(ORIGINAL.names), list(DESCRIBED)[:14]])
def test_a_cell_conditions_its_own_finding_and_leaves_the_others_unspecified(names):
    findings = Findings.from_section(names)
    for cell in findings.cells:
        states = findings.condition(cell)
        assert states[names.index(cell.finding)] == cell.present and states.dtype == np.int8
        assert np.sum(states == UNSPECIFIED) == len(names) - 1


def test_blank_and_uncertain_labels_train_as_unspecified():
    table = pd.DataFrame([[1, 0, -1, pd.NA]], columns=list(ORIGINAL.names)).astype("Int64")
    assert ORIGINAL.condition_labels(table).tolist() == [[1, 0, -1, -1]]


def test_blank_and_uncertain_images_belong_to_no_cell():
    table = pd.DataFrame({"atelectasis": [1, 0, -1, pd.NA]}).astype("Int64")
    assert in_cell(table, Cell("atelectasis", 1)).tolist() == [True, False, False, False]
    assert in_cell(table, Cell("atelectasis", 0)).tolist() == [False, True, False, False]


@pytest.mark.parametrize(("vocabulary", "published"), [("chexpert", CHEXPERT), ("nih", NIH)])
def test_every_published_label_of_a_data_set_belongs_to_a_described_finding(vocabulary, published):
    named = [finding["labels"].get(vocabulary, []) for finding in DESCRIBED.values()]
    assert {name for names in named for name in names} == published


def test_every_described_finding_can_be_studied_alone_and_codes_differ():
    studied = [Findings.from_section([name])[0] for name in DESCRIBED]
    assert len({finding.code for finding in studied}) == len(studied)
    assert all(set(finding.labels) <= set(VOCABULARIES) for finding in studied)


def test_a_finding_of_ones_own_is_described_in_full_and_survives_a_file(tmp_path):
    findings = Findings.from_section(["pneumothorax", OWN])
    assert findings.labels("padchest")["kerley_lines"] == ("kerley lines",)
    findings.write(tmp_path / "findings.json")
    assert Findings.from_section(json.loads((tmp_path / "findings.json").read_text())) == findings


def test_a_described_finding_can_be_changed_in_part():
    (finding,) = Findings.from_section([{"name": "pneumothorax", "title": "Air", "labels": {"rsna": ["air"]}}])
    assert (finding.title, finding.code) == ("Air", "PTX")
    assert finding.labels["rsna"] == ("air",) and finding.labels["nih"] == ("Pneumothorax",)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ([], "list of 1 to 14"),
        ("pneumothorax", "list of 1 to 14"),
        (list(DESCRIBED)[:15], "list of 1 to 14"),
        ([3], r"findings\[0\] = 3"),
        (["edema", "oedema"], r"findings\[1\] = 'oedema'.*needs code, title, question, words"),
        (["edema", "edema"], "name 'edema' is given twice"),
        (["edema", {"name": "mass", "code": "ED"}], "code 'ED' is given twice"),
        ([OWN | {"name": "Kerley lines"}], r"findings\[0\].name = 'Kerley lines'"),
        ([OWN | {"name": "age"}], r"findings\[0\].name = 'age'.*another column"),
        ([OWN | {"code": "kerley"}], r"findings\[0\].code"),
        ([OWN | {"code": False}], r"findings\[0\].code = False"),
        ([OWN | {"question": {"en": "lines"}}], r"findings\[0\].question.*en, es"),
        ([OWN | {"words": ""}], r"findings\[0\].words"),
        ([OWN | {"labels": {"chexprt": ["A"]}}], r"findings\[0\].labels.chexprt.*choose chexpert"),
        ([OWN | {"labels": {"nih": "Edema"}}], r"findings\[0\].labels.nih"),
        ([OWN | {"colour": "red"}], r"findings\[0\].colour"),
    ],
)
def test_a_wrong_section_is_an_error_that_names_the_place(section, message):
    with pytest.raises(ParameterError, match=message):
        Findings.from_section(section)


def test_a_finding_without_a_name_in_the_labels_of_a_data_set_is_an_error_that_says_what_to_write():
    with pytest.raises(ParameterError, match=r"mass has no name in the vocabulary 'chexpert'.*\{name: mass, labels"):
        Findings.from_section(["edema", "mass"]).labels("chexpert")


def test_what_a_data_set_calls_otherwise_is_said():
    assert ORIGINAL.naming("chexpert") == "Enlarged cardiac silhouette is Cardiomegaly."
    assert "Lung opacity is Infiltration or Consolidation or Pneumonia or Edema" in ORIGINAL.naming("nih")


def test_findings_of_foreign_tables_have_a_title_and_a_place():
    assert (title_of("edema"), title_of("kerley_lines")) == ("Pulmonary oedema", "Kerley lines")
    assert sorted(["z", "pleural_effusion", "atelectasis", "a"], key=rank) == [
        "atelectasis",
        "pleural_effusion",
        "a",
        "z",
    ]
