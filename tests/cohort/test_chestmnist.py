import numpy as np
import pytest

from helpers.cohort import chestmnist
from helpers.cohort.build import build
from helpers.cohort.chestmnist import COLUMNS, list_images
from helpers.cohort.settings import Settings
from helpers.errors import CohortError
from helpers.pixels import read_image


def arrays(counts=(8, 4, 4), side=28):
    dice = np.random.default_rng(0)
    made = {}
    for key, count in zip(("train", "val", "test"), counts, strict=True):
        made[f"{key}_images"] = dice.integers(0, 256, (count, side, side), dtype=np.uint8)
        made[f"{key}_labels"] = np.tile(np.arange(count)[:, None] % 2, (1, 14)).astype(np.uint8)
    return made


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "chestmnist.npz"
    np.savez_compressed(path, **arrays())
    return path


def settings(path, **changes):
    return Settings(**({"kind": "chestmnist", "folder": path, "size": 28, "split": "official", "workers": 2} | changes))


def test_the_official_split_and_pixels_are_kept(archive, tmp_path):
    built = build(settings(archive), tmp_path / "cohort")
    assert built.table["split"].value_counts().to_dict() == {"train": 8, "validate": 4, "test": 4}
    path = built.table.set_index("image_id").loc["chestmnist-validate-000002", "path"]
    assert np.array_equal(np.rint(read_image(tmp_path / path) * 255), arrays()["val_images"][2])
    assert built.table["patient_id"].is_unique
    assert any("which images share a patient" in note for note in built.notes)


def test_lung_opacity_is_pooled_from_four_columns(archive):
    labels = np.zeros((4, 14), np.uint8)
    for row, name in enumerate(("Infiltration", "Edema", "Effusion", "Mass")):
        labels[row, COLUMNS.index(name)] = 1
    np.savez_compressed(archive, **(arrays() | {"test_labels": labels}))
    table = list_images(settings(archive)).table
    test = table[table["split"] == "test"]
    assert test["lung_opacity"].tolist() == [1, 1, 0, 0]
    assert test["pleural_effusion"].tolist() == [0, 0, 1, 0]


@pytest.mark.parametrize(("size", "name"), [(28, ""), (64, "_64"), (96, "_128"), (256, "_224")])
def test_from_a_folder_the_smallest_file_not_below_the_size_is_taken(tmp_path, monkeypatch, size, name):
    asked = []

    def retrieve(url, known_hash, fname, path):
        asked.append((url, known_hash, fname))
        np.savez_compressed(path / fname, **arrays())
        return str(path / fname)

    monkeypatch.setattr("pooch.retrieve", retrieve)
    list_images(settings(tmp_path / "new", size=size))
    url, known_hash, fname = asked[0]
    assert fname == f"chestmnist{name}.npz"
    assert url == f"https://zenodo.org/records/10519652/files/{fname}?download=1"
    assert known_hash.startswith("md5:") and len(known_hash) == 4 + 32


def test_without_internet_it_says_what_to_put_where(tmp_path, monkeypatch):
    def retrieve(**_):
        raise ConnectionError("no route to host")

    monkeypatch.setattr("pooch.retrieve", lambda *_, **keywords: retrieve(**keywords))
    with pytest.raises(
        CohortError, match="chestmnist_64.npz: not there and could not.*no route.*MD5 9de6cd.*put it at"
    ):
        list_images(settings(tmp_path, size=64))


def test_a_missing_or_truncated_file_is_named(archive):
    with pytest.raises(CohortError, match="other.npz: no such file"):
        list_images(settings(archive.with_name("other.npz")))
    archive.write_bytes(archive.read_bytes()[:2000])
    with pytest.raises(CohortError, match="chestmnist.npz: not a whole ChestMNIST file"):
        list_images(settings(archive))


def test_another_data_set_of_the_family_is_refused(archive):
    np.savez_compressed(archive, **(arrays() | {"train_labels": np.zeros((8, 1), np.uint8)}))
    with pytest.raises(CohortError, match=r"labels \(8, 1\) are not those of ChestMNIST"):
        list_images(settings(archive))


def test_label_7_is_refused(archive):
    np.savez_compressed(archive, **(arrays() | {"val_labels": np.full((4, 14), 7, np.uint8)}))
    with pytest.raises(CohortError, match="val_labels holds 7"):
        list_images(settings(archive))


def test_every_published_size_has_its_checksum():
    assert list(chestmnist.FILES) == [28, 64, 128, 224]
    assert len({md5 for _, md5 in chestmnist.FILES.values()}) == 4
