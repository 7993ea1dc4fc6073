"""The findings of a study: their names for people, prompts and data sets, their states, and the study's cells."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd
import yaml
from pydantic import Field

from helpers.checks import Several, checked
from helpers.errors import ParameterError
from helpers.files import write_text

PRESENT, ABSENT, UNSPECIFIED = 1, 0, -1
LANGUAGES = ("en", "es")  # of the question
MOST = 14
# The findings that come with the project, by name; a params file may name them without describing them.
DESCRIBED = yaml.safe_load(Path(__file__).with_name("findings.yaml").read_text(encoding="utf-8"))
VOCABULARIES = tuple(dict.fromkeys(name for finding in DESCRIBED.values() for name in finding["labels"]))
# Names of other columns in tables of images, and of other values in the finding column of tables of results.
TAKEN = (
    "image_id", "path", "patient_id", "split", "view", "age", "sex", "text", "source", "finding", "present", "prompt",
    "seed", "template", "image", "all",
)  # fmt: skip

Text = Annotated[str, Field(min_length=1, pattern=r"^\S(.*\S)?$")]


@checked(ParameterError)
class Finding:
    """A finding.

    ``name`` is its column in tables, ``code`` its short form in figures (up to four letters or digits), ``title`` its
    name for people. ``question`` gives, by language, the words to insert in "Is ... present in the image?"; ``words``
    are used in prompts. ``labels`` gives its names in the label tables of data sets, by vocabulary: it is present if
    any of them is.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=40)]
    code: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,4}$")]
    title: Text
    question: dict[str, Text]
    words: Text
    labels: dict[str, Annotated[Several[Text], Field(min_length=1)]] = Field(default_factory=dict)

    def __post_init__(self):
        if self.name in TAKEN:
            raise ParameterError(f"name = {self.name!r}: is the name of another column; choose another")
        if set(self.question) != set(LANGUAGES):
            raise ParameterError(f"question = {self.question}: give exactly {', '.join(LANGUAGES)}")
        if unknown := sorted(set(self.labels) - set(VOCABULARIES)):
            raise ParameterError(f"labels.{unknown[0]}: no such vocabulary; choose {', '.join(VOCABULARIES)}")


class Cell(NamedTuple):
    """A study cell: one finding, asked to be present (1) or absent (0), the others unspecified."""

    finding: str
    present: int

    @property
    def label(self) -> str:
        """Folder-safe name, for example ``atelectasis_present``."""
        return f"{self.finding}_{'present' if self.present else 'absent'}"


@dataclass(frozen=True)
class Findings(Sequence):
    """The findings of a study, in order: 1 to 14, with unique names and codes."""

    given: tuple[Finding, ...]

    @classmethod
    def from_section(cls, section: object) -> "Findings":
        """The findings in a section of a params file: a list of names from ``DESCRIBED`` and of mappings.

        A mapping has the fields of ``Finding``. If its name is in ``DESCRIBED``, missing fields are taken from there,
        and ``labels`` adds or replaces vocabularies. Raises ParameterError naming the place.
        """
        if not isinstance(section, list) or not 1 <= len(section) <= MOST:
            raise ParameterError(f"findings = {section!r}: give a list of 1 to {MOST} findings")
        given = [_finding(entry, f"findings[{number}]") for number, entry in enumerate(section)]
        for field in ("name", "code"):
            values = [getattr(finding, field) for finding in given]
            if twice := [value for value in values if values.count(value) > 1]:
                raise ParameterError(f"findings: {field} {twice[0]!r} is given twice; each finding needs its own")
        return cls(tuple(given))

    def as_section(self) -> list[dict]:
        """The findings in full, as ``from_section`` accepts them."""
        return [{**asdict(one), "labels": {k: list(v) for k, v in one.labels.items()}} for one in self.given]

    def write(self, path: str | Path) -> None:
        """Write the findings in full as JSON that ``from_section`` accepts."""
        write_text(Path(path), json.dumps(self.as_section(), indent=1) + "\n")

    @classmethod
    def read(cls, path: str | Path) -> "Findings":
        """Read what ``write`` wrote; raises ParameterError naming the file if it is missing or damaged."""
        try:
            return cls.from_section(json.loads(Path(path).read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise ParameterError(f"{path}: no findings of a study ({error}); run notebooks/01_cohort.ipynb") from error

    def __getitem__(self, index: int) -> Finding:
        return self.given[index]

    def __len__(self) -> int:
        return len(self.given)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.given)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Their column names, in order."""
        return tuple(finding.name for finding in self.given)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The study's cells: each finding present and absent."""
        return tuple(Cell(name, present) for name in self.names for present in (PRESENT, ABSENT))

    def labels(self, vocabulary: str) -> dict[str, tuple[str, ...]]:
        """Names of every finding in a vocabulary; raises ParameterError if one has none."""
        if nameless := [finding.name for finding in self.given if vocabulary not in finding.labels]:
            raise ParameterError(
                f"findings: {nameless[0]} has no name in the vocabulary {vocabulary!r}, which this data set is "
                f"labelled in; write `{{name: {nameless[0]}, labels: {{{vocabulary}: [...]}}}}`, or leave it out"
            )
        return {finding.name: finding.labels[vocabulary] for finding in self.given}

    def naming(self, vocabulary: str) -> str:
        """Say which findings have other names in a vocabulary: ``Lung opacity is Edema or Pneumonia.``"""
        names = self.labels(vocabulary)
        other = {
            one.title: names[one.name] for one in self if {n.lower() for n in names[one.name]} != {one.title.lower()}
        }
        return " ".join(f"{title} is {' or '.join(labels)}." for title, labels in other.items())

    def condition(self, cell: Cell) -> np.ndarray:
        """Condition vector of a cell: int8, shape (findings,), in their order; 1, 0 or -1 (unspecified)."""
        states = np.full(len(self), UNSPECIFIED, dtype=np.int8)
        states[self.names.index(cell.finding)] = cell.present
        return states

    def condition_labels(self, cohort: pd.DataFrame) -> np.ndarray:
        """Training labels of a cohort: int8, shape (n, findings); blank and uncertain become unspecified (-1)."""
        labels = cohort[list(self.names)].astype("float64").fillna(UNSPECIFIED).to_numpy()
        return np.where(np.isin(labels, (PRESENT, ABSENT)), labels, UNSPECIFIED).astype(np.int8)


def _finding(entry: object, place: str) -> Finding:
    entry = {"name": entry} if isinstance(entry, str) else entry
    if not isinstance(entry, Mapping) or "name" not in entry:
        raise ParameterError(f"{place} = {entry!r}: give the name of a finding, or a mapping with a name")
    known = DESCRIBED.get(entry["name"]) if isinstance(entry["name"], str) else None
    fields = {**(known or {}), **entry}
    if known and isinstance(entry.get("labels"), Mapping):
        fields["labels"] = {**known["labels"], **entry["labels"]}
    needed = [name for name in ("code", "title", "question", "words") if name not in fields]
    if needed:
        raise ParameterError(
            f"{place} = {entry['name']!r}: is not among the findings that come with the project "
            f"({', '.join(DESCRIBED)}), so it needs {', '.join(needed)} as well"
        )
    if unknown := sorted(str(name) for name in set(fields) - {"name", "code", "title", "question", "words", "labels"}):
        raise ParameterError(f"{place}.{unknown[0]}: a finding has no such field")
    try:
        return Finding(**fields)
    except ParameterError as error:
        raise ParameterError(f"{place}.{error}") from error


def title_of(name: str) -> str:
    """Title of a finding that no study describes: the project's own title, or its name in words."""
    return DESCRIBED[name]["title"] if name in DESCRIBED else name.replace("_", " ").capitalize()


def rank(name: str) -> tuple[int, str]:
    """Sort key of a finding: those of ``DESCRIBED`` in their order, then the rest by name."""
    return (list(DESCRIBED).index(name) if name in DESCRIBED else len(DESCRIBED), name)


def in_cell(cohort: pd.DataFrame, cell: Cell) -> pd.Series:
    """True where an image's label is exactly the cell's state; blank and uncertain labels never match."""
    return (cohort[cell.finding].astype("float64") == cell.present).fillna(False).astype(bool)


# The findings of the original study.
ORIGINAL = Findings.from_section(["atelectasis", "lung_opacity", "pleural_effusion", "enlarged_cardiac_silhouette"])
