"""Every source fills every cell, and only what is missing, or what other code or options would make, is made."""

import multiprocessing
import os
import signal
from shutil import copytree, ignore_patterns, rmtree
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from small_pipeline import small_pipeline

from helpers import dependencies, tables
from helpers import pixels as pixel_files
from helpers.errors import SampleError
from helpers.files import read_gray, sha256, write_png
from helpers.findings import ORIGINAL, Findings
from helpers.generators import sampling
from helpers.generators.image_generator import ImageGenerator
from helpers.generators.sources import KINDS, complete_specs, load
from helpers.generators.text_to_image import BATCH
from helpers.pixels import read_image
from helpers.runs import Run

NAMES, CELLS = ORIGINAL.names, ORIGINAL.cells
condition = ORIGINAL.condition
COHORT = tables.cohort_schema(ORIGINAL)

ONE = Findings.from_section(["atelectasis"])
CELLS_USED = ONE.cells


class Drawer(ImageGenerator):
    """Draws noise whose brightness is the first state of the condition, and remembers what it was asked for."""

    def __init__(self, sha256="a" * 64):
        self.sha256, self.asked = sha256, []

    def sample(self, condition, seeds, truncation=1.0, **others):
        self.asked += [int(seed) for seed in seeds]
        images = [np.random.default_rng([seed, int(condition[0]) + 1]).random((8, 8)) for seed in seeds]
        return np.float32(images) * truncation


def drawer_of(kind, **attributes):
    """A ``Drawer`` whose class lies in the module of a kind of generator."""
    return type("Drawer", (Drawer,), {"__module__": f"helpers.generators.{kind}", **attributes})()


@pytest.fixture
def study(workspace, monkeypatch):
    """A run whose GAN is a ``Drawer``; ``study.sample(**changes)`` samples it, ``study.drawer`` may be exchanged."""
    study = SimpleNamespace(run=Run("test"), drawer=drawer_of("gan"))
    monkeypatch.setattr(sampling, "load", lambda spec, findings: study.drawer)

    def sample(per_cell=3, seed=1, workers=2, truncation=0.8, source="gan"):
        specs = complete_specs([{"source": source, "kind": "gan"}], study.run, truncation=truncation)
        study.drawer.asked.clear()
        return sampling.sample_cells(specs, ONE, per_cell=per_cell, seed=seed, run=study.run, workers=workers)

    def part(cell, per_cell=3, seed=1, truncation=0.8):
        (spec,) = complete_specs([{"source": "gan", "kind": "gan"}], study.run, truncation=truncation)
        study.drawer.asked.clear()
        return sampling.sample_part(spec, cell, ONE, per_cell=per_cell, seed=seed, run=study.run)

    study.sample, study.part = sample, part
    study.folder = study.run.stage_folder("04_sample")
    return study


def pixels(study) -> str:
    return sha256(study.folder / "gan" / "images.npy")


def test_the_table_names_every_image(study):
    study.sample()
    stored = tables.read_table(study.folder / "samples.csv", tables.SAMPLES)
    assert stored["image_id"].tolist()[3] == "gan-atelectasis_absent-00000"
    assert stored.groupby(["finding", "present"]).size().tolist() == [3, 3]
    assert set(stored["checkpoint"]) == {"a" * 64} and stored["guidance"].isna().all()
    for path in stored["path"]:
        assert read_image(study.run.folder / path).shape == (8, 8)


def test_an_image_in_the_table_can_be_made_again_from_its_seed(study):
    row = study.sample().iloc[4]
    image = study.drawer.sample(condition(CELLS_USED[1]), [row["seed"]], truncation=0.8)[0]
    assert np.abs(read_image(study.run.folder / row["path"]) - image).max() < 1 / 255


def test_workers_and_shards_change_nothing(study, monkeypatch):
    study.sample(per_cell=7, workers=1)
    alone = pixels(study)
    monkeypatch.setattr(sampling, "SHARD", 2)
    study.sample(seed=2)
    study.sample(per_cell=7, workers=3)
    assert pixels(study) == alone


def test_a_full_shard_is_whole_batches_of_a_pipeline():
    assert sampling.SHARD % BATCH == 0


def test_finished_images_are_not_made_again(study):
    study.sample()
    study.sample()
    assert study.drawer.asked == []
    table = study.sample(per_cell=5)
    assert sorted(study.drawer.asked) == sorted(table["seed"][table.index % 5 >= 3])


def test_half_written_images_are_made_again(study):
    table = study.sample()
    before = pixels(study)
    np.load(study.folder / "gan" / "images.npy", mmap_mode="r+")[:2, 4:] = 0
    study.sample()
    assert sorted(study.drawer.asked) == sorted(table["seed"][:2])
    assert pixels(study) == before


def test_a_sampling_that_was_stopped_goes_on(study, monkeypatch):
    monkeypatch.setattr(sampling, "SHARD", 1)
    draw, left = study.drawer.sample, [4]

    def stop_after_four(*arguments, **options):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return draw(*arguments, **options)

    study.drawer.sample = stop_after_four
    with pytest.raises(KeyboardInterrupt):
        study.sample(workers=1)
    assert not (study.folder / "samples.csv").exists()
    study.drawer.sample = draw
    assert len(study.sample()) == 6 and len(study.drawer.asked) == 2


def test_killed_while_an_image_is_written_what_was_noted_is_kept(study, monkeypatch):
    monkeypatch.setattr(sampling, "SHARD", 2)
    write, written = pixel_files.write_at, []

    def half(file, pixels, offset):
        written.append(offset)
        if len(written) == 5:
            write(file, pixels[: len(pixels) // 2], offset)
            os.kill(os.getpid(), signal.SIGKILL)
        return write(file, pixels, offset)

    def killed():
        pixel_files.write_at = half
        study.sample(workers=1)

    process = multiprocessing.get_context("fork").Process(target=killed)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert len(study.sample()) == 6 and len(study.drawer.asked) == 2 + 1  # a shard of two holds images of one cell


def test_parts_that_were_made_ahead_are_taken_over_and_are_the_same_images(study):
    study.sample(per_cell=7)
    together = pixels(study)
    rmtree(study.folder)
    for cell in CELLS_USED:
        study.part(cell, per_cell=7)
        assert len(study.drawer.asked) == 7
    study.sample(per_cell=7)
    assert study.drawer.asked == [] and pixels(study) == together
    assert not list(study.folder.rglob(".parts"))


def test_of_parts_only_what_is_whole_and_was_asked_for_is_taken_over(study):
    present, _ = (study.part(cell) for cell in CELLS_USED)
    np.load(present / "images.npy", mmap_mode="r+")[1] = 0
    table = study.sample()
    assert study.drawer.asked == [table["seed"][1]]
    study.part(CELLS_USED[0], truncation=0.1)
    study.sample(seed=2)
    assert len(study.drawer.asked) == 6


def test_a_part_makes_what_neither_the_run_nor_an_earlier_attempt_has(study):
    table = study.sample(per_cell=5)
    study.sample(per_cell=2)
    study.part(CELLS_USED[0], per_cell=4)
    assert study.drawer.asked == table["seed"][2:4].tolist()
    study.part(CELLS_USED[0], per_cell=5)
    assert study.drawer.asked == [table["seed"][4]]


@pytest.mark.parametrize("change", [{"seed": 2}, {"truncation": 0.5}])
def test_other_seeds_and_options_make_all_images_again(study, change):
    study.sample()
    study.sample(**change)
    assert len(study.drawer.asked) == 6


def test_other_weights_make_all_images_again(study):
    study.sample()
    study.drawer.sha256 = "b" * 64
    assert set(study.sample()["checkpoint"]) == {"b" * 64} and len(study.drawer.asked) == 6


def test_other_words_under_the_same_name_make_all_images_again(study):
    told = {"templates": ("mine",), "prompt": lambda self, condition, template: self.words}
    study.drawer = drawer_of("text_to_image", words="effusion", **told)
    study.sample()
    study.sample()
    assert study.drawer.asked == []
    study.drawer.words = "large effusion"
    assert set(study.sample()["prompt"]) == {"large effusion"} and len(study.drawer.asked) == 6


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the project's package, which counts as the code that makes images; ``package(file)`` edits a file."""
    folder = tmp_path / "src" / "helpers"
    copytree(dependencies.PACKAGE, folder, ignore=ignore_patterns("__pycache__"))
    monkeypatch.setattr(dependencies, "PACKAGE", folder)

    def edit(file):
        with (folder / file).open("a") as opened:
            opened.write("\nlater: 1\n")
        dependencies._imports_of.cache_clear()
        dependencies._meaning.cache_clear()

    return edit


@pytest.mark.parametrize(
    ("file", "made_again"),
    [
        ("generators/gan.py", {"gan"}),
        ("generators/prompts/templates.yaml", {"text_to_image"}),
        ("cohort/preprocess.py", {"external"}),
        ("files.py", set(KINDS)),
        ("generators/sources.py", set()),
    ],
)
def test_edited_code_makes_again_the_images_of_the_kinds_that_run_it(workspace, monkeypatch, package, file, made_again):
    run, drawers = Run("test"), {kind: drawer_of(kind) for kind in KINDS}
    monkeypatch.setattr(sampling, "load", lambda spec, findings: drawers[spec["kind"]])
    specs = complete_specs([{"source": kind, "kind": kind, "path": kind} for kind in KINDS], run, size=8)

    def asked_kinds():
        for drawer in drawers.values():
            drawer.asked.clear()
        sampling.sample_cells(specs, ONE, per_cell=1, seed=1, run=run)
        return {kind for kind, drawer in drawers.items() if drawer.asked}

    assert asked_kinds() == set(KINDS)
    assert asked_kinds() == set()
    package(file)
    assert asked_kinds() == made_again


def test_images_that_nobody_asks_for_any_more_are_removed(study):
    study.sample(source="old")
    study.sample(per_cell=5)
    study.sample(per_cell=2)
    assert not (study.folder / "old").exists()
    assert len(np.load(study.folder / "gan" / "images.npy")) == 4


@pytest.mark.parametrize("level", [0.5, np.nan])
def test_output_that_is_no_image_stops_the_sampling(study, level):
    study.drawer.sample = lambda condition, seeds, **options: np.full((len(seeds), 8, 8), level)
    with pytest.raises(SampleError, match="gan, "):
        study.sample()
    assert not (study.folder / "samples.csv").exists()


def test_the_pipeline_that_a_run_has_trained_joins_by_its_folder(workspace):
    run = Run("test")
    folder = run.stage_folder("03_train_diffusion") / "pipeline"
    small_pipeline().save_pretrained(folder)
    specs = complete_specs([{"source": "diffusion", "kind": "text_to_image"}], run, guidance=2.0, steps=2, size=16)
    table = sampling.sample_cells(specs, ONE, per_cell=3, seed=1, run=run, workers=2)
    assert set(table["checkpoint"]) == {sha256(folder)} and set(table["guidance"]) == {2.0}
    assert table["prompt"].tolist() == ["atelectasis"] * 3 + ["no findings"] * 3
    by_hand = load(specs[0], ONE)
    again = by_hand.sample(ONE.condition(CELLS_USED[0]), [int(table["seed"][2])], guidance=2.0, steps=2)[0]
    assert np.abs(read_image(run.folder / table["path"][2]) - again).max() <= 0.5 / 255 + 1e-6


def test_examples_are_the_first_images_of_each_cell(study):
    samples = study.sample()
    cohort = tables.validate(
        samples.assign(
            patient_id=samples["image_id"], split=["test"] * 4 + ["train"] * 2, view="PA", age=50.0, sex="F",
            atelectasis=samples["present"], lung_opacity=None, pleural_effusion=None, enlarged_cardiac_silhouette=None,
        )[[name for name, column in COHORT.columns.items() if column.required]],
        COHORT,
    )  # fmt: skip
    shown = sampling.examples(cohort, samples, ORIGINAL, study.run, count=2)
    assert {source: [len(images) for images in cells.values()] for source, cells in shown.items()} == {
        "real": [2, 1],
        "gan": [2, 2],
    }


def test_images_that_exist_already_join_as_a_source_and_give_what_they_have(workspace):
    for number, cell in enumerate(CELLS_USED):
        for index in range(2 + number):
            image = np.random.default_rng([number, index]).random((8, 8))
            write_png(workspace / "mine" / cell.label / f"{index}.png", image)
    run = Run("test")
    specs = complete_specs([{"source": "mine", "kind": "external", "path": "mine"}], run, size=8, steps=3)
    table = sampling.sample_cells(specs, ONE, per_cell=3, seed=1, run=run)
    assert table.groupby("present").size().to_dict() == {1: 2, 0: 3} and table["seed"].isna().all()
    shown = read_image(run.folder / table["path"][1])
    assert np.array_equal(shown, read_gray(workspace / "mine" / CELLS_USED[0].label / "1.png"))


def test_a_real_image_stands_for_one_cell_while_others_are_left(workspace):
    run = Run("pilot")
    for number in range(8):
        write_png(run.folder / f"{number}.png", np.full((8, 8), number / 10))
    names = [f"{number}" for number in range(8)]
    cohort = pd.DataFrame({"image_id": names, "path": [f"{n}.png" for n in names], "split": "test"})
    cohort = cohort.assign(**dict.fromkeys(NAMES, 1))
    shown = sampling.examples(cohort, pd.DataFrame(columns=list(tables.SAMPLES.columns)), ORIGINAL, run, count=2)[
        "real"
    ]
    levels = [round(float(image.mean()) * 10) for images in shown.values() for image in images]
    assert sorted(levels) == list(range(8))
