"""What a kind of data set declares is asked for, and a kind is declared once."""

import pandas as pd
import pytest

from helpers.cohort import kinds
from helpers.cohort.build import build
from helpers.cohort.kinds import KINDS, kind_of
from helpers.cohort.listing import Kind, Listing
from helpers.cohort.phantom_cohort import PhantomReader
from helpers.cohort.settings import Settings
from helpers.errors import ParameterError
from helpers.findings import ORIGINAL
from helpers.pixels import read_image
from helpers.tables import cohort_schema, read_table

NAMES = ORIGINAL.names
COHORT = cohort_schema(ORIGINAL)

PHANTOM = {"cohort": "phantom", "images": 10}
NIH = {"cohort": "nih_cxr14", "folder": "data/raw/nih"}
MIMIC = {"cohort": "mimic_cxr", "folder": "data/raw/mimic", "labels": "chexpert"}


@pytest.mark.parametrize("parameters", [PHANTOM, NIH, MIMIC, NIH | {"findings": ["mass", "hernia"]}])
def test_parameters_that_fit_give_the_kind(parameters):
    assert kind_of(Settings.from_parameters(parameters)) is KINDS[parameters["cohort"]]


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"cohort": "mammogram"}, "cohort = 'mammogram'.*choose one of phantom, mimic_cxr"),
        (PHANTOM | {"images": None}, "images = None.*needs it"),
        (PHANTOM | {"folder": "somewhere"}, "folder.*has no use for it"),
        (PHANTOM | {"views": ["PA"]}, "views.*has no use for it"),
        (PHANTOM | {"window": [0.5, 99.5]}, "window.*has no use for it"),
        (NIH | {"equalization": 1.0}, "equalization.*has no use for it"),
        (
            PHANTOM | {"findings": ["atelectasis", "edema"]},
            r"findings = \['edema'\].*'phantom' draws only atelectasis, ",
        ),
        (NIH | {"findings": ["fracture"]}, "fracture has no name in the vocabulary 'nih'"),
        (MIMIC | {"findings": ["mass"]}, "mass has no name in the vocabulary 'chexpert'"),
        (PHANTOM | {"split": "official"}, "split = 'official'.*can have patient"),
        (NIH | {"labels": "chexpert"}, "labels = 'chexpert'.*has no use for it"),
        ({"cohort": "nih_cxr14"}, "folder = None.*needs it"),
        (MIMIC | {"labels": None}, "labels = None.*needs it"),
        (MIMIC | {"labels": "visual"}, "labels = 'visual'.*chexpert, negbio, radiologist, imagenome"),
        (MIMIC | {"labels": "radiologist"}, "split = 'patient'.*set split: official"),
        (MIMIC | {"labels": "imagenome"}, "table = None.*Chest ImaGenome"),
        (MIMIC | {"table": "x.csv"}, "table.*set table to null"),
        ({"cohort": "chestmnist", "folder": "x", "split": "patient"}, "split = 'patient'.*can have official"),
        ({"cohort": "folder", "folder": "x"}, "table = None.*needs it"),
    ],
)
def test_a_parameter_that_does_not_fit_the_kind_is_an_error_that_names_it(parameters, complaint):
    with pytest.raises(ParameterError, match=complaint):
        kind_of(Settings.from_parameters(parameters))


@pytest.mark.parametrize("computed", [False, True])
def test_a_kind_that_is_declared_once_makes_a_cohort(own_data, tmp_path, monkeypatch, computed):
    def list_images(settings):
        names = [f"made-up-{number}" for number in range(10)]
        table = pd.DataFrame({"image_id": names, "patient_id": names})
        if computed:
            return Listing(table.assign(source=[str(number) for number in range(10)]), PhantomReader(1, 32))
        table["source"] = [str(settings.folder / "pictures" / f"chest{number}.png") for number in range(10)]
        return Listing(table.assign(**{name: pd.array([0, 1] * 5, dtype="Int64") for name in NAMES}))

    made_up = Kind("made_up", list_images, splits=("patient",), needs=("folder",), computed=computed)
    monkeypatch.setitem(kinds.KINDS, "made_up", made_up)
    settings = Settings.from_parameters({"cohort": "made_up", "folder": str(own_data.folder), "size": 32, "workers": 1})
    built = build(settings, tmp_path / "cohort")
    table = read_table(tmp_path / "cohort" / "cohort.csv", COHORT)
    assert table["image_id"].tolist() == built.table["image_id"].tolist()
    assert all(read_image(tmp_path / path).shape == (32, 32) for path in table["path"])
    assert (tmp_path / "cohort" / "made_up_truth.csv").is_file() == computed
