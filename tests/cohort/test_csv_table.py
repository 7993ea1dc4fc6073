import numpy as np
import pandas as pd
import pytest
from made_up_archives import picture, scan

from helpers.cohort.build import build
from helpers.cohort.csv_table import list_images
from helpers.cohort.kinds import kind_of
from helpers.cohort.settings import Settings
from helpers.errors import CohortError, ParameterError
from helpers.findings import Findings

TWO = Findings.from_section(["atelectasis", "edema"])
MAP = {"path": "Path", "patient_id": "MRN", "sex": "Sex", "age": "Age", "view": "AP/PA", "edema": "Oedema"}


@pytest.fixture
def hospital(tmp_path):
    """A hospital's own table of ten images and a column that does not matter, as text."""
    rows = {
        "Path": [f"scans/{number}/chest.png" for number in range(10)], "MRN": [f"{number}.0" for number in range(10)],
        "Sex": ["Female", "Male"] * 5, "Age": ["Y045", "> 89"] * 5, "AP/PA": ["PA", "AP"] * 5,
        "atelectasis": ["1", "0"] * 5, "Oedema": ["True", "False"] * 5, "Ward": "7b",
    }  # fmt: skip
    for path in rows["Path"]:
        picture(tmp_path / path)
    return pd.DataFrame(rows)


def settings(folder, table, **changes):
    table.to_csv(folder / "list.csv", index=False, sep=changes.pop("separator", ","))
    values = {"kind": "csv", "folder": folder, "table": folder / "list.csv", "columns": MAP, "findings": TWO}
    return Settings(**(values | {"size": 16, "workers": 1} | changes))


def test_a_map_of_columns_makes_a_cohort_of_any_table(hospital, tmp_path):
    built = build(settings(tmp_path, hospital), tmp_path / "cohort")
    row = built.table.set_index("image_id").loc["scans-1-chest"]
    assert row[["patient_id", "view", "age", "sex", "atelectasis", "edema"]].tolist() == ["1", "AP", 90, "M", 0, 0]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_the_separator_is_that_of_the_header(hospital, tmp_path, separator):
    assert len(list_images(settings(tmp_path, hospital, separator=separator)).table) == 10


def test_findings_can_be_named_in_the_words_of_a_vocabulary(hospital, tmp_path):
    table = hospital.rename(columns={"atelectasis": "Atelectasis", "Oedema": "Edema"})
    columns = {name: theirs for name, theirs in MAP.items() if name != "edema"}
    labels = list_images(settings(tmp_path, table, columns=columns, labels="chexpert")).table
    assert labels[["atelectasis", "edema"]].to_numpy().tolist() == [[1, 1], [0, 0]] * 5


@pytest.mark.parametrize("cells", [("Atelectasis|Edema", "No Finding"), ("edema; atelectasis", "normal")])
def test_findings_can_stand_in_one_cell(hospital, tmp_path, cells):
    table = hospital.drop(columns=["atelectasis", "Oedema"]).assign(Found=list(cells) * 5)
    columns = {name: theirs for name, theirs in MAP.items() if name != "edema"} | {"labels": "Found"}
    labels = list_images(settings(tmp_path, table, columns=columns, labels="nih")).table
    assert labels[["atelectasis", "edema"]].to_numpy().tolist() == [[1, 1], [0, 0]] * 5


def test_a_path_can_be_built_from_several_columns(hospital, tmp_path):
    table = hospital.assign(Path=[str(number) for number in range(10)])
    listing = list_images(
        settings(tmp_path, table, columns=MAP | {"path": "scans/{Path}/chest.png", "image_id": "MRN"})
    )
    assert listing.table["source"][3] == str(tmp_path / "scans" / "3" / "chest.png")
    assert listing.table["image_id"][3] == "3"


def test_a_path_as_windows_writes_it_leads_to_the_same_file(hospital, tmp_path):
    listing = list_images(settings(tmp_path, hospital.assign(Path=[f"scans\\{number}.png" for number in range(10)])))
    assert listing.table["source"][3] == str(tmp_path / "scans" / "3.png")


def test_dicom_files_are_read_as_such(hospital, tmp_path):
    table = hospital.assign(Path=[f"{number}.dcm" for number in range(10)])
    scan(tmp_path / "0.dcm")
    listing = list_images(settings(tmp_path, table))
    assert np.ptp(listing.read(str(tmp_path / "0.dcm"))[0]) > 0.5


def test_text_is_kept(hospital, tmp_path):
    table = hospital.assign(text=["Clear\n lungs."] * 9 + [None])
    texts = list_images(settings(tmp_path, table)).table["text"]
    assert texts[0] == "Clear lungs."
    assert texts.isna().tolist() == [False] * 9 + [True]


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (MAP | {"age": "Years"}, "list.csv: column 'Years' is missing; it has Path, MRN"),
        (MAP | {"path": "{Folder}/{Path}"}, "column 'Folder' is missing"),
        ({name: theirs for name, theirs in MAP.items() if name != "patient_id"}, "column 'patient_id' is missing"),
        ({name: theirs for name, theirs in MAP.items() if name != "edema"}, "column 'edema' is missing"),
    ],
)
def test_a_column_that_is_not_there_is_named(hospital, tmp_path, columns, complaint):
    with pytest.raises(CohortError, match=complaint):
        list_images(settings(tmp_path, hospital, columns=columns))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"columns": MAP | {"ward": "Ward"}}, r"columns = \['ward'\]: these can be mapped: path, image_id"),
        ({"labels": "mesh"}, "labels = 'mesh': choose one of chexpert"),
        ({"columns": MAP | {"labels": "Found"}}, "labels = None: a column of lists needs the vocabulary"),
    ],
)
def test_parameters_that_do_not_go_together_are_named(hospital, tmp_path, changes, complaint):
    with pytest.raises(ParameterError, match=complaint):
        kind_of(settings(tmp_path, hospital, **changes))


def test_a_ragged_row_is_named(hospital, tmp_path):
    given = settings(tmp_path, hospital)
    lines = given.table.read_text().splitlines()
    given.table.write_text("\n".join([*lines[:4], lines[4] + ",x", *lines[5:]]))
    with pytest.raises(CohortError, match="list.csv: cannot be read .*row 4, line 5: 9 cells, the header has 8"):
        list_images(given)
    given.table.write_text("\n".join(lines[:4]) + "\nscans/3/chest.png,3")
    with pytest.raises(CohortError, match="row 4, line 5: 2 cells, the header has 8"):
        list_images(given)
