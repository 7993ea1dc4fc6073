"""Features are computed once for the same images and extractor, and never taken from others."""

import numpy as np
import pytest

from helpers.image_metrics.cache import FeatureCache


class Counting:
    """An extractor that counts how often it is asked."""

    name = "counting"

    def __init__(self, digest="a", factor=1.0):
        self.sha256, self.factor, self.calls = digest, factor, 0

    def features(self, images):
        self.calls += 1
        return images.reshape(len(images), -1)[:, :3].astype(np.float64) * self.factor


@pytest.fixture
def images(pictures):
    return pictures(5, seed=5)[0]


def test_the_same_images_are_computed_once_also_by_a_later_run(tmp_path, images):
    extractor = Counting()
    first = FeatureCache(tmp_path).features(extractor, images)
    again = FeatureCache(tmp_path).features(extractor, images)
    np.testing.assert_array_equal(first, again)
    assert extractor.calls == 1


def test_other_images_another_order_or_another_extractor_are_computed(tmp_path, images):
    cache, extractor = FeatureCache(tmp_path), Counting()
    first = cache.features(extractor, images)
    np.testing.assert_array_equal(cache.features(extractor, images[::-1]), first[::-1])
    changed = images.copy()
    changed[0, 0, 0] ^= 1
    assert not np.array_equal(cache.features(extractor, changed), first)
    np.testing.assert_array_equal(cache.features(Counting("b", 2.0), images), 2 * first)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize("damage", [lambda content: content[:40], lambda content: flipped(content, len(content) // 2)])
def test_a_damaged_file_is_computed_again(tmp_path, images, damage):
    extractor = Counting()
    first = FeatureCache(tmp_path).features(extractor, images)
    path = next(tmp_path.glob("*.npz"))
    path.write_bytes(damage(path.read_bytes()))
    np.testing.assert_array_equal(FeatureCache(tmp_path).features(extractor, images), first)
    assert extractor.calls == 2


@pytest.mark.parametrize("module", ["features.py", "extractors.py", "images.py"])
def test_edited_code_computes_again(tmp_path, images, edit, module):
    extractor = Counting()
    FeatureCache(tmp_path).features(extractor, images)
    edit("image_metrics/utility.py")
    FeatureCache(tmp_path).features(extractor, images)
    assert extractor.calls == 1
    edit(f"image_metrics/{module}")
    FeatureCache(tmp_path).features(extractor, images)
    assert extractor.calls == 2


def test_what_nobody_asked_for_is_removed(tmp_path, images):
    FeatureCache(tmp_path).features(Counting("old"), images)
    cache = FeatureCache(tmp_path)
    cache.features(Counting("new"), images)
    cache.prune()
    assert len(list(tmp_path.glob("*.npz"))) == 1
    extractor = Counting("new")
    FeatureCache(tmp_path).features(extractor, images)
    assert extractor.calls == 0
