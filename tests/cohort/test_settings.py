import pytest

from helpers.cohort.settings import Settings
from helpers.errors import ParameterError
from helpers.runs import PROJECT

PHANTOM = {"cohort": "phantom", "images": 10}
NIH = {"cohort": "nih_cxr14", "folder": "data/raw/nih"}
MIMIC = {"cohort": "mimic_cxr", "folder": "data/raw/mimic", "labels": "chexpert"}


def test_relative_paths_start_at_the_project():
    settings = Settings.from_parameters(NIH)
    assert settings.folder == (PROJECT / "data/raw/nih").resolve()


def test_lists_of_a_params_file_become_tuples():
    assert Settings.from_parameters(NIH | {"views": ["PA"]}).views == ("PA",)


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        (PHANTOM | {"fit": "squash"}, "fit = 'squash'.*'pad', 'resize' or 'crop'"),
        (PHANTOM | {"size": 64.5}, "size = 64.5"),
        (PHANTOM | {"size": 0}, "size = 0"),
        (PHANTOM | {"size": 64, "drawn_size": 48}, "drawn_size = 48: size = 64 must be a multiple of it"),
        (PHANTOM | {"size": 64, "drawn_size": 0}, "drawn_size = 0"),
        (PHANTOM | {"images": True}, "images = True"),
        (PHANTOM | {"workers": 0}, "workers = 0"),
        (PHANTOM | {"seed": -1}, "seed = -1"),
        (PHANTOM | {"equalization": 1.5}, "equalization = 1.5.*less than or equal to 1"),
        (PHANTOM | {"fractions": {"train": 0.7, "test": 0.3}}, "fractions.*validate"),
        (PHANTOM | {"fractions": {"train": 0.7, "validate": 0.2, "test": 0.2}}, "fractions.*sum 1"),
        (NIH | {"views": ["LATERAL"]}, "views"),
        (NIH | {"views": []}, "views"),
        (NIH | {"window": [99.5, 0.5]}, "window.*rising order"),
        (MIMIC | {"split": "official", "fractions": {"train": 0.7, "validate": 0.1, "test": 0.2}}, "fractions.*null"),
    ],
)
def test_a_wrong_or_useless_parameter_is_an_error_that_names_it(parameters, complaint):
    with pytest.raises(ParameterError, match=complaint):
        Settings.from_parameters(parameters)
