"""Random faults while a stage of a finished study runs once more: afterwards the same command makes the same again.

The cells of its notebook are executed in a forked process, without the seconds that a kernel takes to start.
"""

import json
import os
import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from interruptions import made
from IPython.display import display
from random_faults import DAMAGE, FULL, KILL, READ_ONLY, Child, Disk, damage, read_only
from small_study import RUN, TEST_PARAMS

from helpers import chain
from helpers.notebooks import code_of_cells
from helpers.parameters import read_params
from helpers.runs import NOTEBOOKS, STAGES, Run, stages_with

FAULTS = (KILL, FULL, READ_ONLY, DAMAGE)
QUICK = ("08_realism_choice", "11_power", "12_report", "06_study_plan", "02_train_enlarger")
LEFT = 4 << 20  # bytes that a full disk has left, at most


@dataclass(frozen=True)
class Outcome:
    """What a fault did, and whether the same command afterwards made the same results."""

    stage: str
    fault: str
    where: str
    disturbed: str
    afterwards: str


def execute(stage: str, parameters: Mapping | None = None) -> None:
    """Execute the cells of a stage's notebook in this process, as papermill would; by default as the tests' study."""
    os.chdir(NOTEBOOKS)
    namespace = {"__name__": "__main__", "display": display}
    parameters = parameters or read_params(TEST_PARAMS)[stage] | {"run": RUN}
    (told,) = code_of_cells(stage, "parameters")
    for source in code_of_cells(stage):
        exec(compile(source, f"{stage}.ipynb", "exec"), namespace)
        if source == told:
            namespace.update(parameters)


def same_command(run: str = RUN, params: Path = TEST_PARAMS) -> None:
    """What ``make study`` does: look through the run, then run every stage that has no manifest, in order."""
    assert chain.main(["check", "--run", run, "--params", str(params)]) == 0
    sections = read_params(params)
    for stage in stages_with(sections["06_study_plan"]["tasks"]):
        if not Run(run).manifest(stage).is_file():
            execute(stage, sections[stage] | {"run": run})


def made_by(run: Run) -> dict[str, bytes]:
    """What every stage of a run made, and its results.json."""
    found = {name: content for stage in STAGES for name, content in made(run, stage).items()}
    return found | {"results.json": run.results.read_bytes()}


class FinishedStudy:
    """A finished study, copied onto a disk of its own for each fault."""

    def __init__(self, finished: Path, disk: Disk, words: Path):
        """``finished``: the workspace of a study that nothing disturbed; ``words``: a file for what processes say."""
        self.finished, self.disk, self.words = finished, disk, words
        os.environ["HELPERS_WORKSPACE"] = str(finished)
        self.expected = made_by(Run(RUN))
        os.environ["HELPERS_WORKSPACE"] = str(disk.folder)
        self.run = Run(RUN)

    def renew(self) -> None:
        self.disk.wipe()
        for part in (Path("data") / "runs" / RUN, Path("figures") / RUN):
            shutil.copytree(self.finished / part, self.disk.folder / part)

    def disturb(self, seed: int, stages: tuple[str, ...]) -> Outcome:
        """Run a stage anew, have it disturbed by what the seed draws, and then give the same command."""
        chance = random.Random(seed)
        stage, fault = chance.choice(stages), chance.choice(FAULTS)
        self.renew()
        moment = chance.uniform(0, json.loads(self.run.manifest(stage).read_text())["wall_seconds"])
        self.run.manifest(stage).unlink()
        if anew := chance.random() < 0.5:
            shutil.rmtree(self.run.stage_folder(stage))
            if stage == "07_reading":
                self.run.database.unlink()
        child = Child(lambda: execute(stage), self.words)
        try:
            where = self._fault(fault, stage, moment, chance, child)
        finally:
            child.kill()
        disturbed = child.said()
        after = Child(same_command, self.words)
        ended = after.wait(900)
        after.kill()
        afterwards = after.said() if ended else "did not end"
        if afterwards == "finished":
            afterwards = self._compare()
        where += "; from nothing" if anew else "; over what was there"
        return Outcome(stage, fault, where, disturbed, afterwards)

    def _fault(self, fault: str, stage: str, moment: float, chance: random.Random, child: Child) -> str:
        if fault == FULL:
            left = chance.randrange(LEFT) // 4 ** chance.randrange(6)
            with self.disk.full(left):
                child.wait(600)
            return f"{left} bytes left"
        child.wait(moment)
        if fault == READ_ONLY:
            folders = [self.run.folder, self.run.figures, *self.run.stage_folder(stage).glob("**/")]
            chosen = chance.choice(sorted(folders))
            with read_only(chosen):
                child.wait(600)
            return str(chosen.relative_to(self.disk.folder))
        child.kill()
        if fault == DAMAGE:
            file = self._file_at_hand(stage, chance)
            return f"{damage(file, chance)}: {file.relative_to(self.disk.folder)}"
        return f"after {moment:.2f} s"

    def _file_at_hand(self, stage: str, chance: random.Random) -> Path:
        """A file of the stage that was killed, or of another that is quickly made again."""
        place = self.run.stage_folder(chance.choice([stage, stage, *QUICK]))
        files = [path for path in sorted(place.rglob("*")) if path.is_file() and path.name != ".lock"]
        files = files or [self.run.stage_folder("06_study_plan") / "plan.csv"]
        return chance.choice([self.run.results, *files]) if chance.random() < 0.1 else chance.choice(files)

    def _compare(self) -> str:
        expected, found = self.expected, made_by(self.run)
        differ = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
        return "equal" if not differ else f"differs: {', '.join(differ[:5])}"
