"""Small made-up data sets for the tests of the cohorts."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_mimic import make_mimic_tree
from PIL import Image

from helpers.cohort.settings import Settings
from helpers.findings import ORIGINAL
from helpers.runs import PROJECT

NAMES = ORIGINAL.names

NIH = Path(os.environ.get("HELPERS_NIH_CXR14", PROJECT / "data" / "raw" / "nih-cxr-256"))


@pytest.fixture(scope="session")
def mimic_tree(tmp_path_factory) -> Path:
    """A made-up MIMIC-CXR-JPG folder of 40 patients; do not change it."""
    return make_mimic_tree(tmp_path_factory.mktemp("mimic"))


@pytest.fixture
def own_mimic_tree(tmp_path) -> Path:
    """A made-up MIMIC-CXR-JPG folder that the test may damage."""
    return make_mimic_tree(tmp_path / "mimic", patients=16)


@pytest.fixture
def nih_folder() -> Path:
    """Real NIH X-rays with labels.csv; the test is skipped where they are not there, as they cannot be passed on."""
    if not (NIH / "labels.csv").is_file():
        pytest.skip(f"no X-rays of ChestX-ray14 with labels.csv in {NIH}; $HELPERS_NIH_CXR14 may name their folder")
    return NIH.resolve()


class OwnData:
    """A folder of ten random images and its table; ``settings()`` reads it with split: patient."""

    def __init__(self, folder: Path, images: int = 10):
        self.folder, self.path = folder, folder / "labels.csv"
        dice = np.random.default_rng(0)
        (folder / "pictures").mkdir(parents=True)
        for number in range(images):
            gray = dice.integers(0, 256, (24, 20), dtype=np.uint8)
            Image.fromarray(gray).save(folder / "pictures" / f"chest{number}.png")
        self.table = pd.DataFrame(
            {
                "path": [f"pictures/chest{number}.png" for number in range(images)],
                "patient_id": [f"p{number}" for number in range(images)],
                **{name: [str(number % 2) for number in range(images)] for name in NAMES},
            }
        )

    def settings(self, **changes) -> Settings:
        """Settings to read the folder, after writing the table as it stands."""
        self.table.to_csv(self.path, index=False)
        return Settings(
            **({"kind": "folder", "folder": self.folder, "table": self.path, "size": 16, "workers": 1} | changes)
        )


@pytest.fixture
def own_data(tmp_path) -> OwnData:
    """A small folder cohort that the test may change."""
    return OwnData(tmp_path / "own")


@pytest.fixture(autouse=True)
def quiet_progress(monkeypatch, tmp_path):
    """Progress goes to a file, as under the chain."""
    monkeypatch.setenv("HELPERS_PROGRESS", os.fspath(tmp_path / "progress.json"))
