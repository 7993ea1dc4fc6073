"""A grid's file: which runs it asks for, what each of them says, and how a mistake is told."""

import pytest
import yaml

from helpers.errors import ParameterError
from helpers.grid import read_grid, written_params
from helpers.parameters import read_params
from helpers.runs import NOTEBOOKS, STAGES

TEST_PARAMS = str(NOTEBOOKS / "params" / "test.yaml")


@pytest.fixture
def grid(workspace):
    """A function that reads a grid of these axes and keys."""

    def read(axes=None, **keys):
        path = workspace / "wide.yaml"
        path.write_text(yaml.safe_dump({"params": TEST_PARAMS, "grid": axes} | keys, sort_keys=False))
        return read_grid(path)

    return read


def test_every_combination_of_the_levels_is_a_run_that_bears_their_names(grid):
    found = grid({"04_sample.guidance": [1.0, 3.0], "05_image_metrics.seed": [1, 2, 3]})
    assert [point.run for point in found.points][:4] == ["wide-1.0-1", "wide-1.0-2", "wide-1.0-3", "wide-3.0-1"]
    assert len(found.points) == 6 and found.axes == ["04_sample.guidance", "05_image_metrics.seed"]


def test_a_run_differs_from_the_params_file_of_all_in_its_levels_alone(grid):
    point = grid({"04_sample.guidance": [1.5]}).points[0]
    known = read_params(TEST_PARAMS)
    known["04_sample"]["guidance"] = 1.5
    assert point.parameters() == known


def test_the_params_file_of_a_run_says_the_same(grid, workspace):
    point = grid({"04_sample.guidance": [1.5]}).points[0]
    (workspace / "params.yaml").write_text(written_params(point))
    assert read_params(workspace / "params.yaml") == point.parameters()


def test_a_part_of_a_value_is_set_and_the_rest_of_it_stays(grid):
    axes = {"04_sample.sources.diffusion.template": ["negated"], "02_train_gan.budget.images": [16]}
    sections = grid(axes | {"03_train_diffusion.channels.1": [96]}).points[0].parameters()
    gan, diffusion = sections["04_sample"]["sources"]
    assert gan == {"source": "gan", "kind": "gan"}
    assert diffusion == {"source": "diffusion", "kind": "text_to_image", "template": "negated"}
    assert sections["02_train_gan"]["budget"] == {"images": 16}
    assert sections["03_train_diffusion"]["channels"] == [32, 96]


def test_a_name_without_a_section_is_the_parameter_of_every_notebook_that_has_it(grid):
    point = grid({"seed": [7]}).points[0].parameters()
    assert {section["seed"] for section in point.values() if "seed" in section} == {7}


def test_values_that_are_no_plain_ones_have_names(grid):
    found = grid({"06_study_plan.tasks": {"pairs": ["realism_pair"], "findings": ["conditionality"]}})
    assert [point.run for point in found.points] == ["wide-pairs", "wide-findings"]
    assert found.points[1].parameters()["06_study_plan"]["tasks"] == ["conditionality"]


def test_without_a_word_a_run_goes_to_the_end(grid):
    assert grid({"seed": [1]}).until == list(STAGES)[-1] and grid({"seed": [1]}, until="04_sample").until == "04_sample"


def test_the_grid_of_the_project_is_right():
    found = read_grid(NOTEBOOKS / "params" / "sweep.yaml")
    assert len(found.points) == 12
    assert all(point.parameters() for point in found.points)


@pytest.mark.parametrize(
    ("axes", "keys", "said"),
    [
        ({"seed": [1]}, {"gird": 1}, "gird = 1: no such key"),
        ({"seed": [1]}, {"until": "05_metrics"}, "until = '05_metrics': not a notebook"),
        ({"seed": [1]}, {"params": "nowhere.yaml"}, "params = 'nowhere.yaml': no such params file"),
        ({"seed": [1]}, {"shown": "all"}, "shown = 'all': must be a list"),
        ({}, {}, "grid = {}: must hold parameters"),
        ({"seed": []}, {}, "grid.seed = []: has no values"),
        ({"seed": 3}, {}, "grid.seed = 3: must be a list"),
        ({"seed": ["a b", "a/b"]}, {}, "'a_b' would give two runs the same name"),
        ({"06_study_plan.tasks": [["realism_pair"]]}, {}, "or a mapping of names to values"),
        ({"guidanse": [1.0]}, {}, "grid.guidanse: no notebook has a parameter of this name"),
        ({"04_sampling.guidance": [1.0]}, {}, "grid.04_sampling.guidance: '04_sampling' is not a notebook"),
        ({"04_sample.sources.rontgen.template": ["a"]}, {}, "there is no 'rontgen' in"),
    ],
)
def test_a_mistake_is_told_by_file_key_and_value(grid, axes, keys, said):
    with pytest.raises(ParameterError) as error:
        grid(axes, **keys)
    assert "wide.yaml: " in str(error.value) and said in str(error.value)


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ({"04_sample.guidance": ["much"]}, "04_sample.guidance = 'much': must be a valid number"),
        ({"04_sample.guidanse": [1.0]}, "04_sample.guidanse = 1.0: no such parameter"),
        ({"04_sample.sources.diffusion.template": ["rude"]}, "rude"),
        ({"07_reading.readers_are": ["human"]}, "07_reading.readers_are = 'human': a sweep does not wait for people"),
    ],
)
def test_a_level_that_its_notebook_refuses_is_told_by_file_run_parameter_and_value(grid, axes, said):
    with pytest.raises(ParameterError) as error:
        grid(axes).points[0].parameters()
    assert "wide.yaml: run wide-" in str(error.value) and said in str(error.value)
