"""The classifier is one feature extractor of many: it saves, loads, and sees each image on its own."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from scipy.fft import dctn

from helpers.errors import CheckpointError, MetricError
from helpers.files import sha256
from helpers.image_metrics.features import (
    ClassifierShape,
    FeatureExtractor,
    cosine_basis,
    fit_size,
    load_classifier,
    weights_digest,
)


@pytest.fixture
def images(pictures):
    return pictures(70, seed=5)[0].astype(np.float32) / 255


def test_the_classifier_is_a_feature_extractor(classifier, images):
    assert isinstance(classifier, FeatureExtractor)
    features = classifier.features(images)
    assert features.shape == (70, 8)
    assert features.dtype == np.float64


def test_learned_features_of_images_like_those_of_training_have_mean_0_and_covariance_1(classifier, pictures):
    features = classifier.features(pictures(400, seed=6)[0].astype(np.float32) / 255)
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=0.25)
    np.testing.assert_allclose(np.cov(features[:, :6], rowvar=False), np.eye(6), atol=0.4)
    assert (features[:, 6:].std(axis=0) < 1.25).all()


def test_texture_functions_are_orthonormal_and_go_from_coarse_to_fine():
    basis = cosine_basis(16).numpy().astype(float)
    np.testing.assert_allclose(basis @ basis.T, np.eye(16), atol=1e-6)
    expected = dctn(np.eye(16).reshape(16, 4, 4), axes=(1, 2), norm="ortho").reshape(16, 16)
    np.testing.assert_allclose(np.sort(basis.T, axis=1), np.sort(expected, axis=1), atol=1e-6)
    np.testing.assert_allclose(basis[0], 0.25, atol=1e-6)
    checkerboard = (-1.0) ** np.add.outer(np.arange(4), np.arange(4)).ravel()
    assert np.abs(basis @ checkerboard).argmax() == 15


def test_an_image_has_the_same_features_in_any_company_and_order(classifier, images):
    together = classifier.features(images)
    order = np.random.default_rng(0).permutation(len(images))
    np.testing.assert_allclose(classifier.features(images[order]), together[order], atol=1e-4)
    np.testing.assert_allclose(classifier.features(images[65:66]), together[65:66], atol=1e-4)


def test_probabilities_are_probabilities(classifier, images):
    probabilities = classifier.probabilities(images)
    assert probabilities.shape == (70, 4)
    assert (probabilities > 0).all() and (probabilities < 1).all()


def test_saved_and_loaded_it_is_the_same(classifier, images, tmp_path):
    path = tmp_path / "classifier.safetensors"
    classifier.save(path)
    loaded = load_classifier(path)
    assert loaded.sha256 == classifier.sha256 == sha256(path)
    assert loaded.shape == classifier.shape
    np.testing.assert_array_equal(loaded.features(images), classifier.features(images))
    np.testing.assert_array_equal(loaded.probabilities(images), classifier.probabilities(images))


def test_a_missing_damaged_or_foreign_file_is_refused(classifier, tmp_path):
    with pytest.raises(CheckpointError, match="no such classifier"):
        load_classifier(tmp_path / "nothing.safetensors")
    classifier.save(tmp_path / "whole.safetensors")
    (tmp_path / "half.safetensors").write_bytes((tmp_path / "whole.safetensors").read_bytes()[:2000])
    with pytest.raises(CheckpointError, match="half.safetensors: damaged"):
        load_classifier(tmp_path / "half.safetensors")
    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="not a classifier"):
        load_classifier(tmp_path / "other.safetensors")


def test_larger_images_are_reduced_without_aliasing():
    stripes = np.tile(np.array([0, 1], dtype=np.float32), (1, 64, 32))
    reduced = fit_size(stripes, 16)
    assert reduced.shape == (1, 16, 16)
    np.testing.assert_allclose(reduced[0, :, 2:-2], 0.5, atol=0.05)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 8, 8), dtype=np.uint8), "expected float"),
        (np.zeros((8, 8), dtype=np.float32), "shape"),
        (np.full((1, 8, 8), 1.5, dtype=np.float32), "expected 0..1"),
        (np.full((1, 8, 8), np.nan, dtype=np.float32), "expected 0..1"),
        (np.zeros((0, 8, 8), dtype=np.float32), "there are none"),
    ],
)
def test_what_is_no_image_is_refused(classifier, images, message):
    with pytest.raises(MetricError, match=message):
        classifier.features(images)


@pytest.mark.parametrize("size", [0, 8, 50])
def test_a_size_that_the_network_cannot_take_is_refused(size):
    with pytest.raises(MetricError, match=f"image_size = {size}: must be"):
        ClassifierShape(image_size=size)


@pytest.mark.parametrize("dimension", [0, 6, 200])
def test_a_number_of_features_that_the_network_cannot_give_is_refused(dimension):
    with pytest.raises(MetricError, match="feature_dimension"):
        ClassifierShape(feature_dimension=dimension)


def test_a_digest_belongs_to_the_weights_and_their_use_not_to_the_layout_in_memory():
    first, second = (torch.nn.Conv2d(4, 4, 3) for _ in range(2))
    second.load_state_dict(first.state_dict())
    assert weights_digest(second.to(memory_format=torch.channels_last)) == weights_digest(first)
    assert weights_digest(first, [64]) != weights_digest(first)
    torch.nn.init.zeros_(second.bias)
    assert weights_digest(second) != weights_digest(first)
