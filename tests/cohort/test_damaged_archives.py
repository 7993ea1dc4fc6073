"""Whatever has happened to a file of a data set: it becomes a cohort, or a StudyError says what is wrong."""

import contextlib
import shutil

import made_up_archives as archives
import numpy as np
import pytest
from damage import DAMAGES, SHARES, TABLES, damaged
from hypothesis import HealthCheck, example, given, settings
from made_up_dicom import write_dicom
from made_up_folder import make_folder
from made_up_mimic import make_mimic_tree

from helpers.cohort.build import build
from helpers.cohort.kinds import MODULES
from helpers.cohort.settings import Settings
from helpers.errors import CohortError, StudyError
from helpers.findings import Findings

EFFUSION, PNEUMONIA = Findings.from_section(["pleural_effusion"]), Findings.from_section(["pneumonia"])


def chestmnist(folder):
    folder.mkdir()
    dice, arrays = np.random.default_rng(0), {}
    for key in ("train", "val", "test"):
        arrays[f"{key}_images"] = dice.integers(0, 256, (6, 28, 28), dtype=np.uint8)
        arrays[f"{key}_labels"] = np.tile(np.arange(6)[:, None] % 2, (1, 14)).astype(np.uint8)
    np.savez_compressed(folder / "chestmnist.npz", **arrays)
    return folder / "chestmnist.npz"


def own_images(folder):
    return make_folder(folder, EFFUSION, images=8, size=16).parent


def dicom(folder):
    folder.mkdir()
    rows = ["image,pleural_effusion"]
    for number in range(6):
        write_dicom(folder / f"scan{number}.dcm")
        rows.append(f"scan{number},{number % 2}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder


MAKERS = {
    "brax": archives.make_brax,
    "chestmnist": chestmnist,
    "chexpert": archives.make_chexpert,
    "chexpert_plus": archives.make_chexpert_plus,
    "csv": own_images,
    "dicom": dicom,
    "folder": own_images,
    "mimic_cxr": lambda folder: make_mimic_tree(folder, patients=16, size=(24, 20)),
    "nih_cxr14": archives.make_nih,
    "openi": archives.make_openi,
    "padchest": archives.make_padchest,
    "rsna_pneumonia": archives.make_rsna,
    "vindr_cxr": archives.make_vindr,
}
TABLED = ("csv", "dicom", "folder")  # kinds whose table is named
MORE = {"chestmnist": {"size": 28, "split": "official"}, "mimic_cxr": {"labels": "chexpert"}}


@pytest.fixture(scope="module", params=sorted(MAKERS))
def archive(request, tmp_path_factory):
    """Settings to read a whole archive of each kind."""
    base = tmp_path_factory.mktemp(request.param)
    folder = MAKERS[request.param](base / "archive")
    given = {"table": folder / "labels.csv"} if request.param in TABLED else MORE.get(request.param, {})
    findings = PNEUMONIA if request.param == "rsna_pneumonia" else EFFUSION
    return Settings(**{"kind": request.param, "folder": folder, "findings": findings, "size": 16, "workers": 1} | given)


def made(settings):
    """The cohort of an archive; None where a StudyError says what is wrong with it."""
    place = settings.folder.with_name("cohort")
    shutil.rmtree(place, ignore_errors=True)
    with contextlib.suppress(StudyError):
        return build(settings, place)


def test_every_kind_that_reads_files_is_tried():
    assert set(MAKERS) == {module.KIND.name for module in MODULES} - {"phantom"}


def test_undamaged_it_is_a_cohort(archive):
    assert made(archive) is not None


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(DAMAGES, SHARES)
@example(("flipped", 0.65625, 0), 0.0)  # of an npz, which zlib then does not unpack
def test_damaged_it_is_a_cohort_or_the_error_says_so(archive, damage, which):
    files = sorted(path for path in archive.folder.rglob("*") if path.is_file()) or [archive.folder]
    files = [path for path in files if path.suffix in TABLES] * 3 + files  # most often a table
    with damaged(files[int(which * len(files))], damage):
        made(archive)


def test_a_year_of_birth_that_is_none_is_named(tmp_path):
    folder = archives.make_padchest(tmp_path / "padchest")
    (table,) = folder.glob("PADCHEST*")
    header, *rows = table.read_text().splitlines(keepends=True)
    table.write_text("".join([header, *rows, header]))
    with pytest.raises(CohortError, match="PatientBirth = 'PatientBirth': must begin with a year"):
        build(Settings(kind="padchest", folder=folder, findings=EFFUSION, size=16, workers=1), tmp_path / "cohort")
