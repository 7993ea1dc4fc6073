# The chain: every stage is one notebook; its manifest is written last and says that the stage is whole.
# Run by `make study`, or by hand: snakemake --cores all --config run=quick params=notebooks/params/quick.yaml
# `make sweep` runs the chains of a grid at once: --config grid=notebooks/params/sweep.yaml
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from helpers.chain import checked_params
from helpers.dependencies import data_files_of, modules_of, paths_named_in
from helpers.errors import StudyError
from helpers.files import stamp
from helpers.findings import Findings
from helpers.generators.cell_images import part_folder
from helpers.grid import read_grid
from helpers.pixels import INDEX
from helpers.runs import NOTEBOOKS, STAGES, Run, stages_with
from helpers.sharing import makers
from helpers.study.database import state_of_answers
from helpers.sweep import FIGURE, NUMBERS
from helpers.tasks import NOTEBOOKS_OF_TASKS

AFTER = {
    "01_cohort": [],
    "02_train_enlarger": ["01_cohort"],
    "02_train_gan": ["01_cohort"],
    "03_train_diffusion": ["02_train_enlarger"],
    "04_sample": ["02_train_gan", "03_train_diffusion"],
    "05_image_metrics": ["04_sample"],
    "06_study_plan": ["04_sample"],
    "07_reading": ["06_study_plan"],
    **{notebook: ["07_reading"] for notebook in NOTEBOOKS_OF_TASKS},
    "10_agreement_cues": ["05_image_metrics", "07_reading"],
    "11_power": ["08_realism", "09_conditionality"],
    "12_report": ["05_image_metrics", *NOTEBOOKS_OF_TASKS, "10_agreement_cues", "11_power"],
}
# Stages whose work is spread over every core; the others leave room for a neighbour.
WIDE = ("01_cohort", "04_sample")
# Stages that compute on a GPU where there is one.
ON_GPU = ("02_train_enlarger", "02_train_gan", "03_train_diffusion", "04_sample", "05_image_metrics")

ANY = "RUN-OF-A-RULE"  # in place of a run's name

PARAMS = config.get("params", "notebooks/params/quick.yaml")
GRID = config.get("grid")
try:
    if GRID:  # the runs of `make sweep`
        SWEEP = read_grid(GRID)
        SECTIONS = {point.run: point.parameters() for point in SWEEP.points}
    else:
        SECTIONS = {Run(config.get("run", Path(PARAMS).stem)).name: checked_params(PARAMS)}
    OF_STUDY = {name: stages_with(sections["06_study_plan"]["tasks"]) for name, sections in SECTIONS.items()}
    ANSWERS = {
        name: state_of_answers(name, *(sections["07_reading"][key] for key in ("database", "readers_are")))
        for name, sections in SECTIONS.items()
    }
except StudyError as error:
    sys.exit(f"{type(error).__name__}: {error}")

# Not among the rules' params: which file a section comes from is no reason to run a stage again. A run of a sweep has
# a params file of its own.
if not GRID:
    os.environ["HELPERS_PARAMS"] = str(Path(PARAMS).resolve())


def stages_to(last, wanted):
    """A stage and those that come before it, of a study's stages."""
    return [] if last not in wanted else [*{s: 0 for e in AFTER[last] for s in stages_to(e, wanted)}, last]


WANTED = {name: stages_to(SWEEP.until if GRID else "12_report", wanted) for name, wanted in OF_STUDY.items()}


def named_in(name, stage):
    """Files and folders outside the run that the parameters of a stage name: readings, images, weights, templates.

    Not the readings database, whose file changes with every event: its answers count. Not the folder of ChestMNIST,
    which the stage itself fetches its file into, and checks by the published digest.
    """
    section, run = SECTIONS[name][stage], Run(name)
    fetched = section.get("cohort") == "chestmnist"
    named = paths_named_in([v for key, v in section.items() if key != "database"]) if not fetched else []
    own = [run.folder, run.figures]  # a folder that holds these is changed by the run itself
    return [path for path in named if not any(path.is_relative_to(o) or o.is_relative_to(path) for o in own)]


@cache
def code_of(stage):
    modules = modules_of(stage)
    return [str(NOTEBOOKS / f"{stage}.ipynb"), *map(str, modules + data_files_of(modules))]


def inputs_of(name, stage):
    earlier = [str(Run(name).manifest(before)) for before in AFTER[stage] if before in WANTED[name]]
    return earlier + code_of(stage) + [str(path) for path in named_in(name, stage) if path.is_file()]


def outputs_of(name, stage):
    return [str(Run(name).manifest(stage)), str(Run(name).notebooks / f"{stage}.ipynb")]


def part_of(name, source, cell):
    """The file that says which images of a source and cell are there, while notebook 04 has not taken them over."""
    return str(part_folder(Run(name), source, cell) / INDEX)


def parts_to_make(name):
    """The parts of sampling of a run that has not sampled yet."""
    if Run(name).manifest("04_sample").is_file():
        return []
    cells = Findings.from_section(SECTIONS[name]["01_cohort"]["findings"]).cells
    sources = [spec["source"] for spec in SECTIONS[name]["04_sample"]["sources"]]
    return [part_of(name, source, cell.label) for source in sources for cell in cells]


def pattern_of(paths, *words):
    """Paths of the one run there is; of a sweep's runs, with a wildcard in place of their names."""
    if not GRID:
        return paths(*SECTIONS, *words)
    found = paths(ANY, *words)
    return [path.replace(ANY, "{run}") for path in found] if isinstance(found, list) else found.replace(ANY, "{run}")


def run_of(wildcards):
    return wildcards.get("run", next(iter(SECTIONS)))


def one_of(names):
    """A pattern that matches these names of runs; nothing where there are none."""
    return "|".join(map(re.escape, sorted(set(names)))) or "(?!)"


def threads_of(name, stage):
    return workflow.cores if stage in WIDE else int(SECTIONS[name][stage].get("threads") or 1)


def state_of_inputs(name, stage):
    """What a stage reads that is no single file: folders by the names, sizes and times of their files, and answers."""
    state = {str(path): stamp(path) for path in named_in(name, stage) if path.is_dir()}
    return json.dumps(state | ({"answers": ANSWERS[name]} if stage == "07_reading" else {}))


@cache
def made_from(name, stage):
    """All that a stage of a run depends on that may differ from run to run: its parameters, and those before it."""
    before = [made_from(name, earlier) for earlier in AFTER[stage] if earlier in WANTED[name]]
    return json.dumps([SECTIONS[name][stage], before], sort_keys=True)


def makers_of(stage):
    """Which run makes a stage for which: of the runs of a sweep that make it from the same, one."""
    keys = {name: made_from(name, stage) for name in WANTED if stage in WANTED[name]}
    return makers(keys, stage) if GRID else {name: name for name in keys}


MAKERS = {stage: makers_of(stage) for stage in STAGES}


def gpu_of_cluster():
    """What a job asks SLURM for to be given a GPU; empty where there is no SLURM, or none of its nodes has a GPU."""
    try:
        told = subprocess.run(["sinfo", "--noheader", "--format=%G"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "gpu:1" if "gpu" in told else ""


GPU = gpu_of_cluster()


rule study:
    input:
        [outputs_of(name, stage) for name in WANTED for stage in WANTED[name]],
        [str(SWEEP.folder / file) for file in (NUMBERS, FIGURE)] if GRID else [],
    default_target: True


if GRID:

    rule gather:
        input:
            [str(Run(name).manifest(stage)) for name in WANTED for stage in WANTED[name]],
            GRID,
        output:
            [str(SWEEP.folder / file) for file in (NUMBERS, FIGURE)],
        params:
            python=sys.executable,
            grid=GRID,
        shell:
            "exec {params.python} -m helpers.sweep finish --grid '{params.grid}'"


# One rule for each stage, of whichever run, so that a profile's `set-resources` names it in a sweep, too.
for STAGE, MAKER in MAKERS.items():

    rule:
        name:
            f"stage_{STAGE}"
        wildcard_constraints:
            run=one_of(MAKER.values()),
        input:
            lambda wildcards, stage=STAGE: inputs_of(run_of(wildcards), stage),
        output:
            pattern_of(outputs_of, STAGE),
        params:
            stage=STAGE,
            section=lambda wildcards, stage=STAGE: json.dumps(SECTIONS[run_of(wildcards)][stage], sort_keys=True),
            state=lambda wildcards, stage=STAGE: state_of_inputs(run_of(wildcards), stage),
            run=run_of,
            python=sys.executable,
        resources:
            gres=GPU if STAGE in ON_GPU else "",
        threads: lambda wildcards, stage=STAGE: threads_of(run_of(wildcards), stage)
        shell:
            "exec {params.python} -m helpers.chain {params.stage} --run {params.run} "
            '${{HELPERS_PARAMS:+--params "$HELPERS_PARAMS"}} --threads {threads}'

    for NAME in [name for name in MAKER if MAKER[name] != name]:

        rule:
            name:
                f"share_{STAGE}_with_{NAME}"
            input:
                outputs_of(MAKER[NAME], STAGE),
            output:
                outputs_of(NAME, STAGE),
            params:
                stage=STAGE,
                run=NAME,
                maker=MAKER[NAME],
                python=sys.executable,
            shell:
                "exec {params.python} -m helpers.sharing {params.stage} --run {params.run} --of {params.maker}"


# `make study SCATTER=yes` makes these first, where sampling is still to be done: a job for each source and cell.
rule parts:
    input:
        lambda wildcards: [part for name in set(MAKERS["04_sample"].values()) for part in parts_to_make(name)],


rule part_of_04_sample:
    wildcard_constraints:
        run=one_of(MAKERS["04_sample"].values()),
        source="[^/]+",
        cell="[^/]+",
    input:
        lambda wildcards: inputs_of(run_of(wildcards), "04_sample"),
    output:
        pattern_of(part_of, "{source}", "{cell}"),
    params:
        run=run_of,
        python=sys.executable,
    resources:
        gres=GPU,
    threads: workflow.cores
    shell:
        "exec {params.python} -m helpers.generators.part {wildcards.source} {wildcards.cell} --run {params.run} "
        '${{HELPERS_PARAMS:+--params "$HELPERS_PARAMS"}} --threads {threads}'
