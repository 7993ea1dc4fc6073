"""A real but tiny Stable Diffusion pipeline, built here with random weights, becomes a source of the study."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
import yaml
from small_pipeline import small_pipeline

from helpers.errors import ParameterError, SampleError
from helpers.findings import ORIGINAL, Cell, Findings
from helpers.generators import sampling, sources
from helpers.generators.between import Between
from helpers.generators.text_to_image import load, to_gray
from helpers.pixels import read_image
from helpers.runs import Run

condition = ORIGINAL.condition

CELL = Cell("pleural_effusion", 1)
EFFUSION, ABSENT = condition(CELL), condition(Cell("pleural_effusion", 0))


def test_images_are_gray_of_the_run_size_and_show_something(generator):
    images = generator.sample(EFFUSION, [1, 2], guidance=4.0, steps=2)
    assert images.shape == (2, 12, 12)
    assert images.dtype == np.float32
    assert images.min() >= 0 and images.max() <= 1
    assert images.std() > 0.001


def test_an_image_depends_on_its_seed_alone_not_on_the_batch(generator):
    together = generator.sample(EFFUSION, [11, 12, 13, 14, 15, 16], guidance=4.0, steps=2)
    alone = generator.sample(EFFUSION, [15], guidance=4.0, steps=2)
    np.testing.assert_allclose(together[4], alone[0], atol=1e-5)
    assert np.abs(together[0] - together[1]).max() > 1e-3


def test_calls_from_several_threads_do_not_disturb_each_other(generator):
    def one(seed):
        return generator.sample(EFFUSION, [seed], guidance=4.0, steps=3)[0]

    expected = [one(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for image, other in zip(expected, pool.map(one, range(4)), strict=True):
            np.testing.assert_allclose(image, other, atol=1e-5)


@pytest.fixture(scope="module")
def xl_folder(tmp_path_factory):
    """A pipeline of the class whose words are made vectors apart from drawing."""
    folder = tmp_path_factory.mktemp("xl")
    small_pipeline().save_pretrained(folder)
    return folder


@pytest.fixture
def xl(xl_folder):
    """It as a source with some settings."""

    def with_settings(**settings):
        return load({"source": "own", "kind": "text_to_image", "path": str(xl_folder), "size": 16} | settings, ORIGINAL)

    return with_settings


def test_several_threads_draw_the_images_of_one(xl):
    own = xl()

    def one(seed):
        return own.sample(EFFUSION if seed % 2 else ABSENT, [seed], guidance=3.0, steps=3 + seed)[0]

    expected = [one(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for image, other in zip(expected, pool.map(one, range(4)), strict=True):
            np.testing.assert_array_equal(image, other)
    assert not np.array_equal(expected[0], expected[2])


def test_words_made_vectors_apart_draw_what_the_pipeline_draws_from_words(xl):
    for settings in ({}, {"negative_prompt": "blurred"}):
        own = xl(**settings)
        for guidance in (1.0, 3.0):
            made = own.sample(EFFUSION, [5, 6], guidance=guidance, steps=3)
            whole = own.pipeline(
                ["pleural effusion"] * 2, num_inference_steps=3, guidance_scale=guidance, output_type="pt",
                generator=[torch.Generator().manual_seed(seed) for seed in (5, 6)],
                **{name: [text] * 2 for name, text in settings.items()},
            ).images  # fmt: skip
            np.testing.assert_allclose(made, to_gray(whole, 16), atol=1e-5)


@pytest.mark.parametrize("guidance", [1.0, 3.0])
def test_a_walk_ends_at_the_images_of_its_two_conditions(xl, guidance):
    own = xl()
    way = own.walk((ABSENT, EFFUSION), 5, [0, 0.5, 1], guidance=guidance, steps=3)
    for image, end in ((way[0], ABSENT), (way[2], EFFUSION)):
        np.testing.assert_allclose(image, own.sample(end, [5], guidance=guidance, steps=3)[0], atol=1e-6)
    assert not np.allclose(way[0], way[1], atol=1e-4) and not np.allclose(way[1], way[2], atol=1e-4)


@pytest.mark.parametrize("resolution", [None, 16])
def test_between_two_seeds_it_begins_with_one_image_and_ends_with_the_other(xl, resolution):
    own = xl(**({"resolution": resolution} if resolution else {}))
    asked = {"guidance": 3.0, "steps": 3}
    ends = own.sample(EFFUSION, [5, 6], **asked)
    way = own.sample(EFFUSION, [Between(5, 6, share) for share in (0.0, 0.5, 1.0)], **asked)
    np.testing.assert_allclose(way[[0, 2]], ends, atol=1e-5)
    assert not np.allclose(way[1], ends[0], atol=1e-3) and not np.allclose(way[1], ends[1], atol=1e-3)


def test_a_pipeline_that_takes_no_vectors_has_no_way_between_two_conditions(generator):
    assert generator.walk((ABSENT, EFFUSION), 5, [0, 1], steps=1) is None


def test_any_words_are_drawn_unless_they_are_too_long(xl):
    own = xl()
    asked = {"guidance": 3.0, "steps": 2}
    np.testing.assert_array_equal(own.draw("pleural effusion", [5], **asked), own.sample(EFFUSION, [5], **asked))
    with pytest.raises(SampleError, match="reads 77"):
        own.draw("effusion " * 80, [5], **asked)


def test_the_prompt_changes_the_image(generator):
    assert generator.prompt(EFFUSION) == "pleural effusion"
    assert generator.prompt(ABSENT) == "no findings"
    one, other = (generator.sample(c, [5], guidance=4.0, steps=2) for c in (EFFUSION, ABSENT))
    assert np.abs(one - other).max() > 1e-4


def test_a_negative_prompt_changes_the_image_under_guidance_only(generator, loaded, one):
    against = loaded(negative_prompt="blurred")
    assert np.abs(one(against) - one(generator)).max() > 1e-4
    np.testing.assert_allclose(one(against, guidance=1.0), one(generator, guidance=1.0), atol=1e-6)


def test_another_scheduler_goes_another_way_from_the_same_noise_and_euler_goes_that_of_ddim(generator, loaded, one):
    euler, second_order = loaded(scheduler="euler"), loaded(scheduler="dpm")
    assert type(euler.pipeline.scheduler).__name__ == "EulerDiscreteScheduler"
    # DDIM is Euler's method for the same equation (Song et al. 2021, arXiv 2010.02502, eq. 14).
    np.testing.assert_allclose(one(euler), one(generator), atol=1e-5)
    assert 1e-5 < np.abs(one(second_order) - one(generator)).max() < 0.2


def test_a_prompt_that_the_text_encoder_does_not_read_to_its_end_is_refused(tmp_path, loaded):
    long = "a chest radiograph of an adult patient in the upright position with good inspiration showing "
    words = {
        state: {name: f"{long}{name.replace('_', ' ')} {state}" for name in ORIGINAL.names}
        for state in ("present", "absent")
    }
    (tmp_path / "long.yaml").write_text(yaml.safe_dump(words))
    with pytest.raises(SampleError, match=r"'a chest radiograph .* tokens, .* reads 77: .* shorten"):
        loaded(template=str(tmp_path / "long.yaml"))
    with pytest.raises(SampleError, match="'text text .* reads 77"):
        loaded(negative_prompt="text " * 30)


def test_the_digest_names_the_files_that_were_loaded(generator, pipeline_folder):
    again = load({"source": "x", "kind": "text_to_image", "path": str(pipeline_folder), "size": 8}, ORIGINAL)
    assert len(generator.sha256) == 64
    assert again.sha256 == generator.sha256


def test_the_resolution_of_the_pipeline_can_be_chosen(pipeline_folder):
    spec = {"source": "x", "kind": "text_to_image", "path": str(pipeline_folder), "size": 24, "resolution": 32}
    assert load(spec, ORIGINAL).sample(EFFUSION, [1], guidance=1.0, steps=1).shape == (1, 24, 24)


@pytest.mark.parametrize("resolution", [12, 30])
def test_a_resolution_that_the_pipeline_cannot_make_is_named(pipeline_folder, resolution):
    spec = {"source": "x", "kind": "text_to_image", "path": str(pipeline_folder), "size": 8, "resolution": resolution}
    with pytest.raises(SampleError, match=f"StableDiffusionPipeline makes no image of resolution = {resolution} .* 8"):
        load(spec, ORIGINAL).sample(EFFUSION, [1], steps=1)


@pytest.mark.parametrize("shape", [(1, 2, 8, 8), (1, 3, 8, 16), (3, 8, 8)])
def test_images_of_another_shape_are_refused(shape):
    with pytest.raises(SampleError, match="shape"):
        to_gray(torch.zeros(shape), 8)


def test_gray_images_stay_as_they_are():
    gray = torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    np.testing.assert_array_equal(to_gray(gray, 8), gray[:, 0].numpy())


def test_colour_becomes_gray_by_luma_without_aliasing():
    stripes = torch.zeros(1, 3, 64, 64)
    stripes[:, 1, :, ::2] = 1.0
    np.testing.assert_allclose(to_gray(stripes, 16)[0, 4:-4, 4:-4], 0.587 / 2, atol=0.02)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"size": None}, "size"),
        ({"size": 8, "precision": "int4"}, "precision = 'int4'; choose float32"),
        ({"size": 8, "scheduler": "fast"}, "scheduler = 'fast'; choose ddim"),
        ({"size": 8, "negative_prompt": ["noise"]}, "negative_prompt = .*; give words"),
        ({"size": 8, "lora": 3}, "lora = 3; give the path"),
        ({"size": 8, "lora_scale": "full"}, "lora_scale = 'full'; give a number"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_loaded(extra, message):
    with pytest.raises(ParameterError, match=message):
        load({"source": "x", "kind": "text_to_image", "path": "nowhere", **extra}, ORIGINAL)


def test_templates_share_every_cell_and_reach_the_samples_table(pipeline_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    spec = {"source": "roentgen", "kind": "text_to_image", "path": str(pipeline_folder)}
    spec["template"] = ["original", "specific"]
    run = Run("templates")
    specs = sources.complete_specs([spec], run, size=8, guidance=1.0, steps=1)
    one = Findings.from_section([CELL.finding])
    table = sampling.sample_cells(specs, one, per_cell=4, seed=1, run=run, workers=1).query("present == 1")
    assert table["template"].tolist() == ["original", "specific"] * 2
    assert table["prompt"].tolist() == ["pleural effusion", "PA view. Moderate left pleural effusion."] * 2
    row, generator = table.iloc[1], sources.load(specs[0], one)
    again = generator.sample(one.condition(CELL), [row["seed"]], guidance=1.0, steps=1, template="specific")[0]
    assert np.abs(read_image(run.folder / row["path"]) - again).max() < 1 / 255
