"""What to build a cohort from: one frozen object, checked before any file is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from helpers.cohort.preprocess import FITS
from helpers.errors import ParameterError
from helpers.runs import PROJECT
from helpers.tables import SPLITS

DEFAULT_FRACTIONS = {"train": 0.7, "validate": 0.1, "test": 0.2}
LABEL_SOURCES = ("chexpert", "imagenome")
VIEWS = ("PA", "AP")

# Which parameters each kind of cohort uses, beside seed, size, fit, images and workers, which all of them do.
USES = {
    "phantom": {"fractions", "equalization"},
    "mimic_cxr": {"fractions", "folder", "table", "labels", "views", "window"},
    "nih_cxr14": {"fractions", "folder", "table", "views", "window"},
    "chestmnist": {"folder", "window"},
    "folder": {"fractions", "folder", "table", "views", "window"},
    "dicom": {"fractions", "folder", "table", "views", "window"},
}
NEEDS = {
    "phantom": {"images"},
    "mimic_cxr": {"folder", "labels"},
    "nih_cxr14": {"folder"},
    "chestmnist": {"folder"},
    "folder": {"folder", "table"},
    "dicom": {"folder", "table"},
}
SPLIT_CHOICES = {
    "phantom": ("patient",),
    "mimic_cxr": ("official", "patient"),
    "nih_cxr14": ("patient",),
    "chestmnist": ("official",),
    "folder": ("official", "patient"),
    "dicom": ("patient",),
}


@dataclass(frozen=True)
class Settings:
    """Parameters of a cohort; see notebook 01 for what each one does.

    ``folder`` and ``table`` are paths, relative ones from the project's root. ``images`` is how many phantoms to
    compute, or for the other kinds at most how many images to take (None: all). ``window`` is None or a pair of
    percentiles 0..100. ``equalization`` of phantoms is None (drawn) or 0..1. Raises ParameterError for an unknown
    value, a parameter that the kind needs and lacks, and one that is set although the kind has no use for it.
    """

    kind: str
    seed: int = 1
    images: int | None = None
    size: int = 64
    fit: str = "pad"
    window: tuple[float, float] | None = None
    folder: Path | None = None
    table: Path | None = None
    labels: str | None = None
    views: tuple[str, ...] | None = None
    split: str = "patient"
    fractions: Mapping[str, float] | None = None
    equalization: float | None = None
    workers: int | None = None

    @classmethod
    def from_parameters(cls, parameters: Mapping) -> "Settings":
        """Settings from a notebook's parameters; ``cohort`` names the kind, other keys keep their names."""
        names = {field.name for field in fields(cls)} - {"kind"}
        values = {name: parameters[name] for name in names if name in parameters}
        for name in ("folder", "table"):
            if values.get(name) is not None:
                values[name] = (PROJECT / Path(values[name]).expanduser()).resolve()
        for name in ("views", "window"):
            if values.get(name) is not None:
                values[name] = tuple(values[name])
        return cls(kind=parameters["cohort"], **values)

    def __post_init__(self):
        _expect("cohort", self.kind, self.kind in USES, f"choose one of {', '.join(USES)}")
        _expect("fit", self.fit, self.fit in FITS, f"choose one of {', '.join(FITS)}")
        _expect("size", self.size, _whole(self.size, 16), "give a whole number of pixels, 16 or more")
        _expect("seed", self.seed, _whole(self.seed, 0), "give a whole number, 0 or more")
        _expect("images", self.images, self.images is None or _whole(self.images, 3), "give a whole number from 3")
        _expect("workers", self.workers, self.workers is None or _whole(self.workers, 1), "give a whole number from 1")
        known = self.labels is None or self.labels in LABEL_SOURCES
        _expect("labels", self.labels, known, f"choose one of {', '.join(LABEL_SOURCES)}")
        known = self.views is None or (len(self.views) > 0 and set(self.views) <= set(VIEWS))
        _expect("views", self.views, known, "give a list of PA, AP or both")
        in_order = self.window is None or (len(self.window) == 2 and 0 <= self.window[0] < self.window[1] <= 100)
        _expect("window", self.window, in_order, "give two percentiles in rising order, for example [0.5, 99.5]")
        part = self.equalization is None or (_number(self.equalization) and 0 <= self.equalization <= 1)
        _expect("equalization", self.equalization, part, "give a number from 0 to 1, or null to draw it")
        self._check_kind()
        self._check_fractions()

    def _check_kind(self) -> None:
        choices = SPLIT_CHOICES[self.kind]
        _expect("split", self.split, self.split in choices, f"cohort {self.kind!r} can have {' or '.join(choices)}")
        for name in sorted(NEEDS[self.kind]):
            _expect(name, None, getattr(self, name) is not None, f"cohort {self.kind!r} needs it")
        for name in ("fractions", "folder", "table", "labels", "views", "window", "equalization"):
            value = getattr(self, name)
            used = value is None or name in USES[self.kind]
            _expect(name, value, used, f"cohort {self.kind!r} has no use for it; leave it out or set it to null")
        unread = self.kind == "mimic_cxr" and self.labels == "chexpert" and self.table is not None
        _expect("table", self.table, not unread, "labels 'chexpert' lie in the folder itself; set table to null")
        missing = self.kind == "mimic_cxr" and self.labels == "imagenome" and self.table is None
        _expect("table", None, not missing, "labels 'imagenome' need the folder of Chest ImaGenome or its table")

    def _check_fractions(self) -> None:
        if self.fractions is None:
            return
        _expect("fractions", self.fractions, self.split == "patient", "an official split has its own; set it to null")
        exact = set(self.fractions) == set(SPLITS) and all(value > 0 for value in self.fractions.values())
        good = exact and abs(sum(self.fractions.values()) - 1) < 1e-6
        _expect("fractions", dict(self.fractions), good, "give train, validate and test, each above 0, with sum 1")


def _whole(value, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _expect(name: str, value, good: bool, advice: str) -> None:
    if not good:
        shown = str(value) if isinstance(value, Path) else value
        raise ParameterError(f"01_cohort: {name} = {shown!r}: {advice}")
