"""Notebook 13 executed by a program, as ``make explore`` does."""

import nbformat
import pytest
from made_up_run import add_classifier, add_gan, make_run

from helpers.explore.__main__ import main

pytestmark = pytest.mark.chain


def test_the_page_has_every_view_and_no_image_of_a_patient(workspace, capsys):
    run = make_run(cohort="csv", reader_kind="human")
    add_classifier(run)
    add_gan(run)
    assert main(["--run", "tiny"]) == 0
    page = run.notebooks / "13_explore.ipynb"
    assert capsys.readouterr().out == f"Page: {page}\n"
    notebook = nbformat.read(str(page), as_version=4)
    assert "widgets" not in notebook.metadata
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    kinds = [kind for output in outputs for kind in output.get("data", {})]
    assert kinds.count("image/png") == 1, "the atlas, whose points are no pixels of an image"
    assert kinds.count("image/svg+xml") == 5 + 4 + 1 + 2, "figures, what if, planner, one run"
    text = str(outputs)
    for name in ("cases", "bench"):
        assert str(run.figures / "images" / f"13_explore_{name}.png") in text
    assert not [output for output in outputs if output.output_type == "error"]


def test_an_unknown_run_is_said(workspace, capsys):
    assert main(["--run", "none"]) == 2
    assert "there is no such run; make it with: make study RUN=none" in capsys.readouterr().err
