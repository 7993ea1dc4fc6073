import json

import pytest

from helpers import notebooks
from helpers.errors import ParameterError, RunError
from helpers.notebooks import notebook_parameters, parameters_of


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """Writes 06_study_plan.ipynb with the parameters cell given."""
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path)

    def write(*cells):
        tagged = [{"cell_type": "code", "source": [text], "metadata": {"tags": ["parameters"]}} for text in cells]
        others = [{"cell_type": "code", "source": ["x = 2"], "metadata": {}}]
        others += [{"cell_type": "markdown", "source": ["x = 3"], "metadata": {"tags": ["parameters"]}}]
        (tmp_path / "06_study_plan.ipynb").write_text(json.dumps({"cells": others + tagged}))

    return write


def test_parameters_are_the_assignments_of_the_tagged_cell(notebook):
    notebook("from typing import Optional\n\nseed = 1\nmargin: Optional[float] = -0.5\nsizes = [1,\n  2]  # two")
    assert notebook_parameters("06_study_plan") == {"seed": 1, "margin": -0.5, "sizes": [1, 2]}
    assert parameters_of("06_study_plan")["seed"].annotation is None


@pytest.mark.parametrize("code", ["seed = open('x')", "print(1)", "seed = one = 1", "seed: int", "seed = 1\nseed += 1"])
def test_what_is_no_plain_assignment_is_refused_and_never_run(notebook, code):
    notebook(code)
    with pytest.raises(ParameterError, match=r"06_study_plan\.ipynb, parameters: "):
        parameters_of("06_study_plan")


@pytest.mark.parametrize("cells", [[], ["seed = 1", "size = 2"]])
def test_a_notebook_has_one_parameters_cell(notebook, cells):
    notebook(*cells)
    with pytest.raises(ParameterError, match=f"exactly one cell tagged 'parameters', has {len(cells)}"):
        parameters_of("06_study_plan")


def test_a_missing_or_damaged_notebook_is_named(notebook, tmp_path):
    with pytest.raises(RunError, match=r"07_reading\.ipynb: this notebook of the chain is missing"):
        parameters_of("07_reading")
    (tmp_path / "07_reading.ipynb").write_text("{}")
    with pytest.raises(RunError, match=r"07_reading\.ipynb: is not a notebook"):
        parameters_of("07_reading")
