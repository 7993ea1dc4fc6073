"""One notebook through the chain: progress, failure, a killed kernel, and two runs at once."""

import errno
import json
import os
import shutil
import signal

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_notebook

from helpers import chain, notebooks
from helpers.errors import RunError
from helpers.files import write_text
from helpers.provenance import Stage
from helpers.runs import PROJECT, STAGES, Run

STAGE = "08_realism"
BODY = [
    "from helpers.provenance import Stage\nstage = Stage.begin('08_realism', globals())",
    "print('half-way')\nexec(doing)",
    "stage.finish();",
]


@pytest.fixture
def notebook(workspace, monkeypatch):
    """A small notebook in the place of a real one; ``doing`` is what its second cell does."""
    folder = workspace / "notebooks"
    folder.mkdir()
    for module in (chain, notebooks):
        monkeypatch.setattr(module, "NOTEBOOKS", folder)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT / "src"))
    cells = [new_code_cell("run = 'quick'\ndoing = 'pass'", metadata={"tags": ["parameters"]})]
    cells += [new_code_cell(source) for source in BODY]
    patch = f"import helpers.notebooks as n, pathlib; n.NOTEBOOKS = pathlib.Path({str(folder)!r})"
    cells.insert(1, new_code_cell(patch))
    for stage in STAGES:
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
        nbformat.write(new_notebook(cells=cells, metadata=kernel), str(folder / f"{stage}.ipynb"))

    def run(doing="pass"):
        params = workspace / "my.yaml"
        params.write_text("".join(f"{stage}: {json.dumps({'doing': doing})}\n" for stage in STAGES))
        return chain.run_stage(STAGE, Run("pilot"), params, threads=1)

    return run


def test_a_stage_that_succeeds_leaves_its_notebook_and_manifest(notebook, capfd):
    assert notebook() == 0
    run = Run("pilot")
    assert run.manifest(STAGE).is_file()
    executed = nbformat.read(str(run.notebooks / f"{STAGE}.ipynb"), as_version=4)
    assert "widgets" not in executed.metadata
    assert not (run.notebooks / f"{STAGE}.partial.ipynb").exists()
    assert f"done {STAGE}" in capfd.readouterr().err


def test_waiting_for_readers_is_no_failure_and_says_what_comes_next(notebook, capfd, workspace):
    here = ["waiting", "--run", "pilot", "--params", str(workspace / "my.yaml")]
    assert notebook("from helpers.errors import WaitingError\nraise WaitingError('reader-1 3 of 46')") == chain.WAITING
    said = capfd.readouterr().err
    assert "FAILED" not in said and f"{STAGE} waits for readers: reader-1 3 of 46" in said
    for following in ("readers add --run pilot", "make read RUN=pilot", "make study RUN=pilot"):
        assert following in said
    assert chain.main(here) == 0, "make ends well"
    assert notebook("raise ValueError('label 7 in row 3')") == 1 and chain.main(here) == 1


def test_waiting_hides_no_failure_of_another_stage(notebook, workspace):
    here = ["waiting", "--run", "pilot", "--params", str(workspace / "my.yaml")]
    other = Run("pilot").notebooks / "05_image_metrics.partial.ipynb"
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_text("{}")
    assert notebook("from helpers.errors import WaitingError\nraise WaitingError('reader-1 3 of 46')") == chain.WAITING
    assert chain.main(here) == 1


def test_a_failure_names_the_notebook_the_cell_the_error_and_where_to_look(notebook, capfd):
    assert notebook("raise ValueError('label 7 in row 3')") == 1
    said = capfd.readouterr().err
    run = Run("pilot")
    for word in (f"{STAGE}.ipynb, cell", "ValueError: label 7 in row 3", f"{STAGE}.partial.ipynb"):
        assert word in said
    half = nbformat.read(str(run.notebooks / f"{STAGE}.partial.ipynb"), as_version=4)
    assert any("half-way" in str(cell.get("outputs")) for cell in half.cells)
    assert not run.manifest(STAGE).exists()


def test_what_a_notebook_tells_is_read_in_the_terminal_once_before_the_stage_is_done(notebook, capfd):
    assert notebook("from helpers.progress import tell; tell('Training in float32 takes longer.')") == 0
    said = capfd.readouterr().err
    assert said.count(f"{STAGE}: Training in float32 takes longer.") == 1
    assert said.index("takes longer") < said.index(f"done {STAGE}")


def test_a_killed_kernel_is_an_error_that_says_so(notebook, capfd):
    assert notebook("import os; os.kill(os.getpid(), 9)") == 1
    assert "its process died" in capfd.readouterr().err


def test_a_stage_that_the_user_stops_says_how_to_go_on(notebook, workspace, capfd):
    started = workspace / "started"

    def stop(*_):
        if started.exists():
            os.kill(os.getpid(), signal.SIGINT)
        else:
            signal.alarm(1)  # the kernel is still on its way

    before = signal.signal(signal.SIGALRM, stop)
    interrupted = signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever earlier tests have left there
    try:
        signal.alarm(1)
        assert notebook(f"import pathlib, time; pathlib.Path({str(started)!r}).touch(); time.sleep(60)") == 130
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        signal.signal(signal.SIGINT, interrupted)
    assert "the same command continues from here" in capfd.readouterr().err


def test_a_full_disk_is_said_in_words_even_where_it_stops_papermill_itself(workspace):
    said = chain.explain(OSError(errno.ENOSPC, "No space left on device"), STAGE, Run("pilot"))
    assert "is full" in said and "free some space" in said


def test_a_stage_without_a_manifest_has_not_finished(notebook, capfd):
    assert notebook("stage.finish = lambda: None") == 1
    assert "without finishing" in capfd.readouterr().err


def test_two_processes_do_not_run_one_stage_at_once(tmp_path):
    first, second = (chain.locked(tmp_path / ".lock", patience=0.1) for _ in range(2))
    with first, pytest.raises(RunError, match="another process"):
        second.__enter__()
    with chain.locked(tmp_path / ".lock", patience=0.1):
        pass


def test_a_kernel_that_survives_its_chain_is_not_left_behind(notebook):
    assert notebook("import os; open(os.environ['HELPERS_WORKSPACE'] + '/pid', 'w').write(str(os.getpid()))") == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int((Run("pilot").folder.parents[2] / "pid").read_text()), 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["08_realism", "--run", "a/b", "--params", "x.yaml"], "RUN="),
        (["99_nothing", "--run", "a", "--params", "x.yaml"], "99_nothing"),
        (["check", "--run", "a", "--params", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_a_wrong_command_is_refused_with_exit_code_2(capsys, arguments, words):
    assert chain.main(arguments) == 2
    assert words in capsys.readouterr().err


FOLDER = {"cohort": "folder", "folder": "x", "table": "x.csv", "images": None}
FROM_NOTHING = {stage: {"warm_start": "none"} for stage in ("02_train_gan", "03_train_diffusion")}
WORDS = {"source": "words", "kind": "text_to_image", "path": "x", "template": "mine.yaml"}


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"findings": ["edema", "oedema"]}, "findings[1] = 'oedema'"),
        ({"findings": ["edema"]}, "draws only atelectasis"),
        ({"findings": ["edema"], "01_cohort": FOLDER}, "findings is ['atelectasis', 'lung_opacity',"),
        ({"01_cohort": FOLDER | {"views": ["LL"]}}, "01_cohort: views[0] = 'LL'"),
        (
            {"findings": ["edema"], "01_cohort": FOLDER, "04_sample": {"sources": [WORDS]}} | FROM_NOTHING,
            "mine.yaml, present: has no words for edema",
        ),
    ],
)
def test_what_does_not_fit_together_is_told_before_anything_runs(tmp_path, monkeypatch, capsys, sections, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("present: {atelectasis: air}\nabsent: {atelectasis: no air}\n")
    (tmp_path / "my.yaml").write_text(yaml.safe_dump(sections))
    assert chain.main(["check", "--run", "a", "--params", str(tmp_path / "my.yaml")]) == 2
    assert words in capsys.readouterr().err


def test_a_study_of_other_findings_from_a_folder_fits(tmp_path):
    sections = {"findings": ["edema"], "01_cohort": FOLDER} | FROM_NOTHING
    (tmp_path / "my.yaml").write_text(yaml.safe_dump(sections))
    assert chain.main(["check", "--run", "a", "--params", str(tmp_path / "my.yaml")]) == 0


def test_a_run_folder_that_was_copied_is_checked_against_what_the_params_file_says_now(workspace, capsys):
    first, copied = Run("first"), Run("copied")
    params = workspace / "my.yaml"
    params.write_text("01_cohort: {size: 64}\n06_study_plan: {pairs_per_cell: 3}\n")
    sections = chain.checked_params(params)
    for stage in ("01_cohort", "06_study_plan", "12_report"):
        first.stage_folder(stage).mkdir(parents=True)
        manifest = {"parameters": sections[stage] | {"run": "first"}}
        first.manifest(stage).write_text(json.dumps(manifest, default=str))
    shutil.copytree(first.folder, copied.folder)
    check = ["check", "--run", "copied", "--params", str(params)]
    assert chain.main(check) == 0 and capsys.readouterr().out == ""
    params.write_text("01_cohort: {size: 64}\n06_study_plan: {pairs_per_cell: 4}\n")
    assert chain.main(check) == 0
    said = capsys.readouterr().out
    assert said.startswith("06_study_plan of copied ran with other parameters") and "pairs_per_cell: 3, now 4" in said
    there = [run.manifest(s).is_file() for run in (first, copied) for s in ("01_cohort", "06_study_plan", "12_report")]
    assert there == [True, True, True, True, False, True]


def test_a_stage_whose_files_are_damaged_runs_again_and_that_is_said(workspace, capsys):
    params, run = workspace / "my.yaml", Run("pilot")
    params.write_text("")
    stage = Stage(STAGE, run, chain.checked_params(params)[STAGE] | {"run": "pilot"})
    write_text(stage.folder / "numbers.csv", "1,2,3")
    stage.finish()
    check = ["check", "--run", "pilot", "--params", str(params)]
    assert chain.main(check) == 0 and capsys.readouterr().out == "" and run.manifest(STAGE).is_file()
    (stage.folder / "numbers.csv").write_text("1,2")
    assert chain.main(check) == 0 and not run.manifest(STAGE).exists()
    said = capsys.readouterr().out.strip()
    assert said.endswith("08_realism of pilot runs again: numbers.csv has changed or is gone")


def test_params_are_read_before_anything_runs(notebook, workspace, capfd):
    (workspace / "my.yaml").write_text("08_realism: {doing: pass, dong: 2}\n")
    assert chain.run_stage(STAGE, Run("pilot"), workspace / "my.yaml", None) == 1
    assert "08_realism.dong = 2: no such parameter" in capfd.readouterr().err
