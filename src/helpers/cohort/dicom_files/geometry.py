"""Geometry of a radiograph: display shutter, pixel shape, and patient orientation."""

import numpy as np
import pydicom
from PIL import Image, ImageDraw

from helpers.cohort.dicom_files.reading import numbers
from helpers.errors import ImageError

SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio")
LARGEST_RATIO = 4  # of a pixel's sides; a larger ratio is an error
SQUARE = 0.01  # pixels whose side ratio is closer to 1 than this are square


def open_shutter(data: pydicom.Dataset, shape: tuple[int, int]) -> np.ndarray:
    """Pixels inside the display shutter, bool of ``shape`` (PS3.3 C.7.6.11); all pixels if there is no shutter.

    Edges and corners belong to the image. With several shapes, a pixel that any of them hides is hidden.
    """
    value = data.get("ShutterShape")
    shapes = [value] if isinstance(value, str) else list(value or [])
    inside = np.ones(shape, dtype=bool)
    row, column = np.ogrid[1 : shape[0] + 1, 1 : shape[1] + 1]
    if "RECTANGULAR" in shapes:
        names = ("LeftVertical", "RightVertical", "UpperHorizontal", "LowerHorizontal")
        left, right, top, bottom = (_several(data, f"Shutter{name}Edge", 1)[0] for name in names)
        inside &= (column >= left) & (column <= right) & (row >= top) & (row <= bottom)
    if "CIRCULAR" in shapes:
        y, x = _several(data, "CenterOfCircularShutter", 2)[:2]
        inside &= (row - y) ** 2 + (column - x) ** 2 <= _several(data, "RadiusOfCircularShutter", 1)[0] ** 2
    if "POLYGONAL" in shapes:
        corners = _several(data, "VerticesOfThePolygonalShutter", 6)
        drawn = Image.new("1", (shape[1], shape[0]))
        ImageDraw.Draw(drawn).polygon([(x - 1, y - 1) for y, x in zip(corners[::2], corners[1::2], strict=False)], 1, 1)
        inside &= np.asarray(drawn, dtype=bool)
    return inside


def _several(data: pydicom.Dataset, name: str, count: int) -> list[float]:
    found = numbers(data, name)
    if len(found) < count:
        raise ImageError(f"{name} of the shutter has {len(found)} values, {count} are needed")
    return found


def square_pixels(image: np.ndarray, data: pydicom.Dataset, notes: list[str]) -> np.ndarray:
    """The image stretched (bicubic) along one side so that its pixels are square; this is added to ``notes``.

    The pixel's shape (height, width) comes from the first of ``SPACINGS`` that the file has. Raises ImageError if the
    sides differ by more than a factor of 4.
    """
    for name in SPACINGS:
        sides = numbers(data, name)
        if len(sides) >= 2 and min(sides[:2]) > 0:
            break
    else:
        return image
    ratio = sides[0] / sides[1]
    if abs(ratio - 1) < SQUARE:
        return image
    if not 1 / LARGEST_RATIO <= ratio <= LARGEST_RATIO:
        raise ImageError(
            f"{name} says that pixels are {sides[0]:g} high and {sides[1]:g} wide; correct it or remove its row"
        )
    height, width = image.shape
    height, width = (round(height * ratio), width) if ratio > 1 else (height, round(width / ratio))
    notes.append(f"pixels are not square by {name}, the image was stretched")
    stretched = Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(stretched, dtype=np.float32), 0.0, 1.0)


def directions(data: pydicom.Dataset) -> str:
    """Directions of pixel rows and columns, from PatientOrientation: "LF" is usual, "" means unknown.

    The first letters of both values (PS3.3 C.7.6.1.1.1): left or right, anterior or posterior, head or feet.
    """
    value = data.get("PatientOrientation")
    if value is None or isinstance(value, str) or len(value) != 2:
        return ""
    letters = "".join(str(one).strip().upper()[:1] for one in value)
    axes = {axis for letter in letters for axis in ("LR", "AP", "HF") if letter in axis}
    return letters if len(letters) == len(axes) == 2 else ""


def upright(image: np.ndarray, data: pydicom.Dataset, notes: list[str]) -> np.ndarray:
    """A frontal image turned upright: head up, the patient's left on the viewer's right; changes go to ``notes``."""
    letters = directions(data)
    if not letters or set(letters) & set("AP"):
        return image
    before = letters
    if letters[0] in "HF":
        image, letters = image.T, letters[::-1]
    if letters[0] == "R":
        image = image[:, ::-1]
    if letters[1] == "H":
        image = image[::-1]
    if before != "LF":
        done = "mirrored" if before == "RF" else "turned"
        notes.append(f"PatientOrientation is {before[0]}\\{before[1]}, the image was {done}")
    return np.ascontiguousarray(image)
