"""The command that draws one source and cell for a cluster: what notebook 04 then does not draw again."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from helpers.findings import ORIGINAL
from helpers.generators import sampling
from helpers.generators.cell_images import part_folder
from helpers.generators.part import main
from helpers.generators.sources import specs_of
from helpers.notebooks import notebook_parameters
from helpers.pixels import ImageStore
from helpers.runs import Run


class Noise(SimpleNamespace):
    """Noise by its seed; remembers the seeds."""

    sha256, findings, templates, modules = "a" * 64, None, (), ("helpers.generators.gan",)

    def sample(self, condition, seeds, **options):
        self.asked.extend(seeds)
        return np.float32([np.random.default_rng(seed).random((8, 8)) for seed in seeds])

    def prompt(self, condition, template=None):
        return None

    def available(self, condition):
        return None


@pytest.fixture
def run(workspace, monkeypatch):
    run = Run("small")
    ORIGINAL.write(run.findings)
    run.manifest("01_cohort").write_text(json.dumps({"parameters": {"size": 8, "drawn_size": None}}))
    run.params.write_text(yaml.safe_dump({"04_sample": {"per_cell": 3, "sources": [{"source": "gan", "kind": "gan"}]}}))
    noise = Noise(asked=[])
    monkeypatch.setattr(sampling, "load", lambda spec, findings: noise)
    return SimpleNamespace(name="small", run=run, asked=noise.asked)


def test_a_command_for_each_cell_leaves_nothing_for_the_notebook_to_draw(run):
    for cell in ORIGINAL.cells:
        assert main(["gan", cell.label, "--run", run.name]) == 0
    assert len(ImageStore(part_folder(run.run, "gan", "atelectasis_present")).records()) == 3
    assert len(run.asked) == 3 * len(ORIGINAL.cells)
    parameters = notebook_parameters("04_sample") | yaml.safe_load(run.run.params.read_text())["04_sample"]
    given = {"per_cell": parameters["per_cell"], "seed": parameters["seed"], "run": run.run}
    table = sampling.sample_cells(specs_of(run.run, parameters), ORIGINAL, **given)
    assert len(run.asked) == len(table) == 3 * len(ORIGINAL.cells)


@pytest.mark.parametrize(
    ("words", "known"), [(["vae", "atelectasis_present"], "gan"), (["gan", "hernia"], "lung_opacity_absent")]
)
def test_a_part_that_the_study_does_not_have_is_named_with_those_it_has(run, capsys, words, known):
    assert main([*words, "--run", run.name]) == 2
    said = capsys.readouterr().err
    assert "run 'small' has " in said and known in said and run.asked == []
