"""Images from the user's own generator, in one folder per study cell or listed in a manifest, as a source."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from helpers.cohort.listing import refuse
from helpers.cohort.preprocess import FITS, preprocess
from helpers.errors import ImageError, ParameterError, SampleError
from helpers.files import read_gray, sha256
from helpers.findings import Cell, Findings
from helpers.generators.image_generator import ImageGenerator
from helpers.raw_tables import read_raw

SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"}
COLUMNS = ("path", "finding", "present")


class External(ImageGenerator):
    """Existing images, by study cell, in a fixed order; ``sha256`` is a digest of all their files."""

    def __init__(
        self, source: str, files: Mapping[Cell, Sequence[Path]], size: int, fit: str, sha256: str, of_study: Findings
    ):
        self.source, self.files, self.size, self.fit, self.sha256 = source, files, size, fit, sha256
        self.of_study = of_study

    def available(self, condition: np.ndarray) -> int:
        """Number of images for a condition, int8 (findings,), which must be that of a study cell."""
        return len(self.files.get(self._cell(condition), ()))

    def sample(self, condition: np.ndarray, seeds: Sequence[int]) -> np.ndarray:
        """Images by their numbers within a cell, in gray and preprocessed: float32 (n, size, size) in 0..1.

        Raises SampleError if the cell has too few images, ImageError naming a file that cannot be used.
        """
        cell = self._cell(condition)
        files = self.files.get(cell, ())
        if max(seeds) >= len(files):
            raise SampleError(
                f"source {self.source!r}: {len(files)} images of {cell.label}, {max(seeds) + 1} are needed; "
                "add images or ask for fewer per cell"
            )
        return np.stack([self._read(files[number]) for number in seeds])

    def _read(self, path: Path) -> np.ndarray:
        try:
            return preprocess(read_gray(path), self.size, self.fit)
        except ImageError as error:
            message = str(error) if str(path) in str(error) else f"{path}: {error}"
            raise ImageError(message) from error

    def _cell(self, condition: np.ndarray) -> Cell:
        for cell in self.of_study.cells:
            if np.array_equal(self.of_study.condition(cell), condition):
                return cell
        raise SampleError(
            f"source {self.source!r}: condition {list(condition)} is not a study cell; its images are stored by cell"
        )


def load(spec: Mapping, findings: Findings) -> External:
    """Load the images of ``{"source": name, "kind": "external", "path": folder or manifest, "size": pixels}``.

    A folder holds one subfolder per study cell, ``<path>/atelectasis_present/*.png``. A manifest is a table with the
    columns path (relative to the manifest), finding and present (1 or 0); others are ignored. ``fit`` says how images
    are made square: pad, resize or crop. Images are used in the order of their file names or of the manifest's rows.
    Raises ParameterError for an invalid option, SampleError for an invalid folder or manifest, naming the folder, row
    and value.
    """
    _check_options(spec)
    path = Path(spec["path"])
    if path.is_dir():
        files = _from_folder(path, findings)
    elif path.is_file():
        files = _from_manifest(path, findings)
    else:
        raise SampleError(
            f"source {spec['source']!r}: {path} is missing; give a folder with one folder per study cell "
            f"({findings.cells[0].label}, ...) or a CSV with the columns {', '.join(COLUMNS)}"
        )
    digest = _digest(files, findings)
    return External(str(spec["source"]), files, int(spec["size"]), spec.get("fit", "pad"), digest, findings)


def _check_options(spec: Mapping) -> None:
    source = spec["source"]
    if not isinstance(spec.get("size"), int) or spec["size"] < 1:
        raise ParameterError(f"source {source!r}: size = {spec.get('size')!r}; give the run's image size in pixels")
    if spec.get("fit", "pad") not in FITS:
        raise ParameterError(f"source {source!r}: fit = {spec['fit']!r}; choose {', '.join(FITS)}")


def _from_folder(folder: Path, findings: Findings) -> dict[Cell, list[Path]]:
    labels = {cell.label: cell for cell in findings.cells}
    found = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    strangers = [p.name for p in found if p.name not in labels]
    if strangers or not found:
        raise SampleError(
            f"{folder}: {'no study cell is called ' + ', '.join(strangers) if strangers else 'has no folders'}; "
            f"its folders must be among {', '.join(labels)}"
        )
    files = {labels[p.name]: sorted(filter(_is_image, p.iterdir())) for p in found}
    if dead := [str(file) for images in files.values() for file in images if not file.is_file()]:
        raise SampleError(f"{dead[0]}: is not a file, or a link to one that is gone; remove it")
    empty = [cell.label for cell, images in files.items() if not images]
    if empty:
        raise SampleError(f"{folder}: no images ({', '.join(sorted(SUFFIXES))}) in {', '.join(empty)}")
    return files


def _is_image(path: Path) -> bool:
    # File systems write names with a leading dot beside a file, such as ._1.png on macOS.
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _from_manifest(path: Path, findings: Findings) -> dict[Cell, list[Path]]:
    table = read_raw(path)
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        raise SampleError(f"{path}: column {', '.join(missing)} is missing; it needs {', '.join(COLUMNS)}")
    if table.empty:
        raise SampleError(f"{path}: has no rows")
    table["file"] = [path.parent / str(name) for name in table["path"]]
    for name, bad, what in (
        ("finding", ~table["finding"].isin(findings.names), f"{{!r}} must be one of {', '.join(findings.names)}"),
        ("present", ~table["present"].astype(str).isin(("0", "1", "0.0", "1.0")), "{!r} must be 1 or 0"),
        ("path", table["path"].isna(), "is blank"),
        ("path", ~table["file"].map(Path.is_file), "{} does not exist"),
        ("path", table["file"].duplicated(), "{} occurs twice; every image is shown for one cell only"),
    ):
        refuse(bad, table[name], path, what, SampleError)
    cells = map(Cell, table["finding"], table["present"].astype(float).astype(int))
    files: dict[Cell, list[Path]] = {}
    for cell, file in zip(cells, table["file"], strict=True):
        files.setdefault(cell, []).append(file)
    return files


def _digest(files: Mapping[Cell, Sequence[Path]], findings: Findings) -> str:
    digest = hashlib.sha256()
    for cell in findings.cells:
        for file in files.get(cell, ()):
            digest.update(f"{cell.label} {sha256(file)}\n".encode())
    return digest.hexdigest()
