"""Boxes that radiologists drew around findings, converted from original pixels to fractions of the image shown."""

from collections.abc import Mapping, Sequence

import pandas as pd


def of_images(drawn: pd.DataFrame, names: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Boxes of the study's findings as fractions of the original image.

    ``drawn`` has image_id, name (the data set's name for a finding), annotator and, in px, left, top, width, height and
    the image's columns and rows. A name shared by several findings gives each of them a box. Returns image_id, finding,
    x, y (centre), width, height, annotator, and ratio, the image's width over its height.
    """
    found = [drawn[drawn["name"].isin(wanted)].assign(finding=finding) for finding, wanted in names.items()]
    found = pd.concat(found, ignore_index=True)
    boxes = found[["image_id", "finding", "annotator"]].copy()
    boxes["x"] = (found["left"] + found["width"] / 2) / found["columns"]
    boxes["y"] = (found["top"] + found["height"] / 2) / found["rows"]
    boxes["width"] = found["width"] / found["columns"]
    boxes["height"] = found["height"] / found["rows"]
    boxes["ratio"] = found["columns"] / found["rows"]
    return boxes


def as_shown(boxes: pd.DataFrame, fit: str) -> pd.DataFrame:
    """The boxes on the square that ``preprocess`` makes with ``fit``, clipped to it, without the column ratio."""
    boxes = boxes.copy()
    for place, side, longer in (("x", "width", boxes["ratio"]), ("y", "height", 1 / boxes["ratio"])):
        scale = {"pad": longer.clip(upper=1), "crop": longer.clip(lower=1), "resize": 1.0}[fit]
        low = (0.5 + (boxes[place] - boxes[side] / 2 - 0.5) * scale).clip(0, 1)
        high = (0.5 + (boxes[place] + boxes[side] / 2 - 0.5) * scale).clip(0, 1)
        boxes[place], boxes[side] = (low + high) / 2, high - low
    boxes = boxes[(boxes["width"] > 0) & (boxes["height"] > 0)]
    return boxes.drop(columns="ratio").sort_values(["image_id", "finding"], kind="stable", ignore_index=True)
