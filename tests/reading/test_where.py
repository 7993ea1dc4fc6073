"""A notebook knows whether a person opened it or a program executes it."""

import os

import nbformat
import papermill
import pytest

from helpers.reading.where import is_opened_by_a_person


@pytest.mark.parametrize(
    ("environment", "of_parent", "by_a_person"),
    [
        ({}, {}, False),
        ({"JPY_SESSION_NAME": "/home/me/07_reading.ipynb"}, {}, True),
        ({"JPY_SESSION_NAME": "a.ipynb"}, {"JPY_SESSION_NAME": "a.ipynb"}, False),
        ({"JPY_SESSION_NAME": "b.ipynb"}, {"JPY_SESSION_NAME": "a.ipynb"}, True),
    ],
)
def test_a_mark_counts_unless_it_is_inherited(environment, of_parent, by_a_person):
    assert is_opened_by_a_person(environment, of_parent) == by_a_person


@pytest.mark.parametrize("marks", [{}, {"JPY_SESSION_NAME": "notebook.ipynb"}])
def test_papermill_is_a_program_even_when_started_from_a_notebook(tmp_path, marks):
    source = "import os\nfrom helpers.reading.where import is_opened_by_a_person as by_a_person\n"
    source += "by_a_person(), os.environ.get('JPY_SESSION_NAME')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "in.ipynb")
    script = "import papermill; papermill.execute_notebook('in.ipynb', 'out.ipynb', progress_bar=False)"
    program = f'cd {tmp_path} && {os.sys.executable} -c "{script}"'
    assert os.spawnve(os.P_WAIT, "/bin/sh", ["sh", "-c", program], os.environ | marks) == 0
    done = papermill.iorw.load_notebook_node(str(tmp_path / "out.ipynb"))
    assert done.cells[0].outputs[0].data["text/plain"] == str((False, marks.get("JPY_SESSION_NAME")))
