"""Params files: where a run departs from the notebooks' own parameters, checked by name and type before it starts."""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from helpers.checks import in_words
from helpers.errors import ParameterError
from helpers.findings import Findings
from helpers.notebooks import Parameter, parameters_of
from helpers.runs import STAGES

STRICT = ConfigDict(strict=True, extra="forbid", protected_namespaces=())
FINDINGS = "findings"
PLAIN = {"bool": bool, "int": int, "float": float, "str": str, "list": list, "dict": dict}


def read_params(path: str | Path) -> dict[str, dict]:
    """The parameters that a params file gives every stage: ``effective`` of what it says.

    Raises ParameterError for a missing file, bad YAML, and whatever ``effective`` rejects.
    """
    return effective(read_sections(path), path)


def read_sections(path: str | Path) -> dict:
    """What a params file itself says, section by section; raises ParameterError for a missing file and bad YAML."""
    path = Path(path)
    if not path.is_file():
        raise ParameterError(f"{path}: no such params file; see notebooks/params/ for those that come with the project")
    try:
        sections = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError) as error:  # ValueError: not UTF-8, or an impossible date
        raise ParameterError(f"{path}: is not valid YAML: {error}") from error
    sections = {} if sections is None else sections
    if not isinstance(sections, dict):
        raise ParameterError(f"{path}: must hold sections with the names of notebooks ({', '.join(STAGES)})")
    return sections


def effective(sections: Mapping[str, Any], origin: str | Path) -> dict[str, dict]:
    """The parameters of every stage: the notebooks' own, replaced by what ``sections`` say; ``origin`` is for messages.

    The section ``findings`` stands beside those of the notebooks; it becomes the parameter of that name in the first
    notebook, whose stage passes it on. The run's name is not among the parameters; it comes from the command. Raises
    ParameterError for an unknown section, a key that the notebook's parameters cell does not have, a value of the wrong
    type, and findings that cannot be studied.
    """
    unknown = [section for section in sections if section not in (FINDINGS, *STAGES)]
    if unknown:
        known = ", ".join((FINDINGS, *STAGES))
        raise ParameterError(f"{origin}: section {unknown[0]!r} is not a notebook; the sections are {known}")
    found = {stage: _effective(sections.get(stage) or {}, stage, origin) for stage in STAGES}
    if FINDINGS in sections:
        try:
            Findings.from_section(sections[FINDINGS])
        except ParameterError as error:
            raise ParameterError(f"{origin}: {error}") from error
        for parameters in (parameters for parameters in found.values() if FINDINGS in parameters):
            parameters[FINDINGS] = sections[FINDINGS]
    return found


def _effective(section: dict, stage: str, path: str | Path) -> dict:
    if not isinstance(section, dict):
        raise ParameterError(f"{path}: section {stage!r} must hold `key: value` lines, not {section!r}")
    known = {name: parameter for name, parameter in parameters_of(stage).items() if name != "run"}
    for key, value in section.items():
        if key == FINDINGS and key in known:
            raise ParameterError(f"{path}: {stage}.{key}: belongs in a section of its own, `{FINDINGS}: [...]`")
        if key == "run":
            raise ParameterError(
                f"{path}: {stage}.run = {value!r}: the run's name comes from RUN=..., not from the file"
            )
        if key not in known:
            close = ", ".join(sorted(known))
            raise ParameterError(f"{path}: {stage}.{key} = {value!r}: no such parameter; {stage}.ipynb has: {close}")
    try:
        _model(known, stage).model_validate(section)
    except ValidationError as error:
        raise ParameterError(f"{path}: {_explained(error, known, stage)}") from error
    return {name: section.get(name, parameter.default) for name, parameter in known.items()}


def _explained(error: ValidationError, parameters: Mapping[str, Parameter], stage: str) -> str:
    """The first mistake that pydantic found, by section, key, value and the type wanted."""
    mistake = error.errors()[0]
    name, *inside = mistake["loc"]
    if "[key]" in inside:
        return f"{stage}.{name}: the key {mistake['input']!r} must be text"
    if mistake["type"] in ("extra_forbidden", "invalid_key"):
        known = f"no such key; {stage}.{name} has: {', '.join(parameters[name].default)}"
        return f"{stage}.{in_words(mistake['loc'], mistake['input'], known)}"
    hint = "; write it without quotes, and 1.0e-3 rather than 1e-3" if _reads_as_number(mistake["input"]) else ""
    return f"{stage}.{in_words(mistake['loc'], mistake['input'], mistake['msg'])}{hint}"


def _reads_as_number(value: Any) -> bool:
    try:
        return isinstance(value, str) and float(value) is not None
    except ValueError:
        return False


def _model(parameters: Mapping[str, Parameter], stage: str) -> type[BaseModel]:
    """A pydantic model of a notebook's parameters, none of them required."""
    fields = {name: (_type(one, f"{stage}.{name}"), None) for name, one in parameters.items()}
    return create_model(stage, __config__=STRICT, **fields)


def _type(parameter: Parameter, name: str) -> Any:
    """Type of a parameter: its annotation, or else the type of its default."""
    wanted = _of_default(parameter.default) if parameter.annotation is None else _of_annotation(parameter.annotation)
    if wanted is None:
        raise ParameterError(f"{name}: the default does not tell the type; write e.g. `name: Optional[int] = None`")
    return wanted


def _of_annotation(node: ast.expr) -> Any:
    match node:
        case ast.Name(id=name) if name in PLAIN:
            return PLAIN[name]
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inside):
            return _of_annotation(inside) | None
        case ast.Subscript(value=ast.Name(id="list"), slice=inside):
            return list[_of_annotation(inside)]
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[key, value])):
            return dict[_of_annotation(key), _of_annotation(value)]
    known = f"{', '.join(PLAIN)}, list[...], dict[..., ...] and Optional[...]"
    raise ParameterError(f"annotation {ast.unparse(node)}: not known; there are {known}")


def _of_default(default: Any) -> Any:
    """Type of a plain value; None if it does not tell. A mapping may have the default's keys and no others."""
    if default is None or default in ([], {}):
        return None
    match default:
        case dict():
            fields = {key: (_of_default(value), None) for key, value in default.items()}
            return create_model("a mapping with the keys of the default", __config__=STRICT, **fields)
        case list():
            kinds = {_of_default(value) for value in default}
            kinds = {float} if kinds == {int, float} else kinds
            return list[kinds.pop()] if len(kinds) == 1 else None
    return type(default)
