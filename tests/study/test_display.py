"""The display pipeline: alike on the outside, true on the inside; and the gate that looks for what is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.metrics import roc_auc_score

from helpers.errors import PlanError
from helpers.files import read_gray, write_png
from helpers.findings import ORIGINAL
from helpers.study.display import (
    auc,
    display_files,
    encoder_facts,
    encoder_gate,
    encoder_gate_by_source,
    image_paths,
    image_size,
    render,
    write_display,
)
from helpers.study.plan import make_plan
from helpers.study.settings import PlanSettings


@pytest.fixture(scope="module")
def shown(small_run, tmp_path_factory):
    """A plan, the paths of its images, and the folder of its display files."""
    run, cohort, samples = small_run
    asked = PlanSettings(["ada"], 1, pairs_per_cell=1, conditionality_per_cell=2, practice_per_task=1)
    plan = make_plan(cohort, samples, asked, ORIGINAL)
    folder = tmp_path_factory.mktemp("plan")
    write_display(plan, image_paths(cohort, samples, run), 32, folder)
    return plan, image_paths(cohort, samples, run), folder


def test_pixels_of_the_right_size_pass_unchanged(tmp_path):
    levels = np.random.default_rng(0).integers(0, 256, (32, 32))
    write_png(tmp_path / "x.png", levels / 255)
    assert (render(tmp_path / "x.png", 32) == levels).all()


def test_any_depth_colour_and_size_becomes_8_bit_gray_of_one_size(tmp_path):
    Image.fromarray(np.full((50, 50), 32896, np.uint16)).save(tmp_path / "deep.png")
    Image.new("RGBA", (50, 50), (128, 128, 128, 255)).save(tmp_path / "colour.png")
    for name in ("deep.png", "colour.png"):
        image = render(tmp_path / name, 32)
        assert image.dtype == np.uint8 and image.shape == (32, 32) and (image == 128).all()


def test_every_planned_image_is_displayed_under_a_name_that_says_nothing(shown):
    plan, paths, folder = shown
    files = display_files(folder)
    wanted = plan.trials.images.str.split("|").explode()
    assert set(files) == set(wanted)
    assert sorted(path.name for path in (folder / "display").iterdir()) == sorted(path.name for path in files.values())
    for image_id, path in files.items():
        assert len(path.stem) == 20 and set(path.stem) <= set("0123456789abcdef")
        assert np.array_equal(read_gray(path), read_gray(paths[image_id]))


def test_files_are_alike_in_bytes_and_have_no_metadata(shown):
    files = display_files(shown[2]).values()
    assert len({path.stat().st_size for path in files}) == 1
    for path in files:
        with Image.open(path) as image:
            assert image.mode == "L" and image.size == (32, 32) and image.info == {}


def test_files_of_an_earlier_plan_go(shown, tmp_path):
    plan, paths, _ = shown
    write_png(tmp_path / "display" / "old.png", np.zeros((4, 4)))
    write_display(plan, paths, 32, tmp_path)
    assert not (tmp_path / "display" / "old.png").exists()


def test_a_cohort_image_must_be_square(tmp_path):
    write_png(tmp_path / "wide.png", np.zeros((10, 20)))
    with pytest.raises(PlanError, match="20 x 10"):
        image_size(tmp_path / "wide.png")


def made_files(folder, odd=lambda image, rng: image, count=40):
    """``count`` real and as many synthetic files of the same noise; ``odd`` is done to the synthetic ones."""
    rng, files, sources = np.random.default_rng(0), {}, {}
    for i in range(2 * count):
        image = rng.uniform(0.1, 0.9, (24, 24))
        image = odd(image, rng) if i % 2 else image
        files[f"i{i}"], sources[f"i{i}"] = folder / f"{i}.png", "gan" if i % 2 else "real"
        write_png(files[f"i{i}"], image)
    return files, sources


def gate_of(files, sources):
    facts = encoder_facts(files).assign(byte_count=0)
    return encoder_gate(facts, sources, seed=1, resamples=200).set_index("facts")


def test_the_gate_is_at_chance_where_the_encoding_is_alike(tmp_path):
    gate = gate_of(*made_files(tmp_path))
    assert gate.low["all"] < 0.5 < gate.high["all"]
    assert gate.loc["bit_depth", ["auc", "low", "high"]].tolist() == [0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    ("fact", "odd"),
    [
        ("histogram_gaps", lambda image, rng: np.rint(image * 31) / 31),
        ("border_step", lambda image, rng: np.pad(image[1:-1, 1:-1], 1)),
        ("brightest", lambda image, rng: np.where(rng.random(image.shape) < 0.1, 1.0, image)),
    ],
)
def test_the_gate_finds_what_gives_synthetic_images_away(tmp_path, fact, odd):
    gate = gate_of(*made_files(tmp_path, odd))
    assert gate.auc["all"] > 0.95 and gate.low["all"] > 0.5
    assert gate.auc[fact] > 0.95


def test_each_source_has_a_gate_of_its_own(tmp_path):
    files, sources = made_files(tmp_path, count=60)
    banded = [image_id for image_id in files if sources[image_id] == "gan"][::2]
    for image_id in banded:
        write_png(files[image_id], np.rint(read_gray(files[image_id]) * 31) / 31)
    sources |= dict.fromkeys(banded, "banded")
    gate = encoder_gate_by_source(encoder_facts(files).assign(byte_count=0), sources, seed=1, resamples=200)
    gate = gate.set_index("source")
    assert list(gate.index) == ["banded", "gan"] and gate.n.tolist() == [90, 90]
    assert gate.low["banded"] > 0.9 and gate.low["gan"] < 0.6


def test_the_gate_needs_both_kinds_of_images(tmp_path):
    files, sources = made_files(tmp_path, count=3)
    with pytest.raises(PlanError, match="two real and two synthetic"):
        encoder_gate(encoder_facts(files), dict.fromkeys(sources, "real"), 1)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auc_agrees_with_scikit_learn(pairs):
    scores, positive = (np.array(column) for column in zip(*pairs, strict=True))
    if 0 < positive.sum() < len(positive):
        assert auc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))
