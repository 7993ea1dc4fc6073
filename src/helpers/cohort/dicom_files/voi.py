"""Which values are shown between black and white: VOI lookup tables and windows (PS3.3 C.11.2)."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pydicom

from helpers.cohort.dicom_files.lookup import read_table
from helpers.cohort.dicom_files.reading import numbers, text
from helpers.errors import ImageError

RANGE = "range"


@dataclass(frozen=True)
class View:
    """One of the alternative views that a file offers: ``show`` maps values to 0..1, ``fault`` says why it cannot."""

    name: str
    explanation: str
    show: Callable[[np.ndarray], np.ndarray] | None = None
    words: str = ""
    remark: str = ""
    fault: str = ""


def shown(values: np.ndarray, visible: np.ndarray, data: pydicom.Dataset, voi: str | None, notes: list[str]):
    """Values after the modality transform as gray levels: float32 in 0..1, before any inversion.

    ``visible`` marks the pixels that count, bool of the same shape. ``voi`` is "VOI LUT 2", "window 2", an explanation
    (LUTExplanation, WindowCenterWidthExplanation), "range" for the image's own range, or None: tables, then windows,
    in the order of the file. A view that is invalid or shows only one gray level is skipped; if none is valid, the
    image's own range is shown. What was done is added to ``notes``. Raises ImageError if the pixels differ but every
    valid view shows them at one gray level.
    """
    low, high = _ends(values, visible)
    if low == high:
        raise ImageError("blank: every pixel has the same value; replace the image or remove its row")
    flat = []
    for view in _ordered(views(data, signed=low < 0), voi, notes):
        if view.fault:
            notes.append(f"{view.name} ignored, {view.fault}")
            continue
        image = view.show(values).astype(np.float32)
        black, white = _ends(image, visible)
        if black < white:
            notes += [f"{one.name} ignored, it shows every pixel at one gray level" for one in flat]
            notes += [f"shown by {view.name}"] + ([f"{view.name}: {view.remark}"] if view.remark else [])
            return image
        flat.append(view)
    if flat:
        told = " and ".join(view.words for view in flat)
        raise ImageError(
            f"{told} shows every pixel at one gray level, though values go from {low:g} to {high:g}; set `voi: range` "
            "to show the image's own range, or remove its row"
        )
    notes.append("shown by its own range of values")
    return np.clip((values - low) / (high - low), 0.0, 1.0).astype(np.float32)


def _ends(values: np.ndarray, visible: np.ndarray) -> tuple[float, float]:
    counted = values if visible.all() else values[visible]
    return float(counted.min()), float(counted.max())


def _ordered(found: list[View], voi: str | None, notes: list[str]) -> list[View]:
    """The views to try, the requested one first."""
    if voi is None:
        return found
    if voi.lower() == RANGE:
        return []
    wanted = [view for view in found if voi.strip().upper() in (view.name.upper(), view.explanation)]
    if not wanted:
        notes.append(f"has no view {voi!r}, which `voi` asks for")
    return wanted + [view for view in found if view not in wanted]


def views(data: pydicom.Dataset, signed: bool) -> list[View]:
    """The lookup tables and windows of a file; ``signed`` if the values that they map can be negative."""
    little = data.original_encoding[1] is not False
    tables = [
        _table(item, f"VOI LUT {place}", little, signed)
        for place, item in enumerate(data.get("VOILUTSequence") or [], 1)
    ]
    return tables + _windows(data)


def _table(item: pydicom.Dataset, name: str, little_endian: bool, signed: bool) -> View:
    view = View(name, text(item, "LUTExplanation"), words=name)
    try:
        table = read_table(item, little_endian, signed)
    except ImageError as error:
        return replace(view, fault=str(error))
    remark = "scaled by its largest entry, which does not fit the bits that the file says" if table.told_wrong else ""
    return replace(view, show=lambda values: np.clip(table(values) / table.white, 0.0, 1.0), remark=remark)


def _windows(data: pydicom.Dataset) -> list[View]:
    try:
        pairs = list(zip(numbers(data, "WindowCenter"), numbers(data, "WindowWidth"), strict=False))
    except ImageError as error:
        return [View("window", "", fault=str(error))]
    function = text(data, "VOILUTFunction") or "LINEAR"
    names = data.get("WindowCenterWidthExplanation")
    names = [names] if isinstance(names, str) else list(names or [])
    found = []
    for place, (centre, width) in enumerate(pairs):
        explanation = str(names[place]).strip().upper() if place < len(names) else ""
        view = View(
            f"window {place + 1}", explanation, words=f"window {place + 1} (centre {centre:g}, width {width:g})"
        )
        fault = _fault(function, width)
        show = None if fault else lambda values, c=centre, w=width: window(values, c, w, function)
        found.append(replace(view, show=show, fault=fault))
    return found


def _fault(function: str, width: float) -> str:
    if function not in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
        return "its VOILUTFunction is not in the standard"
    if function == "LINEAR" and width < 1:
        return "its width is below 1"
    return "its width is not above 0" if width <= 0 else ""


def window(values: np.ndarray, centre: float, width: float, function: str = "LINEAR") -> np.ndarray:
    """Gray levels in 0..1 of values shown with one window (PS3.3 C.11.2.1.2.1, C.11.2.1.3.1 and C.11.2.1.3.2)."""
    if function == "SIGMOID":
        return 1.0 / (1.0 + np.exp(np.clip(-4.0 * (values - centre) / width, -80.0, 80.0)))
    if function == "LINEAR":
        centre, width = centre - 0.5, width - 1
    if width == 0:
        return (values > centre).astype(np.float32)
    return np.clip((values - centre) / width + 0.5, 0.0, 1.0)
