import json

import numpy as np
import pytest
import torch

from helpers.errors import CheckpointError, SampleError
from helpers.files import sha256
from helpers.findings import ORIGINAL
from helpers.generators import gan
from helpers.generators.between import Between
from helpers.generators.gan import Gan
from helpers.generators.stylegan2 import Architecture, Generator

NAMES, CELLS = ORIGINAL.names, ORIGINAL.cells
condition = ORIGINAL.condition

SHAPE = Architecture(size=16, width=4, widest=8, latent=8)
ATELECTASIS = condition(CELLS[0])


def network(seed=0):
    """A generator with random weights and noise inputs that show."""
    torch.manual_seed(seed)
    made = Generator(SHAPE)
    for layer in made.layers:
        torch.nn.init.constant_(layer.noise_strength, 2.0)
    return made


@pytest.fixture
def folder(tmp_path):
    gan.save(tmp_path, {gan.JOINT: network()}, {"images_seen": 100})
    return tmp_path


def test_loaded_gan_knows_what_it_is(folder):
    loaded = Gan.load(folder)
    assert (loaded.size, loaded.description["images_seen"]) == (16, 100)
    assert loaded.sha256 == sha256(folder / "model.safetensors")


def test_samples_are_gray_images_in_range(folder):
    images = Gan.load(folder).sample(ATELECTASIS, [1, 2, 3])
    assert (images.shape, images.dtype) == ((3, 16, 16), np.float32)
    assert 0 <= images.min() < images.max() <= 1


def test_an_image_depends_on_its_seed_alone(folder):
    together = Gan.load(folder).sample(ATELECTASIS, [3, 1, 4, 1, 5])
    alone = np.concatenate([Gan.load(folder).sample(ATELECTASIS, [seed]) for seed in (3, 1, 4, 1, 5)])
    assert np.array_equal(together, alone)
    assert np.array_equal(together[1], together[3])
    assert not np.array_equal(together[0], together[1])


def test_samples_do_not_depend_on_the_global_random_state(folder):
    torch.manual_seed(1)
    first = Gan.load(folder).sample(ATELECTASIS, [7])
    torch.manual_seed(2)
    assert np.array_equal(Gan.load(folder).sample(ATELECTASIS, [7]), first)


def test_every_cell_has_images_of_its_own(folder):
    loaded = Gan.load(folder)
    images = [loaded.sample(condition(cell), [1]).tobytes() for cell in CELLS]
    assert len(set(images)) == len(CELLS)


def test_truncation_trades_variety_for_the_mean_style_of_the_condition(folder):
    loaded = Gan.load(folder)
    for layer in loaded.networks[gan.JOINT].layers:
        torch.nn.init.zeros_(layer.noise_strength)
    spread = [loaded.sample(ATELECTASIS, range(8), psi).std(axis=0).mean() for psi in (0.0, 0.5, 1.0)]
    assert spread[0] == pytest.approx(0, abs=1e-6)
    assert spread[0] < spread[1] < spread[2]
    present, absent = (loaded.sample(condition(cell), [1], 0.0) for cell in CELLS[:2])
    assert not np.allclose(present, absent, atol=1e-3)


def test_emphasis_moves_images_on_in_the_direction_of_the_request(folder):
    loaded, nothing = Gan.load(folder), np.full(4, -1, np.int8)
    plain, without = loaded.sample(ATELECTASIS, [1]), loaded.sample(ATELECTASIS, [1], emphasis=0)
    assert np.array_equal(plain, loaded.sample(ATELECTASIS, [1], emphasis=1))
    assert np.allclose(loaded.sample(nothing, [1], emphasis=3), loaded.sample(nothing, [1]))
    means = [loaded.sample(asked, [1], truncation=0, emphasis=0) for asked in (ATELECTASIS, nothing)]
    assert np.allclose(*means, atol=1e-6)
    assert not np.array_equal(plain, without)


@pytest.mark.parametrize("wrong", [{"truncation": -0.1}, {"truncation": 1.5}, {"emphasis": -1}])
def test_options_out_of_range_are_refused(folder, wrong):
    with pytest.raises(SampleError, match=next(iter(wrong))):
        Gan.load(folder).sample(ATELECTASIS, [1], **wrong)


def test_a_walk_starts_and_ends_at_the_images_of_its_two_conditions(folder):
    loaded, absent = Gan.load(folder), condition(CELLS[1])
    options = {"truncation": 0.7, "emphasis": 2.0}
    way = loaded.walk((absent, ATELECTASIS), 5, [0, 0.5, 1], **options)
    for image, condition_of_end in ((way[0], absent), (way[2], ATELECTASIS)):
        assert np.allclose(image, loaded.sample(condition_of_end, [5], **options)[0], atol=1e-6)
    assert not np.array_equal(way[0], way[1]) and not np.array_equal(way[1], way[2])


def test_between_two_seeds_it_begins_with_one_image_and_ends_with_the_other(folder):
    loaded = Gan.load(folder)
    ends = loaded.sample(ATELECTASIS, [5, 6])
    way = loaded.sample(ATELECTASIS, [Between(5, 6, share) for share in (0.0, 0.5, 1.0)])
    np.testing.assert_allclose(way[[0, 2]], ends, atol=1e-5)
    assert not np.allclose(way[1], ends[0], atol=1e-3) and not np.allclose(way[1], ends[1], atol=1e-3)


def test_one_model_per_finding_answers_for_its_own_finding(tmp_path):
    gan.save(tmp_path, {name: network(seed) for seed, name in enumerate(NAMES)}, {})
    loaded = Gan.load(tmp_path)
    for seed, name in enumerate(NAMES):
        asked = condition(CELLS[2 * seed])
        alone = Gan({name: network(seed).requires_grad_(False)}, {}, "")
        assert np.array_equal(loaded.sample(asked, [1]), alone.sample(asked, [1]))
    with pytest.raises(SampleError, match="exactly one"):
        loaded.sample(np.array([1, 1, -1, -1], dtype=np.int8), [1])
    with pytest.raises(SampleError, match="specifies nothing"):
        loaded.sample(np.full(4, -1, dtype=np.int8), [1])


def test_missing_model_says_which_notebook_makes_it(tmp_path):
    with pytest.raises(CheckpointError, match=r"model.safetensors: missing; run notebooks/02_train_gan.ipynb"):
        Gan.load(tmp_path)


def test_changed_weights_are_noticed(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(CheckpointError, match="SHA-256"):
        Gan.load(folder)


@pytest.mark.parametrize("change", [{"architecture": {"size": 32}}, {"architecture": {"depth": 3}}, {"networks": 5}])
def test_foreign_description_is_refused(folder, change):
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CheckpointError, match="no GAN of this software"):
        Gan.load(folder)
