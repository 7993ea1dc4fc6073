"""A grid of parameters: the runs of a sweep, each defined by how it differs from a common params file."""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from helpers.chain import fitting_together
from helpers.errors import ParameterError, RunError
from helpers.parameters import effective, read_sections
from helpers.runs import PROJECT, STAGES, Run, workspace

KEYS = ("params", "until", "grid", "shown")
LAST = list(STAGES)[-1]


@dataclass(frozen=True)
class Point:
    """One run of a grid: its name, the level of each axis, and what its params file says."""

    run: str
    levels: Mapping[str, str]
    sections: Mapping[str, Any]
    origin: str  # for messages

    def parameters(self) -> dict[str, dict]:
        """The parameters of every stage; raises ParameterError, naming the grid's file, if they are wrong."""
        sections = fitting_together(effective(self.sections, self.origin), self.origin)
        if sections["07_reading"]["readers_are"] == "human":
            raise ParameterError(
                f"{self.origin}: 07_reading.readers_are = 'human': a sweep does not wait for people; set it to "
                "simulated, or read one of its runs as a study of its own: make study RUN=... PARAMS=..."
            )
        return sections


@dataclass(frozen=True)
class Grid:
    """What a grid's file asks for: its points, how far each goes (``until``), and which numbers are ``shown``."""

    path: Path
    until: str
    shown: tuple[str, ...]
    points: tuple[Point, ...]

    @property
    def axes(self) -> list[str]:
        """Names of the parameters that differ, in the order of the file."""
        return list(self.points[0].levels)

    @property
    def folder(self) -> Path:
        """Where the table and figure of the sweep are kept, ``data/sweeps/<name of the file>/``."""
        return sweep_folder(self.path.stem)


def sweep_folder(name: str) -> Path:
    """Folder of a sweep by its name."""
    return workspace() / "data" / "sweeps" / name


def read_grid(path: str | Path) -> Grid:
    """The grid of a file: ``params`` (a params file), ``until`` (a notebook), ``grid`` (axes), ``shown`` (numbers).

    An axis is a parameter, such as ``04_sample.guidance``, with a list of values, or a mapping of names to values. A
    parameter may be nested, as in ``04_sample.sources.diffusion.template``: each part is a key or, within a list, a
    ``source`` or an index. A name without a section, such as ``seed``, means the parameter of that name in every
    notebook that has one. Raises ParameterError, naming file, key and value.
    """
    path = Path(path)
    said = read_sections(path)
    for key, value in said.items():
        if key not in KEYS:
            raise ParameterError(f"{path}: {key} = {value!r}: no such key; a grid has {', '.join(KEYS)}")
    until = said.get("until", LAST)
    if until not in STAGES:
        raise ParameterError(f"{path}: until = {until!r}: not a notebook of the chain, which has {', '.join(STAGES)}")
    shown = said.get("shown", [])
    if not isinstance(shown, list) or not all(isinstance(name, str) for name in shown):
        raise ParameterError(f"{path}: shown = {shown!r}: must be a list of names of numbers")
    common, base = _common(said, path)
    axes = {axis: _levels(axis, values, path) for axis, values in _axes(said, path).items()}
    points = []
    for labels in product(*axes.values()):
        sections = deepcopy(common)
        for axis, label in zip(axes, labels, strict=True):
            _put(sections, base, axis, axes[axis][label], path)
        name = "-".join(re.sub(r"[^A-Za-z0-9._]", "_", part) for part in (path.stem, *labels))
        levels = dict(zip(axes, labels, strict=True))
        points.append(Point(_run(name, path), levels, sections, f"{path}: run {name}"))
    return Grid(path, until, tuple(shown), tuple(points))


def _common(said: Mapping, path: Path) -> tuple[dict, dict[str, dict]]:
    """What the common params file says, and the parameters that it gives every stage."""
    params = said.get("params", "notebooks/params/quick.yaml")
    if not isinstance(params, str):
        raise ParameterError(f"{path}: params = {params!r}: must be the path of a params file")
    places = [root / Path(params).expanduser() for root in (path.parent, workspace(), PROJECT)]
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        raise ParameterError(f"{path}: params = {params!r}: no such params file")
    common = read_sections(file)
    return common, effective(common, file)


def _axes(said: Mapping, path: Path) -> Mapping[str, Any]:
    axes = said.get("grid")
    if not isinstance(axes, dict) or not axes:
        raise ParameterError(f"{path}: grid = {axes!r}: must hold parameters and their values, such as `seed: [1, 2]`")
    return axes


def _levels(axis: str, values: Any, path: Path) -> dict[str, Any]:
    """The values of an axis, by the names used in runs, table and figure."""
    if isinstance(values, list) and not any(isinstance(value, list | dict) for value in values):
        named = [("none" if value is None else str(value), value) for value in values]
    elif isinstance(values, dict):
        named = [(str(name), value) for name, value in values.items()]
    else:
        raise ParameterError(
            f"{path}: grid.{axis} = {values!r}: must be a list of plain values, or a mapping of names to values"
        )
    if not named:
        raise ParameterError(f"{path}: grid.{axis} = {values!r}: has no values")
    safe = [re.sub(r"[^A-Za-z0-9._]", "_", name) for name, _ in named]
    twice = [name for name in safe if safe.count(name) > 1]
    if twice:
        raise ParameterError(f"{path}: grid.{axis} = {values!r}: {twice[0]!r} would give two runs the same name")
    return dict(named)


def _run(name: str, path: Path) -> str:
    try:
        return Run(name).name
    except RunError as error:
        raise ParameterError(f"{path}: {error}") from error


def _put(sections: dict, base: Mapping[str, dict], axis: str, value: Any, path: Path) -> None:
    """Set a parameter in the sections of a point; if only part of a value is meant, the rest stays as it is."""
    section, _, rest = str(axis).partition(".")
    if not rest:
        stages = [stage for stage in STAGES if section in base[stage]]
        if not stages:
            raise ParameterError(f"{path}: grid.{axis}: no notebook has a parameter of this name; write SECTION.NAME")
    elif section in STAGES:
        stages = [section]
    else:
        raise ParameterError(f"{path}: grid.{axis}: {section!r} is not a notebook; they are {', '.join(STAGES)}")
    name, *inside = (rest or section).split(".")
    for stage in stages:
        own = sections[stage] = dict(sections.get(stage) or {})
        if inside:
            own.setdefault(name, deepcopy(base[stage].get(name)))
        own[name] = _replaced(own.get(name), inside, value, f"{path}: grid.{axis}")


def _replaced(old: Any, inside: list[str], value: Any, origin: str) -> Any:
    """A value of lists and mappings with one part replaced."""
    if not inside:
        return value
    key, *rest = inside
    if isinstance(old, dict):
        return old | {key: _replaced(old.get(key), rest, value, origin)}
    if isinstance(old, list):
        names = [str(part.get("source")) if isinstance(part, dict) else "" for part in old]
        if key in names or (key.isdigit() and int(key) < len(old)):
            place = names.index(key) if key in names else int(key)
            return [_replaced(part, rest, value, origin) if n == place else part for n, part in enumerate(old)]
    raise ParameterError(f"{origin}: there is no {key!r} in {old!r}")


def written_params(point: Point) -> str:
    """The params file of a point, as text."""
    return f"# Made from {point.origin}\n" + yaml.safe_dump(dict(point.sections), sort_keys=False)
