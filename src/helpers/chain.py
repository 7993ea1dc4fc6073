"""Runs one notebook of a run through papermill."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from helpers.dependencies import paths_named_in
from helpers.errors import ParameterError, RunError, WaitingError, exit_code_of
from helpers.files import FULL, write_text
from helpers.findings import ORIGINAL, Findings
from helpers.parameters import read_params
from helpers.progress import PROGRESS_FILE
from helpers.runs import NOTEBOOKS, STAGES, Run
from helpers.sharing import let_go_of_shared
from helpers.terminal import Terminal


def checked_params(path: str | Path) -> dict[str, dict]:
    """Read a params file and check that its sections fit together; raises ParameterError."""
    return fitting_together(read_params(path), path)


def fitting_together(sections: dict[str, dict], origin: str | Path) -> dict[str, dict]:
    """Return the parameters of every stage unchanged if cohort, findings and prompts fit together.

    Otherwise raises ParameterError, naming ``origin`` and the place, before anything runs.
    """
    from helpers.cohort.kinds import kind_of
    from helpers.cohort.settings import Settings
    from helpers.generators.prompts import read_template

    try:
        settings = Settings.from_parameters(sections["01_cohort"])
        kind_of(settings)
        for source in sections["04_sample"]["sources"]:
            named = source.get("template", [])
            for template in [named] if isinstance(named, str) else named:
                files = paths_named_in(template) if Path(template).suffix else []
                read_template(files[0] if files else template, settings.findings)
        if settings.findings.names != ORIGINAL.names:
            _check_warm_start(sections, settings.findings)
    except ParameterError as error:
        raise ParameterError(f"{origin}: {error}") from error
    return sections


def _check_warm_start(sections: Mapping[str, dict], findings: Findings) -> None:
    """Raise ParameterError if the GAN is to start from weights for other findings."""
    from helpers.generators.pretrained import find

    section = sections["02_train_gan"]  # the only generator that takes labels, not words
    start = find(section["warm_start"]) if section["train"] else None
    if start is not None:
        start.check({"findings": findings.names})


@contextlib.contextmanager
def locked(path: Path, patience: float = 30.0) -> Iterator[None]:
    """Hold a file lock that the system releases when this process dies, however it dies.

    Raises RunError when another process still holds it after ``patience`` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path, timeout=patience):
            yield
    except Timeout:
        raise RunError(f"{path.parent}: another process is running this stage; wait for it or stop it") from None


def execute(stage: str, run: Run, parameters: dict, threads: int | None = None) -> Path:
    """Execute a notebook with parameters; returns the executed notebook, without widget state.

    While it runs, and if it fails, it is kept beside its final location as ``<stage>.partial.ipynb``.
    Raises papermill's PapermillExecutionError when a cell fails and DeadKernelError when the kernel dies.
    """
    # jsonschema, which papermill imports, uses this package to build a grammar of internationalized addresses. That
    # takes seconds at every start, for a format that no notebook uses. Without the package it skips this.
    sys.modules.setdefault("rfc3987_syntax", None)
    import papermill

    partial, final = run.notebooks / f"{stage}.partial.ipynb", run.notebooks / f"{stage}.ipynb"
    partial.parent.mkdir(parents=True, exist_ok=True)
    os.environ.pop("JPY_SESSION_NAME", None)  # a notebook run by the chain is not one opened by a person
    if threads:
        os.environ |= {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    papermill.execute_notebook(
        NOTEBOOKS / f"{stage}.ipynb",
        partial,
        parameters={**parameters, "run": run.name},
        cwd=NOTEBOOKS,
        kernel_name="python3",
        progress_bar=False,
        log_output=False,
        store_widget_state=False,
    )
    os.replace(partial, final)
    return final


def explain(error: Exception, stage: str, run: Run) -> str:
    """What failed, in which cell of which notebook, and where the half-executed notebook is."""
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    lines = [f"{stage}.ipynb"]
    if isinstance(error, PapermillExecutionError):
        first = next((line for line in error.source.splitlines() if line.strip()), "")
        lines = [f"{stage}.ipynb, cell {error.exec_count} (`{first[:80]}`)", f"  {error.ename}: {error.evalue}"]
    elif isinstance(error, DeadKernelError):
        lines += ["  its process died: killed, or out of memory; run the same command again to continue"]
        lines += [f"  its last words: {run.notebooks / f'{stage}.log'}"]
    elif isinstance(error, OSError) and error.errno in FULL:
        lines += [f"  DiskError: the disk of {run.folder} is full; free some space and run the same command again"]
    else:
        lines += [f"  {type(error).__name__}: {error}"]
    partial = run.notebooks / f"{stage}.partial.ipynb"
    return "\n".join(lines + ([f"  the half-executed notebook: {partial}"] if partial.exists() else []))


NEXT = """{stage} waits for readers: {why}
  Next:
  .venv/bin/python -m helpers.reading.readers add --run {run} READER    prints an access code, for each reader once
  make read RUN={run}                                                   the reading room of all who have a code
  make study RUN={run} PARAMS={params}     the same command again, once they have read"""
WAITING = 3  # exit code of a stage that waits for people to read


def waiting_note(run: Run) -> Path:
    """File that says what a run is waiting for; it exists only while the run waits."""
    return run.folder / "waiting.txt"


def waits(run: Run) -> bool:
    """Whether a run waits for readers and no other stage has failed; a failed stage leaves a half-executed notebook."""
    note = waiting_note(run)
    halves = run.notebooks.glob("*.partial.ipynb")
    return note.is_file() and all(half.name.startswith(note.read_text(encoding="utf-8").split()[0]) for half in halves)


def run_stage(stage: str, run: Run, params: str | Path, threads: int | None) -> int:
    """Run one stage as the chain does; returns the exit code."""
    with Terminal(run, stage, is_one_of_many=Path(params) == run.params) as terminal:
        try:
            with locked(run.stage_folder(stage) / ".lock"):
                let_go_of_shared(run, stage)
                os.environ[PROGRESS_FILE] = str(terminal.file)
                execute(stage, run, read_params(params)[stage], threads)
                if not run.manifest(stage).is_file():
                    raise RunError(
                        f"{stage}.ipynb ended without finishing its stage ({run.manifest(stage)} is missing)"
                    )
        except KeyboardInterrupt:
            terminal.say(f"stopped {stage} after {terminal.elapsed()}; the same command continues from here")
            return 130
        except Exception as error:  # every failure ends here: explained to the user, exit code 1
            if getattr(error, "ename", "") == WaitingError.__name__:
                said = NEXT.format(stage=stage, why=error.evalue, run=run.name, params=params)
                write_text(waiting_note(run), said + "\n")
                terminal.say(said)
                return WAITING
            waiting_note(run).unlink(missing_ok=True)
            terminal.say(f"FAILED after {terminal.elapsed()}: {explain(error, stage, run)}")
            return 1
        terminal.say(f"done {stage} {terminal.elapsed()}")
        return 0


def begin_again_where_parameters_differ(run: Run, sections: Mapping[str, dict], params: Path) -> None:
    """Make stages run again whose parameters differed from those of the params file, and say so."""
    from helpers.provenance import other_parameters

    for stage, names in other_parameters(run, sections).items():
        print(
            f"{stage} of {run.name} ran with other parameters than {params} says, and runs again ({'; '.join(names)})"
        )
        run.manifest(stage).unlink()


def begin_again_where_files_differ(run: Run) -> None:
    """Make stages run again whose files are damaged, changed or gone, and say so."""
    from helpers.provenance import changed_outputs

    for stage, names in changed_outputs(run).items():
        are = "has changed or is gone" if len(names) == 1 else "have changed or are gone"
        print(f"{stage} of {run.name} runs again: {', '.join(names)} {are}")
        run.manifest(stage).unlink()


def main(arguments: list[str] | None = None) -> int:
    """``python -m helpers.chain 08_realism --run quick --params notebooks/params/quick.yaml``"""
    parser = argparse.ArgumentParser(prog="python -m helpers.chain", description=main.__doc__)
    parser.add_argument(
        "notebook",
        help=f"one of {', '.join(STAGES)}; `check`: check the params file, and the run against it; `waiting`: succeed "
        "where the run waits for readers and nothing has failed",
    )
    parser.add_argument("--run", required=True)
    parser.add_argument("--params", type=Path, help="without: params.yaml in the run's folder, as a sweep writes it")
    parser.add_argument("--threads", type=int, default=None, help="threads of the numerical libraries")
    return exit_code_of(lambda: _carried_out(parser.parse_args(arguments)))


def _carried_out(options: argparse.Namespace) -> int:
    """Run a stage, or do whatever else the command line asks for; returns the exit code."""
    run = Run(options.run)
    params = options.params or run.params
    if options.notebook == "check":
        sections = checked_params(params)
        begin_again_where_files_differ(run)
        begin_again_where_parameters_differ(run, sections, params)
        waiting_note(run).unlink(missing_ok=True)
        return 0
    if options.notebook == "waiting":
        return 0 if waits(run) else 1
    stage = Path(options.notebook).stem
    if stage not in STAGES:
        raise ParameterError(f"{options.notebook!r} is not a notebook of the chain, which has {', '.join(STAGES)}")
    os.environ["HELPERS_PARAMS"] = str(params.resolve())  # for the plan, which freezes what the file decides
    return run_stage(stage, run, params, options.threads)


if __name__ == "__main__":
    sys.exit(main())
