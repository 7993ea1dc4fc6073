"""Every source fills every cell; images depend on seed and place alone, and only what is missing is made."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import tables
from helpers.errors import ParameterError, SampleError
from helpers.files import read_gray, sha256, write_png
from helpers.findings import CELLS, NAMES, condition
from helpers.generators import sampling
from helpers.generators.diffusion import CHUNK, CHUNK_ON_GPU, SCHEDULERS, ChestDiffusionPipeline, Denoiser
from helpers.runs import Run

CELLS_USED = CELLS[:2]


class Drawer:
    """Draws noise whose brightness is the first state of the condition, and remembers what it was asked for."""

    def __init__(self, checkpoint="a" * 64):
        self.checkpoint, self.asked = checkpoint, []

    def sample(self, condition, seeds, truncation=1.0):
        self.asked += [int(seed) for seed in seeds]
        images = [np.random.default_rng([seed, int(condition[0]) + 1]).random((8, 8)) for seed in seeds]
        return np.float32(images) * truncation


@pytest.fixture
def study(workspace, monkeypatch):
    """A run whose GAN is a ``Drawer``; ``study.sample(**changes)`` samples it, ``study.drawer`` may be exchanged."""
    study = SimpleNamespace(run=Run("test"), drawer=Drawer())
    monkeypatch.setattr(sampling, "load", lambda spec: study.drawer)

    def sample(per_cell=3, seed=1, workers=2, truncation=0.8, source="gan"):
        specs = sampling.complete_specs([{"source": source, "kind": "gan"}], study.run, truncation=truncation)
        study.drawer.asked.clear()
        return sampling.sample_cells(specs, CELLS_USED, per_cell=per_cell, seed=seed, run=study.run, workers=workers)

    study.sample = sample
    study.folder = study.run.stage_folder("04_sample")
    return study


def pixels(study) -> str:
    return sha256(study.folder / "gan" / CELLS_USED[0].label)


def test_the_table_names_every_image(study):
    study.sample()
    stored = tables.read_table(study.folder / "samples.csv", tables.SAMPLES)
    assert stored["image_id"].tolist()[3] == "gan-atelectasis_absent-00000"
    assert stored.groupby(["finding", "present"]).size().tolist() == [3, 3]
    assert set(stored["checkpoint"]) == {"a" * 64} and stored["guidance"].isna().all()
    for path in stored["path"]:
        assert read_gray(study.run.folder / path).shape == (8, 8)


def test_an_image_in_the_table_can_be_made_again_from_its_seed(study):
    row = study.sample().iloc[4]
    image = study.drawer.sample(condition(CELLS_USED[1]), [row["seed"]], truncation=0.8)[0]
    assert np.abs(read_gray(study.run.folder / row["path"]) - image).max() < 1 / 255


def test_workers_and_shards_change_nothing(study, monkeypatch):
    study.sample(per_cell=7, workers=1)
    alone = pixels(study)
    monkeypatch.setattr(sampling, "SHARD", 2)
    study.sample(seed=2)
    study.sample(per_cell=7, workers=3)
    assert pixels(study) == alone


def test_a_full_shard_is_whole_chunks_of_the_diffusion_model():
    """A chunk is filled up to its size: images that nobody asked for cost as much as the others."""
    assert sampling.SHARD % CHUNK == sampling.SHARD % CHUNK_ON_GPU == 0


def test_finished_images_are_not_made_again(study):
    study.sample()
    study.sample()
    assert study.drawer.asked == []
    table = study.sample(per_cell=5)
    assert sorted(study.drawer.asked) == sorted(table["seed"][table.index % 5 >= 3])


def test_missing_and_half_written_images_are_made_again(study):
    table = study.sample()
    before = pixels(study)
    first, second = (study.run.folder / path for path in table["path"][:2])
    first.unlink()
    second.write_bytes(second.read_bytes()[:40])
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


@pytest.mark.parametrize("change", [{"seed": 2}, {"truncation": 0.5}])
def test_other_seeds_and_options_make_all_images_again(study, change):
    study.sample()
    study.sample(**change)
    assert len(study.drawer.asked) == 6


def test_another_checkpoint_makes_all_images_again(study):
    study.sample()
    study.drawer = Drawer("b" * 64)
    assert set(study.sample()["checkpoint"]) == {"b" * 64} and len(study.drawer.asked) == 6


def test_images_that_nobody_asks_for_any_more_are_removed(study):
    study.sample(source="old")
    study.sample(per_cell=5)
    study.sample(per_cell=2)
    assert not (study.folder / "old").exists()
    assert len(list((study.folder / "gan").rglob("*.png"))) == 4


@given(st.sampled_from(CELLS), st.integers(0, 99_999), st.sampled_from(["gan", "diffusion"]))
def test_seeds_fit_a_table_and_differ(cell, index, source):
    seed = sampling.image_seed(1, source, cell, index)
    assert 0 <= seed < 2**48 and seed == sampling.image_seed(1, source, cell, index)
    others = [(2, source, cell, index), (1, source + "2", cell, index), (1, source, cell, index + 1)]
    assert seed not in [sampling.image_seed(*other) for other in others]


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.full((2, 8, 8), 0.5), "blank"),
        (np.full((2, 8, 8), np.nan), "not numbers"),
        (np.random.default_rng(0).random((2, 8, 8)) * 2, "not in 0..1"),
        (np.random.default_rng(0).random((2, 8, 9)), "shape"),
        (np.random.default_rng(0).random((1, 8, 8)), "shape"),
    ],
)
def test_output_that_is_no_image_is_refused(study, images, message):
    with pytest.raises(SampleError, match=f"gan.*{message}"):
        sampling.check(images, 2, "gan, AT present")
    study.drawer.sample = lambda condition, seeds, **options: np.resize(images, (len(seeds), *images.shape[1:]))
    if message != "shape":
        with pytest.raises(SampleError, match=message):
            study.sample()
        assert not (study.folder / "samples.csv").exists()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"kind": "gan"}, "source"),
        ({"source": "mine", "kind": "vae"}, "kind = 'vae'"),
        ({"source": "real", "kind": "gan"}, "'real' cannot be"),
        ({"source": "a/b", "kind": "gan"}, "'a/b' cannot be"),
        ({"source": "gan", "kind": "gan", "guidance": 2}, "no option guidance"),
        ({"source": "mine", "kind": "external"}, "path is missing"),
    ],
)
def test_a_spec_that_is_wrong_is_named(workspace, spec, message):
    with pytest.raises(ParameterError, match=message):
        sampling.complete_specs([spec], Run("test"))


def test_two_sources_of_one_name_are_refused(workspace):
    with pytest.raises(ParameterError, match="differ"):
        sampling.complete_specs([{"source": "gan", "kind": "gan"}] * 2, Run("test"))


def test_a_sources_own_options_count_before_the_common_ones(workspace):
    specs = [
        {"source": "diffusion", "kind": "diffusion"},
        {"source": "bold", "kind": "diffusion", "guidance": 5, "path": "elsewhere"},
    ]
    plain, bold = sampling.complete_specs(specs, Run("test"), guidance=2, steps=20, truncation=0.8)
    assert (plain["guidance"], bold["guidance"], bold["steps"]) == (2, 5, 20) and "truncation" not in plain
    assert plain["path"] == str(workspace / "data/runs/test/diffusion/pipeline")
    assert bold["path"] == str(workspace / "elsewhere")


def test_a_diffusion_pipeline_joins_by_its_folder(workspace):
    run = Run("test")
    pipeline = ChestDiffusionPipeline(Denoiser(size=16, unshuffle=4, channels=(16,)), SCHEDULERS["euler"]())
    for values in pipeline.denoiser.parameters():
        values.data.add_(torch.randn(values.shape, generator=torch.Generator().manual_seed(0)), alpha=0.1)
    pipeline.save_pretrained(run.stage_folder("03_train_diffusion") / "pipeline")
    specs = sampling.complete_specs([{"source": "diffusion", "kind": "diffusion"}], run, guidance=2.0, steps=2)
    table = sampling.sample_cells(specs, CELLS_USED, per_cell=3, seed=1, run=run, workers=2)
    assert set(table["checkpoint"]) == {pipeline.checkpoint} and set(table["guidance"]) == {2.0}
    by_hand = sampling.load(run.stage_folder("03_train_diffusion") / "pipeline")
    again = by_hand.sample(condition(CELLS_USED[0]), [int(table["seed"][2])], guidance=2.0, steps=2)[0]
    assert np.abs(read_gray(run.folder / table["path"][2]) - again).max() <= 0.5 / 255 + 1e-6


def test_examples_are_the_first_images_of_each_cell(study):
    samples = study.sample()
    cohort = tables.validate(
        samples.assign(
            patient_id=samples["image_id"], split=["test"] * 4 + ["train"] * 2, view="PA", age=50.0, sex="F",
            atelectasis=samples["present"], lung_opacity=None, pleural_effusion=None, enlarged_cardiac_silhouette=None,
        )[list(tables.COHORT.columns)],
        tables.COHORT,
    )  # fmt: skip
    shown = sampling.examples(cohort, samples, study.run, count=2)
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
    specs = sampling.complete_specs([{"source": "mine", "kind": "external", "path": "mine"}], run, size=8, steps=3)
    table = sampling.sample_cells(specs, CELLS_USED, per_cell=3, seed=1, run=run)
    assert table.groupby("present").size().to_dict() == {1: 2, 0: 3} and table["seed"].isna().all()
    shown = read_gray(run.folder / table["path"][1])
    assert np.array_equal(shown, read_gray(workspace / "mine" / CELLS_USED[0].label / "1.png"))


def test_a_real_image_stands_for_one_cell_while_others_are_left(workspace):
    run = Run("pilot")
    for number in range(8):
        write_png(run.folder / f"{number}.png", np.full((8, 8), number / 10))
    names = [f"{number}" for number in range(8)]
    cohort = pd.DataFrame({"image_id": names, "path": [f"{n}.png" for n in names], "split": "test"})
    cohort = cohort.assign(**dict.fromkeys(NAMES, 1))
    shown = sampling.examples(cohort, pd.DataFrame(columns=list(tables.SAMPLES.columns)), run, count=2)["real"]
    levels = [round(float(image.mean()) * 10) for images in shown.values() for image in images]
    assert sorted(levels) == list(range(8))
