"""A second opinion is any network: fixed and random, exported by torch, or an encoder of transformers."""

import json

import numpy as np
import pytest
import torch
from transformers import ViTConfig, ViTModel

from helpers.errors import CheckpointError, MetricError
from helpers.files import sha256
from helpers.image_metrics.extractors import TorchExtractor, load_extractor
from helpers.image_metrics.features import FeatureExtractor


@pytest.fixture
def images(pictures):
    return pictures(6, seed=5)[0].astype(np.float32) / 255


class MeanAndSpread(torch.nn.Module):
    def forward(self, pixels):
        return torch.cat([pixels.mean(dim=(2, 3)), pixels.std(dim=(2, 3))], dim=1)


@pytest.fixture
def exported(tmp_path):
    batch = {0: torch.export.Dim("batch", min=1, max=4096)}
    program = torch.export.export(MeanAndSpread(), (torch.rand(2, 3, 24, 24),), dynamic_shapes=(batch,))
    torch.export.save(program, tmp_path / "mine.pt2")
    return tmp_path / "mine.pt2"


@pytest.fixture
def encoder(tmp_path):
    torch.manual_seed(1)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    ViTModel(ViTConfig(image_size=24, patch_size=8, **shape)).save_pretrained(tmp_path / "encoder")
    settings = {"image_mean": [0.4] * 3, "image_std": [0.2] * 3, "size": {"height": 24, "width": 24}}
    (tmp_path / "encoder" / "preprocessor_config.json").write_text(json.dumps(settings))
    return tmp_path / "encoder"


def test_the_random_network_is_the_same_in_every_run_and_sees_each_image_on_its_own(images):
    first, again = load_extractor("random"), load_extractor("random")
    assert isinstance(first, FeatureExtractor)
    assert first.sha256 == again.sha256
    features = first.features(images)
    assert features.shape == (6, 32) and features.dtype == np.float64
    np.testing.assert_array_equal(again.features(images), features)
    np.testing.assert_allclose(first.features(images[2:3]), features[2:3], atol=1e-5)


def test_an_exported_program_is_given_images_as_it_takes_them(exported, images):
    mine = load_extractor(str(exported))
    assert (mine.name, mine.size, mine.channels, mine.sha256) == ("mine", 24, 3, sha256(exported))
    plain = np.full((1, 32, 32), 0.25, dtype=np.float32)
    np.testing.assert_allclose(mine.features(plain), [[0.25, 0.25, 0.25, 0, 0, 0]], atol=1e-6)
    assert mine.features(images).shape == (6, 6)


@pytest.mark.parametrize("batch", [1, 8])
def test_a_program_that_is_exported_for_one_number_of_images_is_refused_when_it_is_loaded(tmp_path, batch):
    program = torch.export.export(MeanAndSpread(), (torch.rand(batch, 1, 24, 24),))
    torch.export.save(program, tmp_path / "fixed.pt2")
    with pytest.raises(MetricError, match="extractor fixed: does not take . images at a time.*dynamic_shapes"):
        load_extractor(str(tmp_path / "fixed.pt2"))


def test_an_encoder_of_transformers_is_read_with_its_own_size_and_standardisation(encoder, images):
    mine = load_extractor(str(encoder))
    assert (mine.name, mine.size, mine.channels) == ("encoder", 24, 3)
    plain = torch.full((1, 3, 24, 24), (0.5 - 0.4) / 0.2)
    expected = ViTModel.from_pretrained(encoder).eval()(pixel_values=plain).pooler_output.detach().numpy()
    np.testing.assert_allclose(mine.features(np.full((1, 24, 24), 0.5, dtype=np.float32)), expected, atol=1e-5)
    assert mine.features(images).shape == (6, 16)


def test_the_digest_follows_the_weights_and_the_standardisation(encoder):
    before = load_extractor(str(encoder)).sha256
    assert load_extractor(str(encoder)).sha256 == before
    settings = json.loads((encoder / "preprocessor_config.json").read_text())
    (encoder / "preprocessor_config.json").write_text(json.dumps(settings | {"image_mean": [0.5] * 3}))
    after = load_extractor(str(encoder)).sha256
    model = ViTModel.from_pretrained(encoder)
    with torch.no_grad():
        next(model.parameters()).add_(0.1)
    model.save_pretrained(encoder)
    assert len({before, after, load_extractor(str(encoder)).sha256}) == 3


def test_the_classifier_of_another_run_is_a_second_opinion(classifier, images, tmp_path):
    classifier.save(tmp_path / "classifier.safetensors")
    other = load_extractor(str(tmp_path / "classifier.safetensors"))
    np.testing.assert_array_equal(other.features(images), classifier.features(images))


def test_what_cannot_be_loaded_is_an_error_with_its_name(tmp_path):
    (tmp_path / "broken.pt2").write_bytes(b"no program")
    (tmp_path / "empty").mkdir()
    for name, message in (("nothing.pt2", "no such"), ("broken.pt2", "torch.export"), ("empty", "second opinion")):
        with pytest.raises(CheckpointError, match=message) as caught:
            load_extractor(str(tmp_path / name))
        assert name in str(caught.value)


def test_features_that_are_no_vectors_are_refused(images):
    maps = TorchExtractor("maps", torch.nn.Identity(), 32, 1)
    with pytest.raises(MetricError, match="extractor maps"):
        maps.features(images)


def test_pixels_are_the_gray_levels_of_images_made_small():
    images = np.zeros((2, 64, 64), dtype=np.float32)
    images[1, :, 32:] = 1.0
    features = load_extractor("pixels").features(images).reshape(2, 32, 32)
    assert (features[0] == 0).all() and (features[1, :, :15] == 0).all() and (features[1, :, 17:] == 1).all()
