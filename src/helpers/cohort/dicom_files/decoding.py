"""The stored pixels of one gray DICOM image, whatever its compression."""

import gdcm
import numpy as np
import pydicom
from pydicom.uid import JPEGExtended12Bit

from helpers.cohort.dicom_files.reading import plain
from helpers.errors import ImageError


def stored_pixels(source: str, data: pydicom.Dataset) -> np.ndarray:
    """Pixels of the file ``source``, read as ``data``, before any modality transform: integers, shape (rows, columns).

    Raises ImageError naming the file if they cannot be decoded.
    """
    syntax = data.file_meta.TransferSyntaxUID
    try:
        # pydicom does not pass 12-bit JPEG to GDCM, which can decode it
        return _by_gdcm(source) if syntax == JPEGExtended12Bit and data.BitsStored > 8 else data.pixel_array
    except Exception as error:  # a damaged file can fail in many ways inside the decoders
        raise ImageError(
            f"{source}: its pixels ({syntax.name}) cannot be decoded ({plain(error)}); store it uncompressed, for "
            "example with dcmdjpeg of DCMTK, replace it or remove its row"
        ) from error


def _by_gdcm(source: str) -> np.ndarray:
    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    pixels = reader.GetImage().GetBuffer() if reader.Read() else None
    if pixels is None:
        raise ValueError("GDCM finds them damaged")
    image = reader.GetImage()
    kind = image.GetPixelFormat().GetScalarTypeAsString().lower()
    values = np.frombuffer(pixels.encode("utf-8", "surrogateescape"), kind)  # GDCM returns bytes as text
    return values.reshape(image.GetDimension(1), image.GetDimension(0))
