"""A stage trains under its notebook's parameters without the notebook, and a file for a GPU does so on a CPU."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.findings import ORIGINAL
from helpers.generators.enlarging import enlarger
from helpers.generators.enlarging.enlarger import Enlarger, EnlargerShape
from helpers.generators.launch import launch, main
from helpers.generators.processes import Processes
from helpers.generators.sources import complete_specs, load
from helpers.parameters import read_params
from helpers.pixels import PixelFile, place
from helpers.provenance import notebook_parameters
from helpers.runs import NOTEBOOKS, Run
from helpers.tables import cohort_schema, write_table

NAMES, CELLS = ORIGINAL.names, ORIGINAL.cells
condition = ORIGINAL.condition
COHORT = cohort_schema(ORIGINAL)

MODELS = {"02_train_gan": "gan", "03_train_diffusion": "text_to_image"}


def make_cohort(run, size, drawn_size=None, count=8, fold=2):
    """A cohort of noise, of which generators draw ``drawn_size`` pixels, and its enlarger, untrained."""
    names = [f"image-{index}" for index in range(count)]
    file = PixelFile.create(run.folder / "cohort" / "images.npy", count, size)
    for index in range(count):
        file.write(index, np.random.default_rng(index).integers(0, 256, (size, size), dtype=np.uint8))
    paths = [place("cohort/images.npy", index) for index in range(count)]
    table = pd.DataFrame({"image_id": names, "path": paths, "patient_id": names, "split": "train"})
    ORIGINAL.write(run.findings)
    states = {name: [(index >> place) % 2 for index in range(count)] for place, name in enumerate(NAMES)}
    write_table(table.assign(view="PA", age=50, sex="F", **states), run.folder / "cohort" / "cohort.csv", COHORT)
    run.manifest("01_cohort").write_text(json.dumps({"parameters": {"size": size, "drawn_size": drawn_size}}))
    small = drawn_size or size
    shape = EnlargerShape(size=small, factor=size // small, fold=fold, width=8, blocks=1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        enlarger.save(run.stage_folder("02_train_enlarger"), Enlarger(shape), {})


def trained(run, kind):
    (spec,) = complete_specs([{"source": kind, "kind": kind}], run, size=256)
    return load(spec, ORIGINAL)


def parameters(stage, file, **changes):
    return notebook_parameters(stage) | read_params(NOTEBOOKS / "params" / file)[stage] | changes


@pytest.mark.parametrize(("stage", "kind"), MODELS.items())
def test_the_file_for_a_gpu_trains_and_samples_on_a_cpu(workspace, stage, kind):
    run = Run("gpu")
    make_cohort(run, size=256, fold=4)
    given = parameters(stage, "gpu-256.yaml", budget={"steps": 2}, batch=2, snapshot_every=0, threads=1)
    # On a CPU a step of networks as wide as in the file takes ten seconds or a gigabyte.
    narrower = {name: given[name] for name in ("channels", "width", "widest") if name in given}
    given |= {
        name: [width // 4 for width in value] if isinstance(value, list) else value // 4
        for name, value in narrower.items()
    }
    launch(stage, run, given, Processes())
    options = {"steps": 1} if kind == "text_to_image" else {}
    images = trained(run, kind).sample(condition(CELLS[0]), [1], **options)
    assert images.shape == (1, 256, 256) and np.isfinite(images).all()


@pytest.mark.parametrize(("stage", "kind"), MODELS.items())
def test_the_command_trains_what_the_notebook_would(workspace, stage, kind):
    run = Run("small")
    make_cohort(run, size=32, drawn_size=16)
    assert main([stage, "--run", "small", "--params", str(NOTEBOOKS / "params" / "test.yaml")]) == 0
    assert (run.stage_folder(stage) / "snapshots.csv").is_file()
    launched = trained(run, kind).sha256
    other = Run("other")
    make_cohort(other, size=32, drawn_size=16)
    launch(stage, other, parameters(stage, "test.yaml"), Processes())
    assert trained(other, kind).sha256 == launched


def test_a_run_without_a_cohort_is_said(workspace, capsys):
    assert main(["02_train_gan", "--run", "none", "--params", str(NOTEBOOKS / "params" / "test.yaml")]) == 2
    assert "run notebooks/01_cohort.ipynb" in capsys.readouterr().err
