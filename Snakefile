# The chain: every stage is one notebook; its manifest is written last and says that the stage is whole.
# Run by `make study`, or by hand: snakemake --cores all --config run=quick params=notebooks/params/quick.yaml
import json
import os
import sys
from pathlib import Path

from helpers.dependencies import data_files_of, modules_of
from helpers.errors import StudyError
from helpers.parameters import read_params
from helpers.runs import NOTEBOOKS, PROJECT, STAGES, Run

AFTER = {
    "01_cohort": [],
    "02_train_gan": ["01_cohort"],
    "03_train_diffusion": ["01_cohort"],
    "04_sample": ["02_train_gan", "03_train_diffusion"],
    "05_image_metrics": ["04_sample"],
    "06_study_plan": ["04_sample"],
    "07_reading": ["06_study_plan"],
    "08_realism": ["07_reading"],
    "09_conditionality": ["07_reading"],
    "10_agreement_cues": ["05_image_metrics", "07_reading"],
    "11_power": ["08_realism", "09_conditionality"],
    "12_report": ["05_image_metrics", "08_realism", "09_conditionality", "10_agreement_cues", "11_power"],
}
# Stages whose work is spread over every core; the others leave room for a neighbour.
WIDE = ("01_cohort", "04_sample")

PARAMS = config.get("params", "notebooks/params/quick.yaml")
try:
    RUN = Run(config.get("run", Path(PARAMS).stem))
    SECTIONS = read_params(PARAMS)
except StudyError as error:
    sys.exit(f"{type(error).__name__}: {error}")

# Not among the rules' params: which file a section comes from is no reason to run a stage again.
os.environ["HELPERS_PARAMS"] = str(Path(PARAMS).resolve())


def files_named_in(section):
    """Parameters that name a file (a readings table, a label table) make that file an input."""
    paths = [PROJECT / value for value in section.values() if isinstance(value, str) and value]
    return [str(path) for path in paths if path.is_file()]


def inputs_of(stage):
    modules = modules_of(stage)
    return (
        [str(RUN.manifest(earlier)) for earlier in AFTER[stage]]
        + [str(NOTEBOOKS / f"{stage}.ipynb")]
        + [str(path) for path in modules + data_files_of(modules)]
        + files_named_in(SECTIONS[stage])
    )


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
            run=RUN.name,
            python=sys.executable,
        threads: workflow.cores if STAGE in WIDE else int(SECTIONS[STAGE].get("threads") or 1)
        shell:
            "exec {params.python} -m helpers.chain {params.stage} --run {params.run} "
            '--params "$HELPERS_PARAMS" --threads {threads}'
