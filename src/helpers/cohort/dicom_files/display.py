"""The pixels of one DICOM radiograph as a display shows them (PS3.3 C.11, C.7.5 and C.7.6; PS3.4 N.2)."""

from dataclasses import dataclass

import numpy as np
import pydicom

from helpers.cohort.dicom_files.decoding import stored_pixels
from helpers.cohort.dicom_files.geometry import open_shutter, square_pixels, upright
from helpers.cohort.dicom_files.lookup import read_table
from helpers.cohort.dicom_files.reading import check_header, numbers, plain, read_dataset, text
from helpers.cohort.dicom_files.voi import shown
from helpers.errors import ImageError
from helpers.files import MAX_MEGAPIXELS


@dataclass(frozen=True)
class DicomReader:
    """Reads a DICOM file; ``voi`` selects the view (see ``voi.shown``), ``max_megapixels`` limits the image size."""

    voi: str | None = None
    max_megapixels: float = MAX_MEGAPIXELS

    def check(self, source: str) -> None:
        """Raise ImageError naming the file if its header shows that it cannot be read; no pixels are read."""
        check_header(source, read_dataset(source, stop_before_pixels=True), self.max_megapixels)

    def __call__(self, source: str) -> tuple[np.ndarray, dict]:
        """Pixels as shown: float32 in 0..1, shape (rows, columns), bones bright; and what was done, in ``notes``.

        Raises ImageError naming a file that is not DICOM, is damaged, is in colour, has several frames, must not be
        shown, or cannot be shown because of values in its header.
        """
        data, notes = read_dataset(source), []
        check_header(source, data, self.max_megapixels)
        pixels = stored_pixels(source, data)
        try:
            return displayed(pixels, data, self.voi, notes), {"notes": list(dict.fromkeys(notes))}
        except ImageError as error:
            raise ImageError(f"{source}: {error}") from error
        except Exception as error:  # header values can be wrong in unforeseen ways
            raise ImageError(
                f"{source}: its header has values that cannot be used ({plain(error)}); remove its row"
            ) from error


read_image = DicomReader()


def displayed(pixels: np.ndarray, data: pydicom.Dataset, voi: str | None, notes: list[str]) -> np.ndarray:
    """Stored pixels, shape (rows, columns), as shown: float32 in 0..1; what was done is added to ``notes``.

    The steps are the modality transform, the view (VOI), at most one inversion, square pixels, and upright orientation.
    Padding and pixels hidden by the shutter do not affect any range; padding is black.
    """
    if numbers(data, "HighBit") != [data.BitsStored - 1]:
        notes.append("HighBit is not one less than BitsStored, check the picture")
    padded, inside = padding(pixels, data), open_shutter(data, pixels.shape)
    visible = inside & ~padded
    if not visible.any():
        raise ImageError("padding or shutter hide every pixel; remove its row")
    image = shown(modality_values(pixels, data), visible, data, voi, notes)
    if inverted(data, notes):
        image = 1.0 - image
    if padded.any():
        image[padded] = 0.0
        notes.append("PixelPaddingValue shown black and left out of the range")
    if not inside.all():
        image[~inside] = (numbers(data, "ShutterPresentationValue") or [0.0])[0] / 65535
        notes.append("display shutter applied")
    return upright(square_pixels(image, data, notes), data, notes)


def padding(pixels: np.ndarray, data: pydicom.Dataset) -> np.ndarray:
    """Padding pixels, bool: values from PixelPaddingValue to PixelPaddingRangeLimit (C.7.5.1.1.2)."""
    ends = numbers(data, "PixelPaddingValue")[:1]
    if not ends:
        return np.zeros(pixels.shape, dtype=bool)
    ends += numbers(data, "PixelPaddingRangeLimit")[:1]
    bits, signed = int(data.BitsStored), data.PixelRepresentation == 1
    ends = [int(end) % 2**bits for end in ends]
    ends = [end - 2**bits if signed and end >= 2 ** (bits - 1) else end for end in ends]
    return (pixels >= min(ends)) & (pixels <= max(ends))


def modality_values(pixels: np.ndarray, data: pydicom.Dataset) -> np.ndarray:
    """Values after the modality lookup table, or after slope and intercept (PS3.3 C.11.1): float32."""
    if data.get("ModalityLUTSequence"):
        little = data.original_encoding[1] is not False
        try:
            return read_table(data.ModalityLUTSequence[0], little, bool(pixels.min() < 0))(pixels)
        except ImageError as error:
            raise ImageError(f"the modality LUT cannot be used: {error}; correct it or remove its row") from error
    slope = (numbers(data, "RescaleSlope") or [1.0])[0]
    if slope == 0:
        raise ImageError("RescaleSlope is 0; correct it or remove its row")
    return (pixels * slope + (numbers(data, "RescaleIntercept") or [0.0])[0]).astype(np.float32)


def inverted(data: pydicom.Dataset, notes: list[str]) -> bool:
    """Whether low values are bright: MONOCHROME1, or PresentationLUTShape INVERSE (C.11.6); both invert only once."""
    shape, low_is_bright = text(data, "PresentationLUTShape"), data.PhotometricInterpretation == "MONOCHROME1"
    if low_is_bright and shape == "IDENTITY":
        notes.append("MONOCHROME1 contradicts PresentationLUTShape IDENTITY, the image was inverted")
    if not low_is_bright and shape == "INVERSE":
        notes.append("inverted by PresentationLUTShape INVERSE")
    return low_is_bright or shape == "INVERSE"
