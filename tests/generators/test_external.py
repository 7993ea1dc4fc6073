"""Images of the user's own generator join the study from a folder or a manifest, and bad input is named."""

import numpy as np
import pytest
from PIL import Image

from helpers.errors import ImageError, ParameterError, SampleError
from helpers.findings import ORIGINAL, Cell
from helpers.generators.external import load

CELLS = ORIGINAL.cells
condition = ORIGINAL.condition

PRESENT = condition(Cell("atelectasis", 1))
EFFUSIONS = [condition(Cell("pleural_effusion", state)) for state in (0, 1)]


def _picture(path, level, shape=(20, 20), mode="L"):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.tile(np.linspace(0, level, shape[1]), (shape[0], 1)).astype(np.uint8)
    Image.fromarray(pixels).convert(mode).save(path)


def _spec(path, **extra):
    return {"source": "mine", "kind": "external", "path": str(path), "size": 16, **extra}


@pytest.fixture
def folder(tmp_path):
    for i, level in enumerate((100, 150, 200)):
        _picture(tmp_path / "images" / "atelectasis_present" / f"{i}.png", level)
        _picture(tmp_path / "images" / "atelectasis_absent" / f"{i}.png", level, mode="RGBA")
    return tmp_path / "images"


def test_a_folder_per_cell_gives_its_images_in_order_of_their_names(folder):
    external = load(_spec(folder), ORIGINAL)
    images = external.sample(PRESENT, [2, 0])
    assert images.shape == (2, 16, 16)
    assert images.dtype == np.float32
    assert images[0].max() > images[1].max()
    assert external.available(PRESENT) == 3
    assert external.available(condition(Cell("lung_opacity", 1))) == 0


def test_colour_size_and_shape_are_made_those_of_the_run(folder):
    _picture(folder / "atelectasis_present" / "9.png", 200, shape=(40, 20), mode="RGB")
    padded = load(_spec(folder), ORIGINAL).sample(PRESENT, [3])[0]
    stretched = load(_spec(folder, fit="resize"), ORIGINAL).sample(PRESENT, [3])[0]
    assert padded.shape == stretched.shape == (16, 16)
    assert padded[:, 0].max() == 0
    assert stretched[:, -1].max() > 0.5


def test_a_manifest_names_files_findings_and_states(folder):
    manifest = folder.parent / "manifest.csv"
    manifest.write_text(
        "path,finding,present,comment\n"
        "images/atelectasis_present/2.png,pleural_effusion,1,a\n"
        "images/atelectasis_present/0.png,pleural_effusion,0,b\n"
    )
    external = load(_spec(manifest), ORIGINAL)
    absent, present = EFFUSIONS
    assert external.available(present) == 1
    assert external.sample(present, [0]).max() > external.sample(absent, [0]).max()


def test_the_digest_follows_the_pixels_and_their_cells(folder):
    before = load(_spec(folder), ORIGINAL).sha256
    assert load(_spec(folder), ORIGINAL).sha256 == before
    _picture(folder / "atelectasis_present" / "0.png", 90)
    assert load(_spec(folder), ORIGINAL).sha256 != before


def test_more_images_than_there_are_is_refused_with_both_numbers(folder):
    with pytest.raises(SampleError, match="3 images of atelectasis_present, 4 are needed"):
        load(_spec(folder), ORIGINAL).sample(PRESENT, [3])
    with pytest.raises(SampleError, match="0 images of lung_opacity_absent"):
        load(_spec(folder), ORIGINAL).sample(condition(Cell("lung_opacity", 0)), [0])


def test_a_condition_that_is_no_cell_is_refused(folder):
    with pytest.raises(SampleError, match="not a study cell"):
        load(_spec(folder), ORIGINAL).sample(np.array([1, 1, -1, -1]), [0])


def test_a_folder_that_is_no_cell_is_named(folder):
    (folder / "atelectasis").mkdir()
    with pytest.raises(SampleError, match="no study cell is called atelectasis;.*atelectasis_present"):
        load(_spec(folder), ORIGINAL)


def test_an_empty_cell_is_named(folder):
    (folder / CELLS[-1].label).mkdir()
    with pytest.raises(SampleError, match=f"no images .* in {CELLS[-1].label}"):
        load(_spec(folder), ORIGINAL)


def test_files_that_a_system_writes_beside_images_are_none_of_them(folder):
    digest = load(_spec(folder), ORIGINAL).sha256
    for name in ("._0.png", ".DS_Store"):
        (folder / "atelectasis_present" / name).write_bytes(b"Mac OS X")
    assert load(_spec(folder), ORIGINAL).sha256 == digest


def test_every_form_of_image_counts(folder):
    _picture(folder / "atelectasis_present" / "3.webp", 120)
    assert load(_spec(folder), ORIGINAL).available(PRESENT) == 4


def test_a_link_to_nothing_is_named(folder):
    (folder / "atelectasis_present" / "7.png").symlink_to(folder / "gone.png")
    with pytest.raises(SampleError, match=r"7\.png: is not a file, or a link"):
        load(_spec(folder), ORIGINAL)


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\nbroken"])
def test_an_unreadable_image_is_named(folder, content):
    (folder / "atelectasis_present" / "1.png").write_bytes(content)
    with pytest.raises(ImageError, match=r"atelectasis_present/1\.png"):
        load(_spec(folder), ORIGINAL).sample(PRESENT, [1])


def test_a_blank_image_is_named(folder):
    Image.fromarray(np.zeros((20, 20), dtype=np.uint8)).save(folder / "atelectasis_present" / "1.png")
    with pytest.raises(ImageError, match=r"1\.png: blank"):
        load(_spec(folder), ORIGINAL).sample(PRESENT, [1])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("file,finding,present\n", "column path is missing"),
        ("path,finding,present\n", "no rows"),
        ("path,finding,present\nimages/atelectasis_present/0.png,hernia,1\n", "column 'finding', row 1: 'hernia'"),
        ("path,finding,present\nimages/atelectasis_present/0.png,atelectasis,7\n", "column 'present', row 1: '7'"),
        ("path,finding,present\nimages/nothing.png,atelectasis,1\n", "row 1: .*nothing.png does not exist"),
        ("path,finding,present\n,atelectasis,1\n", "column 'path', row 1: is blank"),
        (
            "path,finding,present\nimages/atelectasis_present/0.png,atelectasis,1\n"
            "images/atelectasis_present/0.png,lung_opacity,1\n",
            "row 2: .*occurs twice",
        ),
    ],
)
def test_a_wrong_manifest_names_row_and_value(folder, rows, message):
    manifest = folder.parent / "manifest.csv"
    manifest.write_text(rows)
    with pytest.raises(SampleError, match=message):
        load(_spec(manifest), ORIGINAL)


def test_a_missing_path_says_what_belongs_there(tmp_path):
    with pytest.raises(SampleError, match="is missing; give a folder with one folder per study cell"):
        load(_spec(tmp_path / "nothing"), ORIGINAL)


@pytest.mark.parametrize("extra", [{"size": None}, {"size": "64"}, {"fit": "squeeze"}])
def test_a_wrong_option_is_refused(folder, extra):
    with pytest.raises(ParameterError, match=next(iter(extra))):
        load(_spec(folder, **extra), ORIGINAL)
