"""The case view: a table of answers beside the images as the reader saw them, with all that is known about the case."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from helpers.errors import ImageError, StudyError
from helpers.explore.facts import MASK_SIZE, Facts
from helpers.explore.link import Choice
from helpers.explore.material import Material
from helpers.explore.selection import TITLES, Table, describe, rating_words
from helpers.explore.talking import Talking, script, style
from helpers.figures.style import CUE_TITLES, finding_title, source_title
from helpers.stats.marks import BOX, POINT, each_mark
from helpers.tables import BESIDE
from helpers.tasks import TASKS

PAGE = 25  # rows sent at a time: more than can be seen, and few enough to appear at once
FAR = 20 * PAGE  # rows; more than this take too long to appear at once
THUMBNAIL = 96  # pixels
# Columns that describe an answer.
SAID = [
    *("reader", "reader_kind", "task", "trial_id", "images", "rating", "answer", "cue", "cue_text", "seconds"),
    *(*POINT, *BOX, "mark_side", "more_marks"),
]
NOTHING = "There are no answers to look at."


class CaseView(Talking):
    """Answers of a run: filtered and sorted in a table; the chosen one with its images, marks, answers and facts.

    ``show`` is called by other views. Other views of the same material follow what is chosen here, and this view
    follows them; ``name`` identifies it among them. The browser sends open, filter, sort, rows (more of the table),
    choose, and more (of the case on the screen); it receives setup, selection (the first rows and a case together: each
    message costs as much as a table), rows, case (pixels as bytes), more (answers, facts, masks, thumbnails) and
    trouble.
    """

    _esm = script("cases.js")
    _css = style()

    def __init__(self, material: Material, chosen: Mapping | None = None, name: str = "cases"):
        super().__init__()
        self.material, self.name = material, name
        rows = material.readings
        self.table = None if rows is None else Table(describe(rows), material.tells_truth)
        self.facts = Facts(material) if material.tells_truth else None
        self.chosen, self.order, self.index = dict(chosen or {}), ("reader", False), 0
        self.title, self.shown = "", np.array([], dtype=int)
        self._select()
        material.link.join(name, self.follow)

    def _select(self) -> None:
        """Apply filters and order; the chosen answer is kept if it is still in the table and not far down."""
        before = self.shown[self.index] if self.index < len(self.shown) else None
        none = np.array([], dtype=int)
        self.shown = none if self.table is None else self.table.select(self.chosen, self.order)
        found = np.flatnonzero(self.shown == before)
        self.index = int(found[0]) if len(found) and found[0] < FAR else 0

    def show(self, chosen: Mapping, title: str = "", is_mark: bool = False) -> None:
        """Show only the answers that pass these filters (``Table.select``); ``title`` says where they come from.

        If a mark of a figure was clicked (``is_mark``), the view is scrolled into sight.
        """
        self._take(chosen, title, comes=is_mark)
        self._tell(is_mark)

    def follow(self, choice: Choice) -> Iterator[None]:
        """Show what was chosen in another view."""
        self._take(choice.chosen, choice.title)
        yield

    def _take(self, chosen: Mapping, title: str, comes: bool = False) -> None:
        self.chosen, self.title, self.index = dict(chosen), title, 0
        self._select()
        self.do_open({"comes": comes})

    def _tell(self, is_mark: bool = False) -> None:
        """Make the other views follow."""
        is_all = self.table is None or len(self.shown) == len(self.table.rows)
        places = None if is_all else np.sort(self.shown)
        self.material.link.tell(self.name, Choice(self.chosen, self.title, places, is_mark))

    def do_open(self, message: Mapping) -> None:
        """Send everything that the view needs to start; with ``comes`` it is scrolled into sight."""
        setup = {"is": "setup", "state": self.material.state, "lacks": self.material.lacks}
        setup |= {"comes": bool(message.get("comes")), "simulated": self._simulated()}
        if self.table is not None:
            columns = [(name, TITLES[name]) for name in self.table.columns]
            filters = [(name, TITLES[name], values) for name, values in self.table.choices.items()]
            ranges = [(name, TITLES[name], *limits) for name, limits in self.table.limits.items()]
            chosen = {name: self._sent(name, values) for name, values in self.chosen.items()}
            setup |= {"columns": columns, "filters": filters, "ranges": ranges, "chosen": chosen, "order": self.order}
        self.send(setup)
        self._send_selection()

    def _sent(self, name: str, values):
        return len(values) if name == "image" else list(values)

    def _simulated(self) -> bool:
        rows = self.material.readings
        return rows is not None and bool((rows["reader_kind"] == "simulated").any())

    def do_filter(self, message: Mapping) -> None:
        """Apply the browser's filters: category -> values, range -> [low, high]; a lasso stays unless cleared."""
        wanted = message["chosen"]
        kept = {"image": self.chosen["image"]} if "image" in wanted and "image" in self.chosen else {}
        self.chosen = {name: values for name, values in wanted.items() if name != "image"} | kept
        self.title = self.title if kept else ""
        self._select()
        self._send_selection()
        self._tell()

    def do_sort(self, message: Mapping) -> None:
        """Sort by a column, ascending or descending."""
        self.order = (message["by"], bool(message["falls"]))
        self._select()
        self._send_selection()

    def do_rows(self, message: Mapping) -> None:
        """Send rows of the table from a given position on."""
        self.send(self._rows(int(message["from"]), int(message["from"]) + PAGE))

    def _rows(self, start: int, end: int) -> dict:
        """Rows of the table as a message."""
        lines = [] if self.table is None else self.table.lines(self.shown[start:end])
        return {"is": "rows", "from": start, "total": len(self.shown), "lines": lines, "title": self.title}

    def do_choose(self, message: Mapping) -> None:
        """Show the answer at a given position in the table."""
        self.index = max(0, min(int(message["index"]), len(self.shown) - 1))
        self.send(*self._case())

    def _send_selection(self) -> None:
        case, buffers = self._case()
        rows = self._rows(0, self.index - self.index % PAGE + PAGE)
        self.send({"is": "selection", "rows": rows, "case": case}, buffers)

    @property
    def row(self) -> pd.Series | None:
        """The chosen answer."""
        return self.table.rows.iloc[self.shown[self.index]] if len(self.shown) else None

    def _case(self) -> tuple[dict, list[bytes]]:
        """The chosen answer as a message and its buffers."""
        row = self.row
        if row is None:
            text = NOTHING if self.table is None else "No answer passes these filters."
            return {"is": "case", "index": 0, "title": text, "names": []}, []
        images = [image for image in row["images"].split(BESIDE) if image]
        case = {"is": "case", "index": self.index, "title": self._heading(row)}
        pixels, case["trouble"] = self._pixels(row, images)
        case["names"] = self._names(row, images)
        if pixels:
            case |= {"width": pixels[0].shape[1], "height": pixels[0].shape[0], "bits": 8 * pixels[0].itemsize}
        return case, [image.tobytes() for image in pixels]

    def _pixels(self, row: pd.Series, images: list[str]) -> tuple[list[np.ndarray], str]:
        if not images:
            return [], f"Trial {row['trial_id']} is in no plan of this run: its images are not known."
        try:
            return [self.material.pixels(image) for image in images], ""
        except (ImageError, StudyError) as error:
            return [], str(error)

    def _heading(self, row: pd.Series) -> str:
        task = TASKS[row["task"]].title if row["task"] in TASKS else row["task"]
        state = f" {row['state']}" if self.facts else ""
        again = "  ·  repeated" if pd.notna(row["repeat_of"]) else ""
        return f"{task}  ·  {finding_title(row['finding'])}{state}{again}"

    def _names(self, row: pd.Series, images: list[str]) -> list[str]:
        if self.facts is None:
            return [f"Image {place + 1}" for place in range(len(images))] if len(images) > 1 else [""] * len(images)
        return [source_title(self.facts.source_of(image)) for image in images]

    def _answers(self, row: pd.Series, images: list[str]) -> list[dict]:
        """Every reader's answer to the case, the chosen one first; marks are placed on the images as now shown."""
        own = self.table.of_case(row)
        own = own[[name for name in SAID if name in own]]  # a run has dozens of columns, and copying them takes longest
        found = each_mark(own)
        marks = {place: [] for place in own.index}
        for place, mark in zip(found.index, found.to_dict("records"), strict=True):
            marks[place].append(mark)
        said = sorted(
            own.to_dict("index").items(), key=lambda one: (one[1]["trial_id"] != row["trial_id"], one[1]["reader"])
        )
        return [self._answer(one, marks[place], images) for place, one in said]

    def _answer(self, one: Mapping, marks: list[Mapping], images: list[str]) -> dict:
        cue = one["cue"] if pd.notna(one["cue"]) else ""
        answer = {"reader": one["reader"], "kind": one["reader_kind"], "seconds": _number(one["seconds"])}
        answer["words"] = rating_words(one["task"], float(one["rating"]))
        answer["swapped"] = one["images"] != BESIDE.join(images)
        answer["right"] = one["answer"] if self.facts else ""
        answer |= {"cue": CUE_TITLES.get(cue, cue), "note": one["cue_text"] if pd.notna(one["cue_text"]) else ""}
        return answer | {"marks": [_mark(mark, images) for mark in marks]}

    def do_more(self, message: Mapping) -> None:
        """Send every reader's answer to the case on the screen, its facts, phantom masks and nearest training images:
        they take longer than the images themselves."""
        if int(message["index"]) != self.index:
            return
        more = {"is": "more", "index": self.index, "answers": [], "facts": [], "masks": [], "near": []}
        row, images, buffers = self.row, [], []
        if row is not None:
            images = [image for image in row["images"].split(BESIDE) if image]
            more["answers"] = self._answers(row, images)
        if self.facts is None:
            images = []
        more["facts"] = [self.facts.of(image) for image in images]
        for place, image in enumerate(images):
            for name, mask in self.facts.masks(image).items():
                more["masks"].append({"image": place, "size": MASK_SIZE, "finding": finding_title(name)})
                buffers.append(mask.astype(np.uint8).tobytes())
        for place, image in enumerate(images):
            name = self.facts.nearest(image)
            if name and name in self.material.paths:
                small = thumbnail(self.material.stored(name))
                more["near"].append({"image": place, "name": name, "size": len(small)})
                buffers.append(small.tobytes())
        self.send(more, buffers)


def thumbnail(image: np.ndarray, size: int = THUMBNAIL) -> np.ndarray:
    """An image reduced by an integer factor, uint8, about ``size`` pixels wide at most."""
    step = max(1, round(len(image) / size))
    side = len(image) // step * step
    blocks = image[:side, :side].reshape(side // step, step, side // step, step)
    return np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)


def _mark(mark: Mapping, images: list[str]) -> dict:
    """A row of ``each_mark``: centre and size as fractions, and the number of its image among those shown."""
    size = [0.0 if pd.isna(mark[name]) else float(mark[name]) for name in BOX]
    place = 0
    if pd.notna(mark.get("mark_side")):
        own = mark["images"].split(BESIDE)
        image = own[TASKS[mark["task"]].places.index(mark["mark_side"])]
        place = images.index(image) if image in images else 0
    return {"image": place, "place": [*(float(mark[name]) for name in POINT), *size]}


def _number(value) -> float | None:
    return None if pd.isna(value) else round(float(value), 1)
