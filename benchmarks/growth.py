"""Processor seconds and peak memory of every stage as a study grows in images, readers and cases alike.

``python benchmarks/growth.py --factors 1 4 16 --log growth.csv --folder FOLDER`` appends a line for each stage that is
not in the log yet, and prints a table. A study of factor f has f times the images of a small one, f times its samples
for each cell, f times its readers and f times the cases for each task and cell: f squared readings. Training budgets do
not grow: models are trained once, or taken from ``--trained`` (a workspace with the tests' study as run ``first``).
Needs Linux: cells are executed in a forked process, in which every module is already loaded.
"""

import argparse
import csv
import math
import os
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

import pandas as pd
import yaml

from helpers.parameters import read_params
from helpers.runs import NOTEBOOKS, PROJECT, Run, stages_with

sys.path.insert(0, str(PROJECT / "tests"))
sys.path.insert(0, str(PROJECT / "scripts"))
from faults import preload
from faults_of_stages import execute

GROWING = {
    "01_cohort": {"images": 240},
    "04_sample": {"per_cell": 6},
    "06_study_plan": {"pairs_per_cell": 1, "conditionality_per_cell": 1},
}
READERS, TASKS = 3, ["realism_pair", "conditionality"]
TRAINING = ("02_train_enlarger", "02_train_gan", "03_train_diffusion")
MADE_ONCE = 1  # factor of the study whose models the others draw with
COLUMNS = ("factor", "stage", "seconds", "MiB")


def params_of(factor: int, folder: Path) -> dict[str, dict]:
    """Parameters of every stage: the tests' params file with everything that grows."""
    sections = yaml.safe_load((NOTEBOOKS / "params" / "test.yaml").read_text())
    for stage, sizes in GROWING.items():
        sections[stage] |= {name: size * factor for name, size in sizes.items()}
    readers = [f"reader-{number}" for number in range(1, READERS * factor + 1)]
    sections["06_study_plan"] |= {"readers": readers, "tasks": TASKS}
    file = folder / f"{factor}.yaml"
    file.write_text(yaml.safe_dump(sections))
    os.environ["HELPERS_PARAMS"] = str(file)  # for the plan, which freezes what the file decides
    return read_params(file)


def measure(stage: str, parameters: dict) -> tuple[float, float]:
    """Processor seconds of a stage and all its processes, and the memory of the largest of them, MiB."""
    process = os.fork()
    if process == 0:
        with open(os.devnull, "r+") as nothing:
            os.dup2(nothing.fileno(), 1)
        code = 1
        try:
            execute(stage, parameters)
            code = 0
        except BaseException:  # whatever it is, the parent stops
            traceback.print_exc()
        os._exit(code)
    _, state, used = os.wait4(process, 0)
    if state:
        raise SystemExit(f"{stage} of {parameters['run']} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def stages_of(factor: int, run: Run, trained: Run | None) -> list[str]:
    """Stages of a study that are to run; the folders of trained models are copied if there are any."""
    stages = stages_with(TASKS)
    origin = trained or (Run(f"times-{MADE_ONCE}") if factor != MADE_ONCE else None)
    if origin is None:
        return stages
    for stage in TRAINING:
        shutil.copytree(origin.stage_folder(stage), run.stage_folder(stage), dirs_exist_ok=True)
    return [stage for stage in stages if stage not in TRAINING]


def grow(factors: list[int], log: Path, folder: Path, trained: Run | None) -> None:
    """Run the stages of every factor that are not in the log yet, and add them to it."""
    done = set(map(tuple, pd.read_csv(log)[["factor", "stage"]].values)) if log.exists() else set()
    with open(log, "a", newline="", buffering=1) as file:
        table = csv.writer(file, lineterminator="\n")
        if not done:
            table.writerow(COLUMNS)
        for factor in factors:
            sections, run = params_of(factor, folder), Run(f"times-{factor}")
            for stage in stages_of(factor, run, trained):
                if (factor, stage) not in done:
                    seconds, memory = measure(stage, sections[stage] | {"run": run.name})
                    table.writerow([factor, stage, round(seconds, 2), round(memory)])


def summary(log: Path) -> pd.DataFrame:
    """Seconds and memory by stage and factor; the exponent with which seconds grow between the last two factors."""
    wide = pd.read_csv(log).pivot(index="stage", columns="factor", values=["seconds", "MiB"])
    factors = list(wide["seconds"].columns)
    if len(factors) > 1:
        before, last = factors[-2:]
        wide["exponent", ""] = (wide["seconds"][last] / wide["seconds"][before]).map(math.log) / math.log(last / before)
    return wide.round(2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--factors", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--log", type=Path, help="table that is added to; by default one that is removed")
    parser.add_argument("--folder", type=Path, help="workspace of the studies; by default one that is removed")
    parser.add_argument("--trained", type=Path, help="workspace of a study whose models are taken")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    trained = None
    if options.trained is not None:
        os.environ["HELPERS_WORKSPACE"] = str(options.trained)
        trained = Run("first")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        os.environ["HELPERS_WORKSPACE"] = str(folder)
        preload()
        log = (options.log or folder / "growth.csv").absolute()
        grow(options.factors, log, folder.absolute(), trained)
        print(summary(log).to_string())


if __name__ == "__main__":
    main()
