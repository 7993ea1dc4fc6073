from dataclasses import replace
from itertools import groupby

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import tables
from helpers.errors import CohortError, ParameterError
from helpers.findings import ORIGINAL
from helpers.generators.training_data import TrainingData
from helpers.pixels import PixelFile

NAMES = ORIGINAL.names
COHORT = tables.cohort_schema(ORIGINAL)


def write_cohort(folder, splits=("train", "train", "test"), paths="cohort/images.npy#{}", **columns):
    """A cohort of gray squares, 10 levels brighter from image to image, findings blank but the first."""
    rows, file = [], PixelFile.create(folder / "cohort" / "images.npy", len(splits), 8)
    for index, split in enumerate(splits):
        file.write(index, np.full((8, 8), index * 10, np.uint8))
        path = paths.format(index)
        row = {"image_id": f"i{index}", "path": path, "patient_id": f"p{index}", "split": split}
        rows.append(
            row | {"view": "PA", "age": None, "sex": None} | dict.fromkeys(NAMES) | {NAMES[0]: [1, -1, 0][index]}
        )
    tables.write_table(pd.DataFrame(rows).assign(**columns), folder / "cohort" / "cohort.csv", COHORT)
    return folder / "cohort" / "cohort.csv"


def numbered(count):
    return TrainingData(
        torch.arange(count, dtype=torch.uint8)[:, None, None, None], torch.zeros(count, 4, dtype=torch.int8)
    )


def test_only_the_split_is_read_and_blank_or_uncertain_is_unspecified(tmp_path):
    data = TrainingData.from_cohort(write_cohort(tmp_path), tmp_path, ORIGINAL)
    assert (len(data), data.size, data.pixels([0, 1]).dtype) == (2, 8, torch.uint8)
    assert data.states.tolist() == [[1, -1, -1, -1], [-1, -1, -1, -1]]
    assert data.pixels([1]).unique().tolist() == [10] and data.pixels([1]).shape == (1, 1, 8, 8)


def test_batches_are_scaled_to_minus_one_to_one():
    data = TrainingData(
        torch.tensor([0, 255], dtype=torch.uint8).reshape(2, 1, 1, 1), torch.zeros(2, 4, dtype=torch.int8)
    )
    images, states = data.batch(torch.tensor([1, 0]))
    assert images.flatten().tolist() == [1.0, -1.0]
    assert (images.dtype, states.dtype) == (torch.float32, torch.int8)


def test_batches_come_to_the_device_that_was_named():
    data = TrainingData(torch.zeros(2, 1, 4, 4, dtype=torch.uint8), torch.zeros(2, 4, dtype=torch.int8))
    assert {part.device.type for part in data.batch(torch.tensor([1]), "meta")} == {"meta"}


def test_a_cohort_without_training_images_is_named(tmp_path):
    with pytest.raises(CohortError, match="no image has split 'train'"):
        TrainingData.from_cohort(write_cohort(tmp_path, splits=("validate", "test", "test")), tmp_path, ORIGINAL)


@pytest.mark.parametrize("paths", ["cohort/i{}.png", "cohort/{0}/images.npy#{0}"])
def test_images_that_do_not_lie_in_one_file_are_named(tmp_path, paths):
    with pytest.raises(CohortError, match=f"{paths.format(0)}: images must be rows of one images.npy"):
        TrainingData.from_cohort(write_cohort(tmp_path, paths=paths), tmp_path, ORIGINAL)


def test_images_in_a_file_are_the_same_data_as_in_memory(tmp_path):
    data = TrainingData.from_cohort(write_cohort(tmp_path, ("train", "test", "train")), tmp_path, ORIGINAL)
    same = TrainingData(data.pixels([0, 1]), data.states, patients=data.patients)
    assert data.digest == same.digest
    for indices in ([1, 0], [1]):
        assert all(torch.equal(*parts) for parts in zip(data.batch(indices), same.batch(indices), strict=True))
    assert torch.equal(data.only(NAMES[0]).pixels([0]), same.only(NAMES[0]).pixels([0]))


def test_reports_come_with_their_images_and_tell_data_apart(tmp_path):
    texts = ["No effusion.", None, "not in training"]
    told = TrainingData.from_cohort(write_cohort(tmp_path / "told", text=texts), tmp_path / "told", ORIGINAL)
    untold = TrainingData.from_cohort(write_cohort(tmp_path / "untold"), tmp_path / "untold", ORIGINAL)
    assert (told.texts, untold.texts) == (("No effusion.", None), ())
    assert told.digest != untold.digest
    assert told.drawn_at(4).texts == told.texts
    assert told.only(NAMES[0]).texts == ("No effusion.",) and untold.only(NAMES[0]).texts == ()


def test_outlines_come_with_their_images_and_tell_data_apart(tmp_path):
    def outlined(names):
        return torch.tensor([int(name[1:]) for name in names], dtype=torch.uint8).view(-1, 1, 1, 1)

    with_them = TrainingData.from_cohort(
        write_cohort(tmp_path, ("train", "test", "train")), tmp_path, ORIGINAL, outlined
    )
    without = replace(with_them, outlines=None)
    assert with_them.outlines.flatten().tolist() == [0, 2] and with_them.digest != without.digest
    assert with_them.only(NAMES[0]).outlines.flatten().tolist() == [0, 2]
    assert without.only(NAMES[0]).outlines is None


@given(st.integers(1, 30), st.integers(1, 12), st.integers(0, 1000))
def test_every_epoch_sees_every_image_once(count, batch, seed):
    data = numbered(count)
    seen = torch.cat([data.order(seed, step, batch) for step in range(3 * count)])[: 3 * count]
    for epoch in seen.split(count):
        assert sorted(epoch.tolist()) == list(range(count))


def test_order_depends_on_seed_and_step_alone():
    data = numbered(50)
    first = [data.order(1, step, 8).tolist() for step in range(20)]
    assert [data.order(1, step, 8).tolist() for step in reversed(range(20))] == first[::-1]
    assert [data.order(2, step, 8).tolist() for step in range(20)] != first


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.integers(2, 4), st.integers(0, 1000))
def test_images_of_a_patient_come_side_by_side_and_every_image_once(patients, most, seed):
    data = replace(numbered(len(patients)), patients=torch.tensor(patients))
    seen = torch.cat([data.order(seed, step, 5, most) for step in range(2 * len(patients))])[: len(patients)]
    assert sorted(seen.tolist()) == list(range(len(patients)))
    runs = [len(list(run)) for _, run in groupby(data.patients[seen].tolist())]
    assert sum(-(-runs_of // most) for runs_of in runs) <= sum(-(-patients.count(one) // most) for one in set(patients))


def test_without_patients_images_come_as_they_are_drawn():
    assert numbered(9).order(1, 0, 9, 4).tolist() == numbered(9).order(1, 0, 9).tolist()


def test_digest_tells_data_apart():
    assert numbered(5).digest == numbered(5).digest != numbered(6).digest


def test_data_for_one_finding_keeps_its_labelled_images_and_hides_the_other_findings():
    states = torch.tensor([[1, 0, -1, 0], [-1, 1, 1, 1], [0, 1, 1, 1]], dtype=torch.int8)
    data = TrainingData(torch.arange(3, dtype=torch.uint8).reshape(3, 1, 1, 1), states).only(NAMES[0])
    assert data.pixels([0, 1]).flatten().tolist() == [0, 2]
    assert data.states.tolist() == [[1, -1, -1, -1], [0, -1, -1, -1]]


def test_a_finding_that_nobody_labelled_cannot_be_trained():
    data = TrainingData(torch.zeros(2, 1, 1, 1, dtype=torch.uint8), torch.full((2, 4), -1, dtype=torch.int8))
    with pytest.raises(CohortError, match="atelectasis"):
        data.only("atelectasis")


def test_images_are_reduced_to_the_size_that_generators_draw_at(tmp_path):
    images = torch.arange(2 * 64, dtype=torch.uint8).reshape(2, 1, 8, 8)
    data = TrainingData(images, torch.zeros(2, 4, dtype=torch.int8))
    small = data.drawn_at(4)
    assert (small.size, data.size, data.drawn_at(None).size) == (4, 8, 8)
    assert small.pixels([1])[0, 0, 0].tolist() == [68, 70, 72, 74]  # means of squares of 2, rounded to even
    assert small.digest != data.digest and len(small) == 2
    assert small.only("atelectasis").size == 4


@pytest.mark.parametrize("drawn_size", [3, 0, -4, 16])
def test_pixels_that_would_be_no_whole_squares_are_refused(drawn_size):
    data = TrainingData(torch.zeros(2, 1, 8, 8, dtype=torch.uint8), torch.zeros(2, 4, dtype=torch.int8))
    with pytest.raises(ParameterError, match=f"drawn_size = {drawn_size}: the study's images have 8 pixels"):
        data.drawn_at(drawn_size)
