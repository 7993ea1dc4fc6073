# The chain: every stage is one notebook; its manifest is written last and says that the stage is whole.
# Run by `make study`, or by hand: snakemake --cores all --config run=quick params=notebooks/params/quick.yaml
import json
import os
import subprocess
import sys
from pathlib import Path

from helpers.chain import checked_params
from helpers.dependencies import data_files_of, modules_of, paths_named_in
from helpers.errors import StudyError
from helpers.files import stamp
from helpers.runs import NOTEBOOKS, Run, stages_with
from helpers.study.database import state_of_answers
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

PARAMS = config.get("params", "notebooks/params/quick.yaml")
try:
    RUN = Run(config.get("run", Path(PARAMS).stem))
    SECTIONS = checked_params(PARAMS)
    STAGES = stages_with(SECTIONS["06_study_plan"]["tasks"])
    ANSWERS = state_of_answers(RUN.name, *(SECTIONS["07_reading"][name] for name in ("database", "readers_are")))
except StudyError as error:
    sys.exit(f"{type(error).__name__}: {error}")

# Not among the rules' params: which file a section comes from is no reason to run a stage again.
os.environ["HELPERS_PARAMS"] = str(Path(PARAMS).resolve())


def named_in(stage):
    """Files and folders outside the run that the parameters of a stage name: readings, images, weights, templates.

    Not the readings database, whose file changes with every event: its answers count. Not the folder of ChestMNIST,
    which the stage itself fetches its file into, and checks by the published digest.
    """
    fetched = SECTIONS[stage].get("cohort") == "chestmnist"
    named = paths_named_in([v for name, v in SECTIONS[stage].items() if name != "database"]) if not fetched else []
    own = [RUN.folder, RUN.figures]  # a folder that holds these is changed by the run itself
    return [path for path in named if not any(path.is_relative_to(o) or o.is_relative_to(path) for o in own)]


def inputs_of(stage):
    modules = modules_of(stage)
    return (
        [str(RUN.manifest(earlier)) for earlier in AFTER[stage] if earlier in STAGES]
        + [str(NOTEBOOKS / f"{stage}.ipynb")]
        + [str(path) for path in modules + data_files_of(modules)]
        + [str(path) for path in named_in(stage) if path.is_file()]
    )


def state_of_inputs(stage):
    """What a stage reads that is no single file: folders by the names, sizes and times of their files, and answers."""
    state = {str(path): stamp(path) for path in named_in(stage) if path.is_dir()}
    return json.dumps(state | ({"answers": ANSWERS} if stage == "07_reading" else {}))


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
        [str(RUN.manifest(stage)) for stage in STAGES],
        [str(RUN.notebooks / f"{stage}.ipynb") for stage in STAGES],
    default_target: True


for STAGE in STAGES:

    rule:
        name:
            f"stage_{STAGE}"
        input:
            inputs_of(STAGE),
        output:
            str(RUN.manifest(STAGE)),
            str(RUN.notebooks / f"{STAGE}.ipynb"),
        params:
            stage=STAGE,
            section=json.dumps(SECTIONS[STAGE], sort_keys=True),
            state=state_of_inputs(STAGE),
            run=RUN.name,
            python=sys.executable,
        resources:
            gres=GPU if STAGE in ON_GPU else "",
        threads: workflow.cores if STAGE in WIDE else int(SECTIONS[STAGE].get("threads") or 1)
        shell:
            "exec {params.python} -m helpers.chain {params.stage} --run {params.run} "
            '--params "$HELPERS_PARAMS" --threads {threads}'
