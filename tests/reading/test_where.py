"""A notebook knows whether a person opened it or a program executes it."""

import os

import nbformat
import papermill
import pytest

from helpers.reading.where import opened_in


@pytest.mark.parametrize(
    ("environment", "of_parent", "place"),
    [
        ({}, {}, "program"),
        ({"JPY_SESSION_NAME": "/home/me/07_reading.ipynb"}, {}, "jupyterlab"),
        ({"VOILA_SERVER_URL": "/"}, {}, "voila"),
        ({"JPY_SESSION_NAME": "a.ipynb", "VOILA_SERVER_URL": "/"}, {"JPY_SESSION_NAME": "a.ipynb"}, "voila"),
        ({"JPY_SESSION_NAME": "a.ipynb"}, {"JPY_SESSION_NAME": "a.ipynb"}, "program"),
        ({"JPY_SESSION_NAME": "b.ipynb"}, {"JPY_SESSION_NAME": "a.ipynb"}, "jupyterlab"),
    ],
)
def test_a_mark_counts_unless_it_is_inherited(environment, of_parent, place):
    assert opened_in(environment, of_parent) == place


@pytest.mark.parametrize("marks", [{}, {"JPY_SESSION_NAME": "notebook.ipynb", "VOILA_SERVER_URL": "/"}])
def test_papermill_is_a_program_even_when_started_from_a_notebook(tmp_path, marks):
    source = "import os\nfrom helpers.reading.where import opened_in\nopened_in(), os.environ.get('JPY_SESSION_NAME')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "in.ipynb")
    script = "import papermill; papermill.execute_notebook('in.ipynb', 'out.ipynb', progress_bar=False)"
    program = f'cd {tmp_path} && {os.sys.executable} -c "{script}"'
    assert os.spawnve(os.P_WAIT, "/bin/sh", ["sh", "-c", program], os.environ | marks) == 0
    done = papermill.iorw.load_notebook_node(str(tmp_path / "out.ipynb"))
    assert done.cells[0].outputs[0].data["text/plain"] == str(("program", marks.get("JPY_SESSION_NAME")))
