"""Whatever befalls a reader's database at a random moment, the same sitting goes on, and every answer is there once."""

import random

import pytest
from faults_of_reading import FAULTS, Sitting
from random_faults import Disk, damage, needed

SEEDS = range(1, 13)


@pytest.fixture
def sitting(tmp_path):
    needed()
    with Disk(tmp_path / "disk", 20) as disk:
        yield Sitting(disk, tmp_path / "words")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sitting_goes_on_after_a_fault(sitting, seed):
    outcome = sitting.disturb(seed)
    assert outcome.afterwards == "equal", outcome


def test_these_seeds_draw_every_fault():
    assert {random.Random(seed).choice(FAULTS) for seed in SEEDS} == set(FAULTS)


def test_an_answer_that_is_lost_or_altered_would_be_found(sitting):
    sitting.disturb(1)
    sitting.acknowledged.write_text("ada-99\n")
    assert sitting.compare(sitting.folder / "readings.sqlite").startswith("lost: ['ada-99']")
    database = sitting.folder / "readings.sqlite"
    database.write_bytes(database.read_bytes().replace(b'"rating": 2', b'"rating": 1'))
    assert sitting.compare(database).startswith("record: reader ada")


@pytest.mark.parametrize("seed", range(6))
def test_damage_changes_a_file(tmp_path, seed):
    file = tmp_path / "file"
    file.write_bytes(bytes(range(256)))
    how = damage(file, random.Random(seed))
    assert not file.exists() if how == "removed" else file.read_bytes() != bytes(range(256))
