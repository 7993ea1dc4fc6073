"""Opening one DICOM file and checking that it is a gray image that readers may see; nothing is decoded here."""

from collections.abc import Iterable
from math import isfinite
from pathlib import Path

import pydicom
from pydicom.multival import MultiValue
from pydicom.pixels import get_decoder
from pydicom.uid import DigitalXRayImageStorageForProcessing, ExplicitVRBigEndian, ExplicitVRLittleEndian
from pydicom.uid import ImplicitVRLittleEndian as Implicit

from helpers.errors import ImageError

BARE = (b"\x02\x00", b"\x08\x00", b"\x00\x08")  # first group of a file without preamble; the last is big endian
UNCOMPRESSED = (Implicit, ExplicitVRLittleEndian, ExplicitVRBigEndian)
GRAY = ("MONOCHROME1", "MONOCHROME2")
FOR_PROCESSING = "FOR PROCESSING, raw detector data, not an image for viewing"
BURNED_IN = "BurnedInAnnotation YES, the picture may contain names"


def read_dataset(path: str | Path, **how) -> pydicom.Dataset:
    """Read a DICOM file, even one without file meta information (PS3.10 7.1); ``how`` goes to ``pydicom.dcmread``.

    Raises ImageError naming a file that is missing, damaged or not a DICOM file.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(132)
        whole = start[128:] == b"DICM"
        if not whole and start[:2] not in BARE:
            raise ImageError(f"{path}: not a DICOM file; replace it or remove it")
        data = pydicom.dcmread(path, force=not whole, **how)
        if not whole and "Rows" not in data and not text(data, "SOPClassUID").startswith("1.2.840.10008."):
            raise ImageError(f"{path}: not a DICOM file; replace it or remove it")
    except FileNotFoundError:
        what = "a link that leads nowhere" if Path(path).is_symlink() else "no such file"
        raise ImageError(f"{path}: {what}; replace it or remove it") from None
    except ImageError:
        raise
    except Exception as error:  # a damaged file can fail in many ways inside the parser
        raise ImageError(f"{path}: cannot be read as DICOM ({plain(error)}); replace it or remove it") from error
    if "TransferSyntaxUID" not in data.file_meta:
        implicit, little = data.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        data.file_meta.TransferSyntaxUID = Implicit if implicit else explicit
    return data


def plain(error: Exception) -> str:
    """A library's error on one line, cut at 200 characters."""
    words = " ".join(f"{type(error).__name__}: {error}".split())
    return words if len(words) <= 200 else f"{words[:200]}..."


def text(data: pydicom.Dataset, name: str) -> str:
    """An attribute as upper-case text, the first of several values; "" if absent or blank."""
    value = data.get(name)
    if isinstance(value, MultiValue):
        value = value[0] if value else None
    return "" if value is None else str(value).strip().upper()


def numbers(data: pydicom.Dataset, name: str) -> list[float]:
    """The numbers of an attribute, none if absent or blank. Raises ImageError for a value that is not a number."""
    try:
        value = data.get(name)
        several = isinstance(value, Iterable) and not isinstance(value, str)
        found = [float(one) for one in (value if several else [value]) if one not in (None, "")]
    except (TypeError, ValueError) as error:
        raise ImageError(f"{name} is not a number ({plain(error)})") from error
    if not all(isfinite(one) for one in found):
        raise ImageError(f"{name} is not a finite number")
    return found


def barred(data: pydicom.Dataset) -> str | None:
    """Why readers must not see an image, according to its header; None if they may."""
    raw = text(data, "SOPClassUID") == DigitalXRayImageStorageForProcessing and not text(data, "PresentationIntentType")
    if raw or text(data, "PresentationIntentType") == "FOR PROCESSING":
        return FOR_PROCESSING
    return BURNED_IN if text(data, "BurnedInAnnotation") == "YES" else None


def check_header(path: str | Path, data: pydicom.Dataset, max_megapixels: float) -> None:
    """Raise ImageError naming the file unless its header describes one gray image that can be decoded and shown.

    Rejected are images that readers must not see, colour, several frames, more than ``max_megapixels`` million pixels,
    fewer bytes than the pixels need, and compression for which no decoder is available.
    """
    try:
        fault = barred(data) or _fault(data, max_megapixels, Path(path).stat().st_size)
    except Exception as error:  # header values can be wrong in unforeseen ways
        fault = f"its header has values that cannot be used ({plain(error)})"
    if fault:
        raise ImageError(f"{path}: {fault}; replace it or remove its row")


def _fault(data: pydicom.Dataset, max_megapixels: float, size: int) -> str | None:
    """Why a file of ``size`` bytes is not one gray image that can be decoded; None if it is."""
    rows, columns, bits = (int((numbers(data, name) or [0])[0]) for name in ("Rows", "Columns", "BitsAllocated"))
    if 0 in (rows, columns, bits):
        return f"has no pixels (modality {text(data, 'Modality') or 'not given'})"
    photometric, frames = text(data, "PhotometricInterpretation"), int((numbers(data, "NumberOfFrames") or [1])[0])
    if photometric not in GRAY or frames > 1:
        what = f"{photometric or 'no PhotometricInterpretation'}, {frames} frame{'s' * (frames != 1)}"
        return f"is not one gray image ({what})"
    if rows * columns > max_megapixels * 1e6:
        advice = "raise `max_megapixels` if you trust it"
        return f"{rows} x {columns} pixels are more than {max_megapixels:g} million; {advice}"
    syntax, pixels = data.file_meta.TransferSyntaxUID, rows * columns * bits // 8
    if syntax in UNCOMPRESSED and size < pixels:
        return f"is truncated, its pixels alone are {pixels:,} bytes"
    try:
        readable = get_decoder(syntax).is_available
    except NotImplementedError:
        readable = False
    return None if readable else f"no decoder for {syntax.name}; store it uncompressed, for example with DCMTK"
