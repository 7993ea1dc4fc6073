"""SynthCheX-75K as an external source: samples as its authors document them, made up."""

import importlib.util
import itertools

import pytest
from PIL import Image

from helpers.errors import SampleError
from helpers.findings import ORIGINAL
from helpers.generators import external
from helpers.runs import PROJECT

NAMES = (
    "Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Enlarged Cardiomediastinum", "Fracture", "Lung Lesion",
    "Lung Opacity", "No Finding", "Pleural Effusion", "Pleural Other", "Pneumonia", "Pneumothorax", "Support Devices",
)  # fmt: skip


@pytest.fixture(scope="module")
def synthchex():
    spec = importlib.util.spec_from_file_location("synthchex", PROJECT / "scripts" / "synthchex.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def samples(count: int):
    """Samples of which every third has pleural effusion, every fourth a large heart, every fifth an opacity."""
    for number in range(count):
        labels = dict.fromkeys(NAMES, 0) | {"Pleural Effusion": int(number % 3 == 0), "Cardiomegaly": number % 4 // 3}
        labels |= {"Lung Opacity": int(number % 5 == 0), "Atelectasis": number % 2}
        name = f"SyntheticImg_{number:08x}.png"
        yield {
            "image": Image.linear_gradient("L").convert("RGB"),
            "filename": name,
            "prompt": "Clear.",
            "labels_dict": labels,
        }


def test_every_cell_is_filled_with_images_of_its_own_that_have_its_label(synthchex, tmp_path):
    manifest = synthchex.write_source(samples(400), tmp_path, per_cell=6)
    labels = {sample["filename"]: sample["labels_dict"] for sample in samples(400)}
    assert manifest.groupby(["finding", "present"]).size().to_dict() == {
        (finding, present): 6 for finding, present in itertools.product(ORIGINAL.names, (0, 1))
    }
    assert manifest["path"].is_unique
    for row in manifest.itertuples():
        assert labels[row.path.removeprefix("images/")][synthchex.LABELS[row.finding]] == row.present


def test_a_study_reads_it_as_a_source(synthchex, tmp_path):
    synthchex.write_source(samples(400), tmp_path, per_cell=6)
    spec = {"source": "sana", "kind": "external", "path": str(tmp_path / "manifest.csv"), "size": 224}
    source = external.load(spec, ORIGINAL)
    images = source.sample(ORIGINAL.condition(ORIGINAL.cells[0]), [0, 5])
    assert images.shape == (2, 224, 224)
    with pytest.raises(SampleError, match="6 images of"):
        source.sample(ORIGINAL.condition(ORIGINAL.cells[0]), [6])


def test_an_uncertain_label_fits_no_cell(synthchex, tmp_path):
    unsure = dict.fromkeys(NAMES, -1)
    sample = {"image": Image.new("RGB", (8, 8)), "filename": "a.png", "prompt": "Perhaps.", "labels_dict": unsure}
    assert synthchex.write_source([sample], tmp_path, per_cell=1).empty
