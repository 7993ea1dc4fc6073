"""Images are read as they are or refused by name, and sets do not depend on the order of a table."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import ImageError, MetricError
from helpers.files import eight_bits, read_gray, write_png
from helpers.findings import ORIGINAL, Cell
from helpers.image_metrics.images import features_of, held_out, probabilities_of, read_images, sets_of
from helpers.pixels import PixelFile, place

NAMES, CELLS = ORIGINAL.names, ORIGINAL.cells


def _write(folder, names, size=32):
    for i, name in enumerate(names):
        write_png(folder / name, np.linspace(0, (i + 1) / len(names), size * size).reshape(size, size))


def test_images_come_in_the_order_of_their_paths(tmp_path):
    _write(tmp_path, ["a.png", "b.png"])
    images = read_images(["b.png", "a.png"], tmp_path, 32)
    assert images.shape == (2, 32, 32)
    assert images.dtype == np.uint8
    assert images[0].max() == 255 and images[1].max() == 128


def test_larger_images_are_reduced(tmp_path):
    _write(tmp_path, ["a.png"], size=96)
    assert read_images(["a.png"], tmp_path, 32).shape == (1, 32, 32)


def test_an_unreadable_image_is_an_error_with_its_name(tmp_path):
    _write(tmp_path, ["a.png", "b.png"])
    (tmp_path / "b.png").write_bytes(b"")
    with pytest.raises(ImageError, match=r"b\.png"):
        read_images(["a.png", "b.png"], tmp_path, 32)


def test_an_image_that_is_not_square_is_an_error_with_its_name(tmp_path):
    write_png(tmp_path / "wide.png", np.zeros((16, 32)))
    with pytest.raises(MetricError, match=r"wide\.png: 32 x 16"):
        read_images(["wide.png"], tmp_path, 32)


def test_many_images_pass_in_parts_and_come_out_the_same(classifier, pictures):
    images = pictures(600, seed=7)[0]
    assert features_of(classifier, images).shape == (600, 8)
    np.testing.assert_allclose(features_of(classifier, images)[590:], features_of(classifier, images[590:]), atol=1e-4)
    assert probabilities_of(classifier, images).shape == (600, 4)


def _cohort(splits, patients):
    return pd.DataFrame({"image_id": [f"i{k}" for k in range(len(splits))], "split": splits, "patient_id": patients})


def test_held_out_are_the_images_that_nothing_is_trained_on():
    table = held_out(_cohort(["train", "validate", "test", "test", "test"], ["a", "b", "c", "d", "e"]))
    assert table["image_id"].tolist() == ["i1", "i2", "i3", "i4"]


def test_too_few_held_out_patients_are_refused():
    with pytest.raises(MetricError, match="2 patients .* needs at least 4"):
        held_out(_cohort(["train", "validate", "test", "test"], ["a", "b", "c", "c"]))


@pytest.fixture
def tables():
    rng = np.random.default_rng(0)
    real = pd.DataFrame({name: pd.array(rng.integers(0, 2, 30), dtype="Int64") for name in NAMES})
    real.insert(0, "image_id", [f"r{i:02d}" for i in range(30)])
    real["patient_id"] = [f"p{i // 2}" for i in range(30)]
    real.loc[0, "atelectasis"] = pd.NA
    rows = [(s, c.finding, c.present) for s in ("mine", "gan") for c in CELLS for _ in range(3)]
    samples = pd.DataFrame(rows, columns=["source", "finding", "present"])
    samples.insert(0, "image_id", [f"s{i:02d}" for i in range(len(samples))])
    return real, rng.normal(size=(30, 5)), samples, rng.normal(size=(len(samples), 5))


def test_cells_hold_labels_of_real_images_and_requests_of_synthetic_ones(tables):
    real, synthetic = sets_of(*tables, ORIGINAL)
    assert list(synthetic) == ["mine", "gan"]
    both = [real.cells[Cell("atelectasis", present)] for present in (0, 1)]
    assert sorted(np.concatenate(both)) == list(range(1, 30))
    assert len(set(real.groups)) == 15
    for cell in CELLS:
        assert len(synthetic["gan"].cells[cell]) == 3


def test_the_order_of_rows_does_not_matter(tables):
    real, real_features, samples, sample_features = tables
    rng = np.random.default_rng(1)
    a, b = rng.permutation(len(real)), rng.permutation(len(samples))
    straight = sets_of(*tables, ORIGINAL)
    mixed = sets_of(real.iloc[a], real_features[a], samples.iloc[b], sample_features[b], ORIGINAL)
    np.testing.assert_array_equal(mixed[0].features, straight[0].features)
    for source, images in straight[1].items():
        np.testing.assert_array_equal(mixed[1][source].features, images.features)
        for cell in CELLS:
            np.testing.assert_array_equal(mixed[1][source].cells[cell], images.cells[cell])


@pytest.mark.parametrize(("size", "held"), [(96, 1e9), (32, 1e9), (32, 1)])
def test_rows_of_one_file_are_read_as_files_of_their_own_are(tmp_path, monkeypatch, size, held):
    monkeypatch.setattr("helpers.image_metrics.images.IN_MEMORY", held)
    _write(tmp_path, ["a.png", "b.png", "c.png"], size=96)
    file = PixelFile.create(tmp_path / "images.npy", 3, 96)
    for row, name in enumerate("abc"):
        file.write(row, eight_bits(read_gray(tmp_path / f"{name}.png")))
    rows = read_images([place("images.npy", row) for row in (2, 0)], tmp_path, size)
    assert np.array_equal(rows, read_images(["c.png", "a.png"], tmp_path, size))
    assert isinstance(rows, np.memmap) == (held == 1)
    assert len(list(tmp_path.iterdir())) == 4  # the file that holds many images has no name
