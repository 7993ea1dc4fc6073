"""Params files: one section per notebook, every key known to the notebook's parameters cell."""

from pathlib import Path

import yaml

from helpers.errors import ParameterError
from helpers.provenance import notebook_parameters
from helpers.runs import STAGES


def read_params(path: str | Path) -> dict[str, dict]:
    """Read a params file: stage -> parameters. The run's name is not among them; it comes from the command.

    Raises ParameterError for a missing file, bad YAML, a missing or unknown section, or a key that the
    notebook's parameters cell does not have.
    """
    path = Path(path)
    if not path.is_file():
        raise ParameterError(f"{path}: no such params file; see notebooks/params/ for those that come with the project")
    try:
        sections = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParameterError(f"{path}: is not valid YAML: {error}") from error
    if not isinstance(sections, dict):
        raise ParameterError(f"{path}: needs one section per notebook ({', '.join(STAGES)})")
    missing = [stage for stage in STAGES if stage not in sections]
    if missing:
        raise ParameterError(
            f"{path}: section {missing[0]!r} is missing; write `{missing[0]}: {{}}` for the notebook's defaults"
        )
    unknown = [section for section in sections if section not in STAGES]
    if unknown:
        raise ParameterError(f"{path}: section {unknown[0]!r} is no notebook; the sections are {', '.join(STAGES)}")
    for stage in STAGES:
        sections[stage] = _checked_section(sections[stage] or {}, stage, path)
    return sections


def _checked_section(section: dict, stage: str, path: Path) -> dict:
    if not isinstance(section, dict):
        raise ParameterError(f"{path}: section {stage!r} must hold `key: value` lines, not {section!r}")
    known = notebook_parameters(stage)
    for key, value in section.items():
        if key == "run":
            raise ParameterError(
                f"{path}: {stage}.run = {value!r}: the run's name comes from RUN=..., not from the file"
            )
        if key not in known:
            close = ", ".join(sorted(set(known) - {"run"}))
            raise ParameterError(f"{path}: {stage}.{key} = {value!r}: no such parameter; {stage}.ipynb has: {close}")
    return section
