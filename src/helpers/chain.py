"""Runs one notebook of a run through papermill, with one line of live progress in the terminal."""

import argparse
import contextlib
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from helpers.dependencies import paths_named_in
from helpers.errors import ParameterError, RunError, StudyError
from helpers.files import FULL, write_text
from helpers.findings import ORIGINAL, Findings
from helpers.parameters import read_params
from helpers.progress import PROGRESS_FILE, said_file
from helpers.runs import NOTEBOOKS, STAGES, Run


def checked_params(path: str | Path) -> dict[str, dict]:
    """``read_params`` of a file, where what its sections say also fits together: cohort, findings and prompts.

    Raises ParameterError, naming the place, before anything runs.
    """
    from helpers.cohort.kinds import kind_of
    from helpers.cohort.settings import Settings
    from helpers.generators.prompts import read_template

    sections = read_params(path)
    try:
        settings = Settings.from_parameters(sections["01_cohort"])
        kind_of(settings)
        for source in sections["04_sample"]["sources"]:
            named = source.get("template", [])
            for template in [named] if isinstance(named, str) else named:
                files = paths_named_in(template) if Path(template).suffix else []
                read_template(files[0] if files else template, settings.findings)
        if settings.findings.names != ORIGINAL.names:
            _check_warm_starts(sections, settings.findings)
    except ParameterError as error:
        raise ParameterError(f"{path}: {error}") from error
    return sections


def _check_warm_starts(sections: Mapping[str, dict], findings: Findings) -> None:
    """Raise ParameterError where a training is to start from weights that know other findings."""
    from helpers.generators.pretrained import find

    for stage in ("02_train_gan", "03_train_diffusion"):
        start = find(sections[stage]["warm_start"]) if sections[stage].get("train", True) else None
        if start is not None:
            start.check({"findings": findings.names})


def clock(seconds: float) -> str:
    """Seconds as m:ss."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


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


class Terminal:
    """Paints one line that covers every stage of the run now at work; on a pipe, a line every 30 seconds."""

    def __init__(self, run: Run, stage: str):
        self.folder, self.stage, self.started = run.folder / ".progress", stage, time.monotonic()
        self.file = self.folder / f"{stage}.json"
        self.said, self.heard, self.turn = said_file(self.file), 0, threading.Lock()
        self.log = run.notebooks / f"{stage}.log"
        self.screen = os.fdopen(os.dup(2), "w")
        self.live = self.screen.isatty()
        self.stopped = threading.Event()
        self.parent = os.getppid()

    def __enter__(self) -> "Terminal":
        self.folder.mkdir(parents=True, exist_ok=True)
        write_text(self.folder / f"{self.stage}.pid", f"{os.getpid()} {time.time()}")
        for path in (self.file, self.said):
            path.unlink(missing_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "w") as log:
            os.dup2(log.fileno(), 2)  # what the kernel and its libraries write to stderr is kept, not shown
        self.say(f"> {self.stage}")
        self.thread = threading.Thread(target=self._paint, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self.stopped.set()
        self.thread.join()
        for path in (self.file, self.said, self.folder / f"{self.stage}.pid"):
            path.unlink(missing_ok=True)
        os.dup2(self.screen.fileno(), 2)

    def say(self, text: str) -> None:
        """Print a lasting line above the live one, after what the notebook has told since the last time."""
        with self.turn:
            sentences = self.said.read_text(encoding="utf-8").splitlines() if self.said.is_file() else []
            for sentence in sentences[self.heard :]:
                self._print(f"  {self.stage}: {sentence}")
            self.heard = len(sentences)
            if text:
                self._print(text)

    def _print(self, text: str) -> None:
        print(f"\r\033[K{text}" if self.live else text, file=self.screen, flush=True)

    def elapsed(self) -> str:
        """Time since the stage began, m:ss."""
        return clock(time.monotonic() - self.started)

    def _paint(self) -> None:
        pause = 0.5 if self.live else 30.0
        while not self.stopped.wait(min(pause, 1.0)):
            if os.getppid() != self.parent:
                os._exit(1)  # whoever ran this stage was killed; the kernel ends with this process
            self.say("")
            if self.live:
                line = "   ".join(self._running())[: shutil.get_terminal_size().columns - 1]
                print(f"\r\033[K{line}", end="", file=self.screen, flush=True)
            elif time.monotonic() - self.started >= pause:
                pause += 30.0
                self.say(f"  {self._line(self.stage, time.monotonic() - self.started)}")

    def _running(self) -> list[str]:
        lines = []
        for path in sorted(self.folder.glob("*.pid")):
            with contextlib.suppress(OSError, ValueError):
                pid, began = path.read_text().split()
                if psutil.pid_exists(int(pid)):
                    lines.append(self._line(path.stem, time.time() - float(began)))
        return lines

    def _line(self, stage: str, seconds: float) -> str:
        text = ""
        with contextlib.suppress(OSError, ValueError, KeyError):
            now = json.loads((self.folder / f"{stage}.json").read_text())
            total = f"/{now['total']:,}" if now["total"] else ""
            text = f" {now['label']} {now['done']:,}{total} {now['unit']}" + (f", {now['note']}" if now["note"] else "")
        return f"{stage} {clock(seconds)}{text}"


def execute(stage: str, run: Run, parameters: dict, threads: int | None = None) -> Path:
    """Execute a notebook with parameters; returns the executed notebook, without widget state.

    While it runs, and when it fails, it lies beside its final place as ``<stage>.partial.ipynb``.
    Raises papermill's PapermillExecutionError when a cell fails and DeadKernelError when the kernel dies.
    """
    # jsonschema, which papermill imports, builds a grammar of international addresses with this package: seconds at
    # every start, for a format that no notebook has. It does without where the package is missing.
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
    """What failed, in which cell of which notebook, and where the half-executed notebook lies."""
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


def run_stage(stage: str, run: Run, params: str | Path, threads: int | None) -> int:
    """Run one stage as the chain does; returns the exit code."""
    with Terminal(run, stage) as terminal:
        try:
            with locked(run.stage_folder(stage) / ".lock"):
                os.environ[PROGRESS_FILE] = str(terminal.file)
                execute(stage, run, read_params(params)[stage], threads)
                if not run.manifest(stage).is_file():
                    raise RunError(
                        f"{stage}.ipynb ended without finishing its stage ({run.manifest(stage)} is missing)"
                    )
        except KeyboardInterrupt:
            terminal.say(f"stopped {stage} after {terminal.elapsed()}; the same command continues from here")
            return 130
        except Exception as error:  # every failure ends here: explained to a person, exit code 1
            terminal.say(f"FAILED after {terminal.elapsed()}: {explain(error, stage, run)}")
            return 1
        terminal.say(f"done {stage} {terminal.elapsed()}")
        return 0


def main(arguments: list[str] | None = None) -> int:
    """``python -m helpers.chain 08_realism --run quick --params notebooks/params/quick.yaml``"""
    parser = argparse.ArgumentParser(prog="python -m helpers.chain", description=main.__doc__)
    parser.add_argument("notebook", help=f"one of {', '.join(STAGES)}, or `check`: only check the params file")
    parser.add_argument("--run", required=True)
    parser.add_argument("--params", required=True, type=Path)
    parser.add_argument("--threads", type=int, default=None, help="threads of the numerical libraries")
    options = parser.parse_args(arguments)
    try:
        run = Run(options.run)
        if options.notebook == "check":
            checked_params(options.params)
            return 0
        stage = Path(options.notebook).stem
        if stage not in STAGES:
            raise ParameterError(f"{options.notebook!r} is not a notebook of the chain, which has {', '.join(STAGES)}")
        return run_stage(stage, run, options.params, options.threads)
    except StudyError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
