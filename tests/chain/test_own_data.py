"""The whole study on a researcher's own images: an archive or a folder, and the findings that are asked of them."""

import base64
import json

import numpy as np
import pytest
import yaml
from faults_of_stages import same_command
from made_up_folder import make_folder
from made_up_mimic import make_mimic_tree
from random_faults import Child
from small_study import TEST_PARAMS, study

from helpers.files import write_png
from helpers.findings import DESCRIBED, MOST, Findings
from helpers.runs import Run

pytestmark = pytest.mark.chain


LARGE = {
    "name": "large_heart", "code": "LH", "title": "Large heart", "words": "large heart",
    "question": {"en": "a large heart", "es": "un corazón grande"},
    "labels": {"imagenome": ["enlarged cardiac silhouette"]},
}  # fmt: skip


def test_a_mimic_cxr_tree_with_images_and_a_finding_of_ones_own_runs_to_a_report_without_pictures_of_patients(
    workspace,
):
    tree = make_mimic_tree(workspace / "mimic", patients=300)
    sections = yaml.safe_load(TEST_PARAMS.read_text())
    sections["findings"] = ["pleural_effusion", LARGE]
    sections["01_cohort"] = {
        "cohort": "mimic_cxr", "folder": str(tree), "table": str(tree / "chest-imagenome"), "labels": "imagenome",
        "views": ["PA"], "split": "official",
        "fractions": None, "images": None, "size": 32, "drawn_size": None, "fit": "resize",
    }  # fmt: skip
    own = {"source": "my-model", "kind": "external", "path": str(workspace / "own")}
    sections["04_sample"]["sources"] = [own]
    sections["06_study_plan"]["tasks"] = ["realism_pair", "conditionality"]
    for stage in ("02_train_enlarger", "02_train_gan", "03_train_diffusion"):
        sections[stage] = {"train": False}
    dice = np.random.default_rng(1)
    for cell in Findings.from_section(sections["findings"]).cells:
        for number in range(6):
            write_png(workspace / "own" / cell.label / f"{number}.png", dice.random((40, 40)))
    params = workspace / "mimic.yaml"
    params.write_text(yaml.safe_dump(sections))
    study(workspace, "mimic", params)
    run = Run("mimic")
    pictures = [path for path in (run.figures / "images").glob("*.png")]
    assert len(pictures) >= 4
    everything = run.report.read_text() + "".join(path.read_text() for path in run.notebooks.glob("*.ipynb"))
    for picture in pictures:
        assert base64.b64encode(picture.read_bytes()).decode()[:400] not in everything
    assert "phantom" not in run.report.read_text().split("<h2")[0]
    numbers = json.loads(run.results.read_text())["numbers"]
    assert {"realism.my-model.accuracy", "conditionality.my-model.auc", "metrics.my-model.kid"} <= set(numbers)
    assert not any(name.startswith(("gan.", "diffusion.")) or "atelectasis" in name for name in numbers)
    assert "conditionality.my-model.auc.large_heart" in numbers
    assert "2 findings, each present or absent: Pleural effusion, Large heart." in run.report.read_text()
    assert "How the GAN was trained" not in run.report.read_text()


@pytest.mark.parametrize("asked", [["pneumothorax"], list(DESCRIBED)[:MOST]], ids=["one finding", "fourteen findings"])
def test_a_folder_of_images_runs_to_a_report_on_the_findings_that_were_asked(asked, workspace):
    """The GAN and the diffusion model of the study are trained, and every finding that was asked has its numbers."""
    findings = Findings.from_section(asked)
    table = make_folder(workspace / "own", findings)
    sections = yaml.safe_load(TEST_PARAMS.read_text()) | {"findings": asked}
    sections["01_cohort"] |= {"cohort": "folder", "folder": str(table.parent), "table": str(table), "images": None}
    sections["01_cohort"]["fractions"] = {"train": 0.6, "validate": 0.1, "test": 0.3}
    sections["04_sample"] |= {"guidance_sweep": [], "truncation_sweep": [], "emphasis_sweep": []}
    sections["06_study_plan"] |= {"tasks": ["realism_pair", "conditionality"]}
    sections["06_study_plan"] |= {"pairs_per_cell": 1, "conditionality_per_cell": 1}
    params = workspace / "own.yaml"
    params.write_text(yaml.safe_dump(sections))
    child = Child(lambda: same_command("own", params), workspace / "words")
    ended = child.wait(3600)
    child.kill()
    assert ended and child.said() == "finished", child.said()
    run = Run("own")
    page, numbers = run.report.read_text(), json.loads(run.results.read_text())["numbers"]
    assert {"realism.gan.accuracy", "metrics.diffusion.kid"} <= set(numbers)
    for source in ("gan", "diffusion", "real"):
        assert {f"conditionality.{source}.auc.{name}" for name in asked} <= set(numbers)
    assert all(finding.title in page for finding in findings)
    others = tuple(f".{name}" for name in DESCRIBED if name not in asked)
    assert not any(name.endswith(others) for name in numbers)
