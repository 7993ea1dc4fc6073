"""Notebooks outside the chain executed by a program, as ``make explore`` and ``make words`` do."""

import nbformat
import pandas as pd
import pytest
from made_up_run import add_classifier, add_gan, make_run
from small_pipeline import small_pipeline

from helpers.page import main

pytestmark = pytest.mark.chain


def test_the_page_has_every_view_and_no_image_of_a_patient(workspace, capsys):
    run = make_run(cohort="csv", reader_kind="human")
    add_classifier(run)
    add_gan(run)
    assert main(["13_explore", "--run", "tiny"]) == 0
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
    assert main(["13_explore", "--run", "none"]) == 2
    assert "there is no such run; make it with: make study RUN=none" in capsys.readouterr().err


def test_words_are_asked_of_a_run_and_the_page_says_of_whom(workspace, capsys):
    run = make_run(cohort="csv", reader_kind="human")
    add_classifier(run)
    small_pipeline().save_pretrained(run.stage_folder("03_train_diffusion") / "pipeline")
    assert main(["14_words", "--run", "tiny", "--images", "2"]) == 0
    effects = pd.read_csv(run.stage_folder("14_words") / "effects.csv", keep_default_na=False)
    assert set(effects["source"]) == {"diffusion"} and set(effects["n"]) == {2}
    assert {"", "Pleural effusion.", "Large left pleural effusion."} <= set(effects["sentence"])
    assert run.manifest("14_words").is_file()
    assert (run.figures / "14_words_matrix.png").is_file() and (run.figures / "images" / "14_words_sheet.png").is_file()
    page = run.notebooks / "14_words.ipynb"
    assert "Pictures of patients are not stored in notebooks" in page.read_text(encoding="utf-8")


def test_a_run_without_a_source_that_is_told_in_words_is_said(workspace, capsys):
    run = make_run(readings=False)
    add_classifier(run)
    path = run.manifest("04_sample")
    path.write_text(path.read_text().replace("text_to_image", "gan"))
    assert main(["14_words", "--run", "tiny"]) == 1
    assert "is told in words" in capsys.readouterr().err
