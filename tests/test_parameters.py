import pytest
import yaml

from helpers.errors import ParameterError
from helpers.parameters import read_params
from helpers.provenance import notebook_parameters
from helpers.runs import NOTEBOOKS, STAGES


@pytest.mark.parametrize("path", sorted((NOTEBOOKS / "params").glob("*.yaml")), ids=lambda path: path.name)
def test_every_params_file_of_the_project_fits_its_notebooks(path):
    assert set(read_params(path)) == set(STAGES)


def params_with(tmp_path, **changes):
    sections = {stage: {} for stage in STAGES} | changes
    path = tmp_path / "my.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in sections.items() if value is not None}))
    return path


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"06_study_plan": {"pairs_per_sell": 3}}, ["06_study_plan.pairs_per_sell", "pairs_per_cell"]),
        ({"08_realism": None}, ["08_realism", "missing"]),
        ({"13_surprise": {}}, ["13_surprise"]),
        ({"01_cohort": {"run": "other"}}, ["01_cohort.run", "RUN="]),
        ({"01_cohort": [1, 2]}, ["01_cohort"]),
    ],
)
def test_a_params_file_that_does_not_fit_is_refused_by_name(tmp_path, changes, words):
    path = params_with(tmp_path, **changes)
    with pytest.raises(ParameterError) as error:
        read_params(path)
    for word in [str(path), *words]:
        assert word in str(error.value)


@pytest.mark.parametrize("content", ["a: [", "- just\n- a list", ""])
def test_a_params_file_that_is_no_mapping_is_refused(tmp_path, content):
    (tmp_path / "bad.yaml").write_text(content)
    with pytest.raises(ParameterError, match=r"bad\.yaml"):
        read_params(tmp_path / "bad.yaml")
    with pytest.raises(ParameterError, match="no such params file"):
        read_params(tmp_path / "nowhere.yaml")


def test_a_notebook_opened_without_a_params_file_does_what_the_default_run_does():
    for stage, section in read_params(NOTEBOOKS / "params" / "quick.yaml").items():
        defaults = notebook_parameters(stage)
        assert section == {key: defaults[key] for key in section}, stage
