"""Whoever wants to look at images gets PNG files; whoever doubts them can check them."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from helpers.errors import StudyError
from helpers.findings import ORIGINAL
from helpers.generators.external import load
from helpers.image_files import main
from helpers.pixels import ImageStore, place
from helpers.tables import SAMPLES, cohort_schema, write_table

CELLS, NAMES, COHORT = ORIGINAL.cells, ORIGINAL.names, cohort_schema(ORIGINAL)


@pytest.fixture
def run_folder(tmp_path):
    """A run with a cohort and a source, both of the same six images of noise."""
    images = np.random.default_rng(0).integers(0, 256, (6, 8, 8), dtype=np.uint8)
    rows = []
    for folder in ("cohort", "samples/gan"):
        store = ImageStore(tmp_path / folder)
        store.arrange({f"i{number}": "key" for number in range(6)}, 8)
        for number, image in enumerate(images):
            store.note({f"i{number}": {"key": "key", "sha256": store.put(f"i{number}", image), "facts": {}}})
    for number in range(6):
        cell = CELLS[number % 2]
        row = {"image_id": f"i{number}", "patient_id": "p", "split": "test", "source": "gan", "finding": cell.finding}
        rows.append(row | {"present": cell.present} | dict.fromkeys(NAMES, 1))
    for folder, schema, name in (("cohort", COHORT, "cohort"), ("samples/gan", SAMPLES, "samples")):
        table = pd.DataFrame(rows).assign(path=[place(f"{folder}/images.npy", number) for number in range(6)])
        columns = [column for column in schema.columns if column != "template"]
        write_table(table.reindex(columns=columns), tmp_path / folder.split("/")[0] / f"{name}.csv", schema)
    return tmp_path


def test_png_files_show_the_same_pixels(run_folder, tmp_path):
    said = main(["export", str(run_folder / "cohort" / "cohort.csv"), str(tmp_path / "out")])
    assert said == f"6 PNG files in {tmp_path / 'out'}"
    shown = np.stack([np.asarray(Image.open(tmp_path / "out" / f"i{number}.png")) for number in range(6)])
    assert np.array_equal(shown, np.load(run_folder / "cohort" / "images.npy"))


def test_a_few_are_chosen_evenly(run_folder, tmp_path):
    main(["export", str(run_folder / "cohort" / "cohort.csv"), str(tmp_path / "out"), "--images", "2"])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["i0.png", "i3.png"]


def test_exported_samples_can_be_a_source_of_another_study(run_folder, tmp_path):
    main(["export", str(run_folder / "samples" / "samples.csv"), str(tmp_path / "out")])
    source = load({"source": "again", "kind": "external", "path": str(tmp_path / "out" / "gan"), "size": 8})
    assert {cell: len(files) for cell, files in source.files.items()} == {CELLS[0]: 3, CELLS[1]: 3}


def test_a_damaged_image_is_named(run_folder):
    assert main(["check", str(run_folder / "cohort")]).endswith("all 6 images are as they were written")
    np.load(run_folder / "cohort" / "images.npy", mmap_mode="r+")[4, 0, 0] ^= 1
    with pytest.raises(StudyError, match=r"images.npy: 1 images are damaged: i4"):
        main(["check", str(run_folder / "cohort")])
