"""The contents of a notebook: its code cells, and the names, types and defaults of its parameters."""

import ast
import json
import re
from dataclasses import dataclass
from typing import Any

from helpers.errors import ParameterError, RunError
from helpers.runs import NOTEBOOKS


@dataclass(frozen=True)
class Parameter:
    """A parameter of a notebook: its default, and its annotation, if any, as a syntax tree."""

    default: Any
    annotation: ast.expr | None = None


def code_of_cells(stage: str, tag: str | None = None) -> list[str]:
    """Sources of a notebook's code cells, or of those with a tag; raises RunError if the notebook is missing."""
    path = NOTEBOOKS / f"{stage}.ipynb"
    if not path.is_file():
        raise RunError(f"{path}: this notebook of the chain is missing; restore it with `git checkout {path.name}`")
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError) as error:
        raise RunError(f"{path}: is not a notebook; restore it with `git checkout {path.name}`") from error
    cells = [cell for cell in cells if cell["cell_type"] == "code"]
    return ["".join(cell["source"]) for cell in cells if tag is None or tag in cell["metadata"].get("tags", [])]


def title_of(stage: str) -> str:
    """A notebook's heading without its number."""
    cells = json.loads((NOTEBOOKS / f"{stage}.ipynb").read_text(encoding="utf-8"))["cells"]
    return re.sub(r"^#\s*[\d.]*\s*", "", "".join(cells[0]["source"]).splitlines()[0])


def parameters_of(stage: str) -> dict[str, Parameter]:
    """Parameters of a notebook by name, in the order of its cell tagged ``parameters``.

    Nothing is executed: each line is ``name = value`` or ``name: type = value``, where the value is plain data.
    Imports for the annotations may come first. Raises ParameterError for anything else.
    """
    cells = code_of_cells(stage, "parameters")
    if len(cells) != 1:
        raise ParameterError(f"{stage}.ipynb: needs exactly one cell tagged 'parameters', has {len(cells)}")
    found = {}
    for node in ast.parse(cells[0]).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = Parameter(_plain(value, name, stage))
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value):
                found[name] = Parameter(_plain(value, name, stage), annotation)
            case ast.ImportFrom():
                continue
            case _:
                raise ParameterError(f"{stage}.ipynb, parameters: {ast.unparse(node)!r} is not `name = value`")
    return found


def notebook_parameters(stage: str) -> dict:
    """Names and defaults of a notebook's parameters; raises what ``parameters_of`` raises."""
    return {name: parameter.default for name, parameter in parameters_of(stage).items()}


def _plain(value: ast.expr, name: str, stage: str):
    try:
        return ast.literal_eval(value)
    except ValueError as error:
        shown = ast.unparse(value)
        raise ParameterError(f"{stage}.ipynb, parameters: {name} = {shown} is not plain data") from error
