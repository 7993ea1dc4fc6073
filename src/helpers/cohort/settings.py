"""What to build a cohort from: one frozen object, checked before any file is touched."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, InstanceOf, NonNegativeInt, Strict

from helpers.checks import Positive, Several, Share, checked, chosen
from helpers.cohort.preprocess import FITS
from helpers.errors import ParameterError
from helpers.files import MAX_MEGAPIXELS
from helpers.findings import ORIGINAL, Findings
from helpers.runs import PROJECT
from helpers.tables import SPLITS

DEFAULT_FRACTIONS = {"train": 0.7, "validate": 0.1, "test": 0.2}


@checked(ParameterError, "01_cohort: ")
class Settings:
    """Parameters of a cohort; see notebook 01 for what each one does.

    ``findings`` are those of the study. ``folder``, ``table`` and ``reports`` are paths, relative to the project's
    root unless absolute. ``columns`` maps the project's columns to those of the table. ``images`` is how many phantoms
    to compute or, for other kinds, the maximum to take (None: all). ``window`` is None or a pair of percentiles
    0..100. ``voi`` names a view of DICOM files, ``burned_in`` says how those with burned-in annotation are handled
    (None: "skip"). Images of more than ``max_megapixels`` million pixels are rejected. ``equalization`` of phantoms is
    None (drawn) or 0..1, ``visits`` is how many images each of their patients has (None: 1). ``unreadable`` says how
    images that cannot be used are handled, ``unreadable_limit`` the largest share of images that may be left out.
    Raises ParameterError for a value that no kind can have; ``kinds.kind_of`` raises it for one that does not fit
    the kind.
    """

    kind: str
    findings: InstanceOf[Findings] = ORIGINAL
    seed: NonNegativeInt = 1
    images: Annotated[int, Field(ge=3)] | None = None
    size: Annotated[int, Field(ge=16)] = 64
    fit: Literal[FITS] = "pad"
    window: Annotated[tuple[float, float], Strict(False)] | None = None
    folder: Path | None = None
    table: Path | None = None
    columns: dict[str, str] | None = None
    labels: str | None = None
    reports: Path | None = None
    views: Annotated[Several[Literal["PA", "AP"]], Field(min_length=1)] | None = None
    split: str = "patient"
    fractions: dict[str, Annotated[float, Field(gt=0)]] | None = None
    voi: str | None = None
    burned_in: Literal["error", "skip"] | None = None
    max_megapixels: Annotated[int, Field(ge=1)] = MAX_MEGAPIXELS
    equalization: Share | None = None
    visits: Positive | None = None
    workers: Positive | None = None
    unreadable: Literal["error", "skip"] = "error"
    unreadable_limit: Share = 0.01

    @classmethod
    def from_parameters(cls, parameters: Mapping) -> "Settings":
        """Settings from a notebook's parameters; ``cohort`` names the kind, other keys keep their names.

        ``drawn_size``, the size at which generators draw the images, is checked but does not affect the cohort.
        """
        given = {name: parameters.get(name) for name in ("folder", "table", "reports")}
        paths = {name: path and (PROJECT / Path(path).expanduser()).resolve() for name, path in given.items()}
        findings = Findings.from_section(parameters["findings"]) if "findings" in parameters else ORIGINAL
        settings = chosen(cls, parameters, kind=parameters["cohort"], findings=findings, **paths)
        drawn = parameters.get("drawn_size")
        divides = drawn is None or (drawn > 0 and settings.size % drawn == 0)
        expect("drawn_size", drawn, divides, f"size = {settings.size} must be a multiple of it, or it must be null")
        return settings

    def __post_init__(self):
        in_order = self.window is None or 0 <= self.window[0] < self.window[1] <= 100
        expect("window", self.window, in_order, "give two percentiles in rising order, for example [0.5, 99.5]")
        if self.fractions is not None:
            whole = set(self.fractions) == set(SPLITS) and abs(sum(self.fractions.values()) - 1) < 1e-6
            expect("fractions", self.fractions, whole, "give train, validate and test, each above 0, with sum 1")
            official = self.split != "patient"
            expect("fractions", self.fractions, not official, "an official split has its own; set it to null")


def expect(name: str, value, good: bool, advice: str) -> None:
    """Raise ParameterError naming the parameter and its value, with advice, unless it is ``good``."""
    if not good:
        shown = str(value) if isinstance(value, Path) else value
        raise ParameterError(f"01_cohort: {name} = {shown!r}: {advice}")
