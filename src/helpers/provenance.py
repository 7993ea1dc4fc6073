"""What a stage read, ran with and wrote: the manifest, and the numbers that the report will print."""

import json
import math
import os
import platform
import re
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from IPython.display import Image

from helpers import __version__
from helpers.errors import RunError
from helpers.files import atomic_write, disk_errors, sha256, write_text
from helpers.findings import Findings
from helpers.notebooks import notebook_parameters
from helpers.runs import PROJECT, STAGES, Run, stages_with

CACHES = ("features",)  # folders of a stage that views of the run add to; what is read from them is checked there


def git_state() -> dict:
    """Commit of the project and whether the working tree differs from it; None outside a repository."""

    def git(*arguments: str) -> str | None:
        with suppress(FileNotFoundError):  # git is not installed
            done = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)
            return done.stdout.strip() if done.returncode == 0 else None

    changes = git("status", "--porcelain")
    return {"commit": git("rev-parse", "HEAD"), "dirty": None if changes is None else bool(changes)}


class Stage:
    """One stage of a run: begin, do the work, record numbers, finish.

    ``begin`` removes the old manifest, so a stage that stops half-way is not taken for finished.
    """

    def __init__(self, name: str, run: Run, parameters: dict):
        self.name, self.run, self.parameters = name, run, parameters
        self.folder = run.stage_folder(name)
        self.inputs: dict[str, str] = {}
        self.results: list[dict] = []
        self.elsewhere: list[Path] = []
        self.started, self.clock = datetime.now(UTC), time.monotonic()

    @classmethod
    def begin(cls, name: str, namespace: Mapping) -> "Stage":
        """Start a stage from a notebook's ``globals()``; the parameters are those of its parameters cell."""
        parameters = {key: namespace[key] for key in notebook_parameters(name)}
        stage = cls(name, Run(parameters["run"]), parameters)
        for old in (stage.run.manifest(name), stage.folder / "results.json"):
            with disk_errors(old):
                old.unlink(missing_ok=True)
        stage.folder.mkdir(parents=True, exist_ok=True)
        return stage

    def after(self, earlier: str) -> Path:
        """Folder of an earlier stage that has finished; raises RunError saying which notebook to run first."""
        manifest = self.run.manifest(earlier)
        if not manifest.is_file():
            raise RunError(
                f"run {self.run.name!r}: stage {earlier} has not finished ({manifest} is missing); "
                f"run notebooks/{earlier}.ipynb first, or `make study RUN={self.run.name}`"
            )
        self.inputs[self._shown(manifest)] = sha256(manifest)
        return self.run.stage_folder(earlier)

    def reads(self, path: str | Path) -> Path:
        """Note a file from outside the run as an input."""
        self.inputs[self._shown(Path(path))] = sha256(path)
        return Path(path)

    def writes(self, path: Path) -> Path:
        """Note a file that was written outside the stage's folder as an output."""
        self.elsewhere.append(path)
        return path

    def record(self, name: str, value, low=None, high=None, *, n: int, method: str) -> None:
        """Keep a number for results.json under a dotted name (``realism.gan.accuracy``), with its interval, sample size
        and method; a value that is not finite is stored as null."""
        numbers = {"value": value, "low": low, "high": high}
        numbers = {key: float(x) if x is not None and math.isfinite(x) else None for key, x in numbers.items()}
        self.results.append({"name": name, **numbers, "n": int(n), "method": method})

    def figure(self, figure, name: str):
        """Save a matplotlib figure as ``figures/<run>/<stage>_<name>.png``; returns the saved picture for display.

        The notebook shows the file itself: drawing a figure again takes as long as computing what it shows.
        """
        path = self.run.figures / f"{self.name}_{name}.png"
        self._save(figure, path)
        return Image(path.read_bytes(), retina=True)

    def image_figure(self, figure, name: str):
        """Save a figure that shows images; return it for display only if they are phantoms, otherwise say where it is.

        Pictures of patients stay in files, ``figures/<run>/images/``, and never enter a notebook or the report.
        """
        path = self.run.figures / "images" / f"{self.name}_{name}.png"
        self._save(figure, path)
        if shows_phantoms(self.run, self):
            return figure
        return f"Pictures of patients are not stored in notebooks; open {path}"

    @staticmethod
    def _save(figure, path: Path) -> None:
        import matplotlib.pyplot as plt  # the reading room's server draws nothing, and starts faster without it

        with atomic_write(path) as temporary:
            figure.savefig(temporary, format="png", dpi=150, bbox_inches="tight", metadata={"Software": None})
        plt.close(figure)

    def finish(self) -> dict:
        """Write the stage's results and, last of all, its manifest; returns the manifest."""
        counts = Counter(result["name"] for result in self.results)
        if twice := sorted(name for name, count in counts.items() if count > 1):
            raise RunError(f"{self.name}: a number is recorded twice under one name: {', '.join(twice)}")
        write_text(self.folder / "results.json", json.dumps(self.results, indent=1) + "\n")
        outputs = [p for p in sorted(self.folder.iterdir()) if p.name != "manifest.json" and not p.name.startswith(".")]
        outputs += self.elsewhere
        lock = PROJECT / "requirements.lock"
        manifest = {
            "stage": self.name,
            "run": self.run.name,
            "helpers": __version__,
            "git": git_state(),
            "lock_sha256": sha256(lock) if lock.is_file() else None,
            "python": platform.python_version(),
            "parameters": self.parameters,
            "inputs": self.inputs,
            "outputs": {Path(os.path.relpath(path, self.folder)).as_posix(): sha256(path) for path in outputs},
            "started_at": self.started.isoformat(timespec="seconds"),
            "wall_seconds": round(time.monotonic() - self.clock, 2),
        }
        write_text(self.run.manifest(self.name), json.dumps(manifest, indent=1, default=str) + "\n")
        return manifest

    def _shown(self, path: Path) -> str:
        path = path.resolve()
        return path.relative_to(self.run.folder).as_posix() if path.is_relative_to(self.run.folder) else path.name


def read_results(run: Run) -> list[dict]:
    """Every number recorded so far in a run's study, in the order of its stages."""
    files = [run.stage_folder(stage) / "results.json" for stage in stages_of(run)]
    return [row for file in files if file.is_file() for row in json.loads(file.read_text())]


def stages_of(run: Run) -> list[str]:
    """Stages of a run's study by the tasks of its plan; every stage if the run has no plan yet."""
    planned = run.manifest("06_study_plan").is_file() and read_manifest(run, "06_study_plan")["parameters"].get("tasks")
    return stages_with(planned) if planned else list(STAGES)


def read_manifest(run: Run, stage: str) -> dict:
    """Manifest of a finished stage; raises RunError when it has not finished."""
    path = run.manifest(stage)
    if not path.is_file():
        raise RunError(f"{path}: missing; stage {stage} has not finished")
    return json.loads(re.sub(r"\bNaN\b", "null", path.read_text()))


def other_parameters(run: Run, sections: Mapping[str, Mapping]) -> dict[str, list[str]]:
    """Finished stages of a run whose parameters differ from those of ``sections``, and the differences in words.

    Snakemake notices changed parameters of a stage that it ran itself, but not in a run folder that was copied, renamed
    or restored.
    """
    found = {}
    for stage in filter(lambda stage: run.manifest(stage).is_file(), sections):
        ran_with, wanted = read_manifest(run, stage)["parameters"], json.loads(json.dumps(sections[stage], default=str))
        names = [name for name in wanted if ran_with.get(name) != wanted[name] or name not in ran_with]
        if names:
            found[stage] = [f"{name}: {ran_with.get(name)!r}, now {wanted[name]!r}" for name in names]
    return found


def changed_outputs(run: Run) -> dict[str, list[str]]:
    """Finished stages of a run whose files have changed or are gone since they were written, and which files these are.

    The manifest is written last, so only newer files are read, and a run of many images is checked quickly.
    """
    found = {}
    for stage in filter(lambda stage: run.manifest(stage).is_file(), STAGES):
        manifest, folder = run.manifest(stage), run.stage_folder(stage)
        try:
            outputs = read_manifest(run, stage).get("outputs", {})
        except ValueError:  # the manifest itself is damaged
            found[stage] = [manifest.name]
            continue
        finished = _changed_at(manifest)
        names = [name for name, digest in outputs.items() if _differs(folder / name, digest, finished)]
        if names := [name for name in names if name not in CACHES]:
            found[stage] = names
    return found


def _differs(path: Path, digest: str, since: int) -> bool:
    if not path.exists():
        return True
    newest = max(map(_changed_at, (path, *path.rglob("*")))) if path.is_dir() else _changed_at(path)
    return newest > since and sha256(path) != digest


def _changed_at(path: Path) -> int:
    """When a file's content, name or place last changed, ns; a copy that keeps its mtime still has a new ctime."""
    state = path.lstat()
    return max(state.st_mtime_ns, state.st_ctime_ns)


def effective_parameters(run: Run) -> pd.DataFrame:
    """What the finished stages of a run ran with: columns stage, parameter, value, default (the notebook's own)."""
    rows = []
    for stage in stages_of(run):
        if run.manifest(stage).is_file():
            defaults, ran_with = notebook_parameters(stage), read_manifest(run, stage)["parameters"]
            rows += [(stage, name, value, defaults.get(name)) for name, value in ran_with.items() if name != "run"]
    return pd.DataFrame(rows, columns=["stage", "parameter", "value", "default"], dtype=object)


def findings_of(run: Run) -> Findings:
    """The findings of a run's study, as its first stage wrote them; raises ParameterError if it has not yet done so."""
    return Findings.read(run.findings)


def drawn_size_of(run: Run) -> int | None:
    """Side length of the images that a run's generators draw, pixels; None for the size of its cohort."""
    parameters = read_manifest(run, "01_cohort")["parameters"]
    drawn = parameters.get("drawn_size")
    return None if drawn == parameters["size"] else drawn


def shows_phantoms(run: Run, stage: "Stage | None" = None) -> bool:
    """Whether a run's cohort consists of phantoms, so that its images may be shown to anybody."""
    begun = stage is not None and stage.name == "01_cohort"
    parameters = stage.parameters if begun else read_manifest(run, "01_cohort")["parameters"]
    return parameters["cohort"] == "phantom"


def cohort_seed(run: Run) -> int:
    """The seed of a run's cohort, from which its phantoms can be drawn again."""
    return read_manifest(run, "01_cohort")["parameters"]["seed"]
