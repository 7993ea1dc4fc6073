"""What to build a cohort from: one frozen object, checked before any file is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from helpers.cohort.preprocess import FITS
from helpers.errors import ParameterError
from helpers.runs import PROJECT
from helpers.tables import SPLITS

DEFAULT_FRACTIONS = {"train": 0.7, "validate": 0.1, "test": 0.2}
VIEWS = ("PA", "AP")


@dataclass(frozen=True)
class Settings:
    """Parameters of a cohort; see notebook 01 for what each one does.

    ``folder`` and ``table`` are paths, relative ones from the project's root. ``images`` is how many phantoms to
    compute, or for the other kinds at most how many images to take (None: all). ``window`` is None or a pair of
    percentiles 0..100. ``equalization`` of phantoms is None (drawn) or 0..1. Raises ParameterError for a value that
    no kind can have; ``kinds.kind_of`` raises it for one that does not fit the kind.
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
        expect("fit", self.fit, self.fit in FITS, f"choose one of {', '.join(FITS)}")
        expect("size", self.size, _whole(self.size, 16), "give a whole number of pixels, 16 or more")
        expect("seed", self.seed, _whole(self.seed, 0), "give a whole number, 0 or more")
        expect("images", self.images, self.images is None or _whole(self.images, 3), "give a whole number from 3")
        expect("workers", self.workers, self.workers is None or _whole(self.workers, 1), "give a whole number from 1")
        known = self.views is None or (len(self.views) > 0 and set(self.views) <= set(VIEWS))
        expect("views", self.views, known, "give a list of PA, AP or both")
        in_order = self.window is None or (len(self.window) == 2 and 0 <= self.window[0] < self.window[1] <= 100)
        expect("window", self.window, in_order, "give two percentiles in rising order, for example [0.5, 99.5]")
        part = self.equalization is None or (_number(self.equalization) and 0 <= self.equalization <= 1)
        expect("equalization", self.equalization, part, "give a number from 0 to 1, or null to draw it")
        self._check_fractions()

    def _check_fractions(self) -> None:
        if self.fractions is None:
            return
        expect("fractions", self.fractions, self.split == "patient", "an official split has its own; set it to null")
        exact = set(self.fractions) == set(SPLITS) and all(value > 0 for value in self.fractions.values())
        good = exact and abs(sum(self.fractions.values()) - 1) < 1e-6
        expect("fractions", dict(self.fractions), good, "give train, validate and test, each above 0, with sum 1")


def _whole(value, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def expect(name: str, value, good: bool, advice: str) -> None:
    """Raise ParameterError, naming the parameter and its value with an advice, unless it is ``good``."""
    if not good:
        shown = str(value) if isinstance(value, Path) else value
        raise ParameterError(f"01_cohort: {name} = {shown!r}: {advice}")
