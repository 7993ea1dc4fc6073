"""A small made-up cohort and its samples: tables, and images where a test looks at pixels; a folder in memory."""

import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from server_of_its_own import postgresql_server, skip_without_postgresql

from helpers.files import write_png
from helpers.findings import ORIGINAL
from helpers.study.store import Store
from helpers.tables import PLAN, SAMPLES, cohort_schema, required_columns, validate

NAMES, CELLS = ORIGINAL.names, ORIGINAL.cells
COHORT = cohort_schema(ORIGINAL)


def make_cohort(count: int, seed: int = 0, prevalence: float = 0.4, unknown: float = 0.1) -> pd.DataFrame:
    """Cohort table; about 60 % train, 10 % validate, 30 % test, one image per patient."""
    rng = np.random.default_rng(seed)
    split = rng.choice(["train", "validate", "test"], size=count, p=[0.6, 0.1, 0.3])
    table = pd.DataFrame(
        {
            "image_id": [f"made-up-{i:05d}" for i in range(count)],
            "path": [f"cohort/images/made-up-{i:05d}.png" for i in range(count)],
            "patient_id": [f"p{i}" for i in range(count)],
            "split": split,
            "view": "PA",
            "age": 50.0,
            "sex": "F",
        }
    )
    for name in NAMES:
        known = rng.random(count) > unknown
        table[name] = pd.array(np.where(known, rng.random(count) < prevalence, None), dtype="Int64")
    return validate(table, COHORT)


def make_samples(per_cell: int, sources=("gan", "diffusion")) -> pd.DataFrame:
    """Samples table with as many images in every cell of every source."""
    rows = [
        {
            "image_id": f"{source}-{cell.label}-{i:05d}",
            "path": f"samples/{source}/{cell.label}/{i:05d}.png",
            "source": source,
            "finding": cell.finding,
            "present": cell.present,
            "prompt": None,
            "seed": i,
            "guidance": None,
            "checkpoint": None,
        }
        for source in sources
        for cell in CELLS
        for i in range(per_cell)
    ]
    return validate(pd.DataFrame(rows, columns=list(SAMPLES.columns)), SAMPLES)


def draw_chest(states, size: int, rng: np.random.Generator, grain: float = 0.03) -> np.ndarray:
    """Crude chest, float32 (size, size) in 0..1: lungs, ribs, heart, and a mark for each finding that is present."""
    y, x = np.mgrid[0:size, 0:size] / size
    image = 0.75 - 0.4 * ((np.abs(x - 0.5) > 0.08) & (np.abs(x - 0.5) < 0.36) & (y > 0.15) & (y < 0.85))
    image += 0.05 * np.sin(2 * np.pi * (y * 10 + rng.random())) * (np.abs(x - 0.5) > 0.08)
    image += 0.2 * (((x - 0.55) / (0.2 if states[3] == 1 else 0.13)) ** 2 + ((y - 0.65) / 0.15) ** 2 < 1)
    marks = ((0, 0.35, 0.75), (1, 0.3, 0.4), (2, 0.75, 0.8))
    for finding, cx, cy in marks:
        if states[finding] == 1:
            image += rng.uniform(0.1, 0.3) * np.exp(-(((x - cx) / 0.07) ** 2) - ((y - cy) / 0.07) ** 2)
    image += grain * rng.standard_normal((size, size))
    return np.clip(image, 0, 1).astype(np.float32)


def draw_run(folder, cohort: pd.DataFrame, samples: pd.DataFrame, size: int = 32, seed: int = 0) -> None:
    """Write every image of both tables; those of ``gan`` are too noisy, those of ``diffusion`` nearly right."""
    rng = np.random.default_rng(seed)
    for row in cohort.itertuples():
        states = [0 if pd.isna(getattr(row, name)) else getattr(row, name) for name in NAMES]
        write_png(folder / row.path, draw_chest(states, size, rng))
    for row in samples.itertuples():
        states = [row.present if name == row.finding else 0 for name in NAMES]
        write_png(folder / row.path, draw_chest(states, size, rng, grain=0.07 if row.source == "gan" else 0.035))


def plan_table(count=6, readers=("ada", "ben")):
    rows = [
        {"reader": reader, "position": i + 1, "trial_id": f"{reader}-{i}", "images": f"image-{i}", "case": f"image-{i}"}
        for reader in readers
        for i in range(count)
    ]
    fixed = {"task": "conditionality", "finding": "atelectasis", "present": 1, "source": "real", "is_practice": False}
    table = pd.DataFrame(rows).assign(side=None, repeat_of=None, **fixed)
    return validate(table[required_columns(PLAN)], PLAN)


class MadeUp:
    """The makers above, for tests."""

    cohort = staticmethod(make_cohort)
    samples = staticmethod(make_samples)
    draw = staticmethod(draw_run)


@pytest.fixture
def made_up() -> type[MadeUp]:
    return MadeUp


@pytest.fixture(scope="session")
def small_run(tmp_path_factory):
    """Folder with images, cohort table and samples table, read only."""
    folder = tmp_path_factory.mktemp("small-run")
    cohort, samples = make_cohort(300, unknown=0.0), make_samples(4)
    draw_run(folder, cohort, samples)
    return folder, cohort, samples


@pytest.fixture(scope="session")
def tables(small_run):
    """Cohort and samples of the small run."""
    return small_run[1:]


@pytest.fixture(scope="session")
def plan_of():
    """Makes a plan in which each reader has so many trials of conditionality."""
    return plan_table


@pytest.fixture
def in_memory(tmp_path):
    """A folder that is kept in memory, where the system has such; with HELPERS_TESTS_ON_DISK it is on the disk."""
    if "HELPERS_TESTS_ON_DISK" in os.environ or not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture
def plan(plan_of):
    return plan_of()


@pytest.fixture
def database(tmp_path):
    return tmp_path / "readings.sqlite"


@pytest.fixture
def store(database, plan):
    store = Store(database, plan)
    yield store
    store.dispose()


@pytest.fixture(scope="session")
def postgresql():
    """Makes an empty database on a PostgreSQL server of this session's own; returns its address."""
    skip_without_postgresql()
    with postgresql_server() as new_database:
        yield new_database
