"""Files that are whole or absent: atomic writes, digests, grayscale images."""

import errno
import hashlib
import os
import struct
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import IO

import numpy as np
from PIL import ExifTags, Image, ImageOps
from safetensors import SafetensorError

from helpers.errors import DiskError, ImageError

LARGE = 1 << 24  # bytes; the digest of a file of at least this size is not computed twice
FULL = (errno.ENOSPC, errno.EDQUOT)  # error codes for a full disk or an exhausted quota
# Errors from reading a damaged zip or npz file; RuntimeError if it seems to be encrypted or compressed in another way.
DAMAGED_ZIP = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)
MAX_MEGAPIXELS = 178  # above this, Pillow by default calls an image a decompression bomb
warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # Pillow warns at half of that


@contextmanager
def disk_errors(path: str | os.PathLike) -> Iterator[None]:
    """Raise a DiskError if a full disk or a missing permission prevents writing ``path`` within the block."""
    full = f"{path}: the disk is full; free some space and run the same command again"
    try:
        yield
    except SafetensorError as error:  # it tells the error code in its text only
        if any(f"(os error {code})" in str(error) for code in FULL):
            raise DiskError(full) from error
        raise
    except RuntimeError as error:  # torch's writer of zip files tells none, only that less was written than it gave
        if "unexpected pos" in str(error):
            raise DiskError(full) from error
        raise
    except OSError as error:
        if error.errno in FULL:
            raise DiskError(full) from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise DiskError(f"{path}: no permission to write here ({error.strerror})") from error
        raise


@contextmanager
def atomic_write(path: str | os.PathLike, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path that replaces ``path`` only when the block ends without error.

    ``durable`` waits until the bytes are on the disk, so that even a power failure leaves the old file or the new one;
    files whose digest is checked before they are used again do not need this. Raises DiskError when the disk is full or
    the folder is not writable; the old file then remains.
    """
    path = Path(path)
    temporary = None
    try:
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:40]}-", suffix=path.suffix)
            os.close(handle)
            temporary = Path(name)
            os.chmod(temporary, 0o644)
            yield temporary
            if durable:
                with open(temporary, "rb+") as file:
                    os.fsync(file.fileno())
            os.replace(temporary, path)
    finally:
        if temporary is not None:
            with suppress(OSError):  # the folder may have become read-only; what prevented the writing is raised
                temporary.unlink(missing_ok=True)


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_at(file: IO[bytes], data: bytes, place: int) -> None:
    """Write bytes at an offset of an open file; os.pwrite does this in one call, but not on Windows."""
    file.seek(place)
    file.write(data)


def sha256(path: str | os.PathLike) -> str:
    """SHA-256 of a file, hex; of a folder: of the sorted relative names and digests of its files."""
    path = Path(path)
    if path.is_dir():
        digest = hashlib.sha256()
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            digest.update(f"{file.relative_to(path).as_posix()} {sha256(file)}\n".encode())
        return digest.hexdigest()
    state = os.stat(path)
    if state.st_size < LARGE:
        return _digest(path)
    return _digest_once(path, state.st_size, state.st_mtime_ns, state.st_ino)


@lru_cache(maxsize=1000)
def _digest_once(path: Path, *state: int) -> str:
    """Digest of a large file, computed only once while its size, modification time and inode stay the same."""
    return _digest(path)


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp(folder: str | os.PathLike) -> str:
    """SHA-256 of the names, sizes and times of all files in a folder, hex: quick, as no file is opened."""
    digest = hashlib.sha256()
    for inside, names in _walk(folder, hidden=True):
        digest.update(f"{os.path.relpath(inside, folder)}\n".encode())
        for name in names:
            try:
                state = os.stat(f"{inside}/{name}")
            except FileNotFoundError:  # a broken link
                continue
            digest.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def files_in(folder: str | os.PathLike) -> Iterator[Path]:
    """Files below a folder, sorted by name; links to folders are followed, and each folder is visited once.

    Names that begin with a dot are left out (``.DS_Store``, ``._scan.png``), folders and files alike. Broken links
    count as files. Raises ImageError naming a folder that cannot be read.
    """
    for inside, names in _walk(folder, hidden=False):
        yield from (Path(inside, name) for name in names)


def _walk(folder: str | os.PathLike, hidden: bool) -> Iterator[tuple[str, list[str]]]:
    """Folders with the names of their files, sorted; a folder is entered once, however many links lead to it."""

    def stop(error: OSError) -> None:
        raise ImageError(f"{error.filename}: this folder cannot be read ({error.strerror})") from error

    seen = set()
    for inside, folders, names in os.walk(folder, followlinks=True, onerror=stop):
        place = os.stat(inside)
        known = (place.st_dev, place.st_ino) in seen
        seen.add((place.st_dev, place.st_ino))
        folders[:] = [] if known else sorted(name for name in folders if hidden or not name.startswith("."))
        if not known:
            yield inside, sorted(name for name in names if hidden or not name.startswith("."))


@contextmanager
def opened_image(path: str | os.PathLike, max_megapixels: float = MAX_MEGAPIXELS) -> Iterator[Image.Image]:
    """Open an image with Pillow: its header is read, its pixels are not yet.

    Raises ImageError naming the file when it is missing, empty, not an image or larger than ``max_megapixels`` million
    pixels, and for whatever goes wrong while the block decodes it.
    """
    path = Path(path)
    if max_megapixels > MAX_MEGAPIXELS:  # Pillow has one limit for the whole process
        Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS or 0, int(max_megapixels * 1e6))
    try:
        if path.stat().st_size == 0:
            raise ImageError(f"{path}: the file is empty; replace it or remove its row")
        with Image.open(path) as image:
            if image.width * image.height > max_megapixels * 1e6:
                raise Image.DecompressionBombError(f"{image.width} x {image.height} pixels")
            yield image
    except ImageError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        what = "a link that leads nowhere" if path.is_symlink() else "no such image"
        raise ImageError(f"{path}: {what}") from error
    except Image.DecompressionBombError as error:
        raise ImageError(
            f"{path}: larger than {max_megapixels:g} million pixels ({error}); replace it or remove its row, or raise "
            "`max_megapixels` if you trust it"
        ) from error
    except Exception as error:  # a damaged file fails in any of a dozen ways inside the decoders
        raise ImageError(f"{path}: cannot be read as an image ({error}); replace it or remove its row") from error


def read_gray(path: str | os.PathLike, least: int | None = None, max_megapixels: float = MAX_MEGAPIXELS) -> np.ndarray:
    """Read any common image as grayscale: float32, shape (height, width), range 0..1, upright by its EXIF orientation.

    16-bit images keep their depth, colour is converted by luma, transparency is ignored. With ``least``, a JPEG is
    decoded at 1/2, 1/4 or 1/8 of its size if both sides then still have that many pixels; libjpeg does this by leaving
    out high frequencies. Raises ImageError naming the file when it is missing, empty, truncated, not an image, too
    large, a file of several images, or has values outside 0 to 65535.
    """
    with opened_image(path, max_megapixels) as image:
        if least is not None:
            image.draft(None, (least, least))
        if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:  # in MPO, from cameras, the first is the photo
            raise ImageError(f"{path}: holds {image.n_frames} images; store only the one you mean")
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        if image.mode == "F":
            raise ImageError(f"{path}: floating-point pixels have no known range; store 8- or 16-bit gray")
        if image.mode == "I" or image.mode.startswith("I;16"):
            values = np.asarray(image, dtype=np.float32)
            low, high = float(values.min()), float(values.max())
            if low < 0 or high > 65535:
                raise ImageError(f"{path}: values go from {low:g} to {high:g}; gray of 16 bits goes from 0 to 65535")
            return _with_black_at_zero(image, values) / 65535.0
        gray = image if image.mode == "L" else image.convert("RGB").convert("L")
        return np.divide(np.asarray(gray), np.float32(255), dtype=np.float32)  # without a second array of this size


def _with_black_at_zero(image: Image.Image, values: np.ndarray) -> np.ndarray:
    """Values of a 16-bit image, inverted for a TIFF whose PhotometricInterpretation is WhiteIsZero, which Pillow itself
    inverts only up to 8 bits."""
    if image.format != "TIFF" or image.tag_v2.get(ExifTags.Base.PhotometricInterpretation) != 0:
        return values
    return 2 ** image.tag_v2[ExifTags.Base.BitsPerSample][0] - 1 - values


def eight_bits(image: np.ndarray) -> np.ndarray:
    """A grayscale image in 0..1 (float, any shape) as uint8, rounded."""
    return np.rint(np.clip(image, 0.0, 1.0) * 255.0).astype(np.uint8)


def write_png(path: str | os.PathLike, image: np.ndarray, durable: bool = True) -> None:
    """Write a grayscale image in 0..1 (float, shape (height, width)) as 8-bit PNG without metadata, atomically."""
    with atomic_write(path, durable) as temporary:
        Image.fromarray(eight_bits(image)).save(temporary, format="PNG", compress_level=6)
