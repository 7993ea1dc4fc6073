"""How a study cell is put into words for a text-to-image generator: named templates, or the user's own."""

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import yaml

from helpers.errors import ParameterError
from helpers.findings import ABSENT, PRESENT, UNSPECIFIED, Finding, Findings

ANY = "any"  # in a template, stands for every finding that it does not name
STATES = {"present": PRESENT, "absent": ABSENT}
# The templates that come with the project, by name; ``original`` has the words of the original study.
TEMPLATES = yaml.safe_load(resources.files(__name__).joinpath("templates.yaml").read_text(encoding="utf-8"))


def read_template(template: str | Path, findings: Findings) -> dict[tuple[str, int], str]:
    """Words of a template by (finding, state); ``template`` is a name in ``TEMPLATES`` or a YAML file of that form.

    Raises ParameterError for an unknown name, a missing file, a finding without words or empty words.
    """
    name = str(template)
    if name in TEMPLATES:
        return _words(TEMPLATES[name], findings, f"prompt template {name!r}")
    path = Path(template)
    if path.suffix not in (".yaml", ".yml"):
        raise ParameterError(
            f"template = {name!r}: no such prompt template; choose {', '.join(TEMPLATES)}, "
            "or give a .yaml file with the keys present and absent"
        )
    try:
        return _words(yaml.safe_load(path.read_text(encoding="utf-8")), findings, str(path))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ParameterError(f"template = {name!r}: cannot be read ({error})") from error


def read_templates(templates: str | Path | Sequence, findings: Findings) -> dict[str, dict[tuple[str, int], str]]:
    """Words of one or several templates, by name; the name of a file is its stem.

    Raises ParameterError as ``read_template`` does, for an empty list, and for two templates with the same name.
    """
    given = [templates] if isinstance(templates, str | Path) else list(templates)
    names = [Path(template).stem if Path(template).suffix else str(template) for template in given]
    if not given or len(set(names)) < len(names):
        raise ParameterError(f"template = {given}: give at least one prompt template, and each once")
    return {name: read_template(template, findings) for name, template in zip(names, given, strict=True)}


def prompt_for(words: Mapping[tuple[str, int], str], findings: Findings, condition: np.ndarray) -> str:
    """The prompt of a condition (int8, (findings,)): the words of every specified finding, each once, joined by commas.

    Raises ParameterError when nothing is specified.
    """
    states = zip(findings.names, np.asarray(condition).tolist(), strict=True)
    parts = dict.fromkeys(words[name, state] for name, state in states if state != UNSPECIFIED)
    if not parts:
        raise ParameterError("condition: every finding is unspecified; a text-to-image generator needs one to name")
    return ", ".join(parts)


def _words(template: object, findings: Findings, origin: str) -> dict[tuple[str, int], str]:
    if not isinstance(template, Mapping) or set(template) - {"description"} != set(STATES):
        raise ParameterError(f"{origin}: needs exactly the keys present and absent (and may have a description)")
    words = {}
    for key, state in STATES.items():
        given = template[key]
        if not isinstance(given, Mapping):
            raise ParameterError(f"{origin}, {key}: needs words for each finding, or for {ANY}")
        for name, text in given.items():
            if not isinstance(text, str) or not text.strip():
                raise ParameterError(f"{origin}, {key}, {name}: {text!r} is not text")
        for finding in findings:
            words[finding.name, state] = _of_finding(given, finding, f"{origin}, {key}")
    return words


def _of_finding(given: Mapping[str, str], finding: Finding, origin: str) -> str:
    if finding.name in given:
        return given[finding.name].strip()
    if ANY not in given:
        raise ParameterError(f"{origin}: has no words for {finding.name}; add them, or words for {ANY} finding")
    try:
        return given[ANY].strip().format(words=finding.words, Words=finding.words[:1].upper() + finding.words[1:])
    except (KeyError, IndexError, ValueError) as error:
        raise ParameterError(
            f"{origin}, {ANY}: {given[ANY]!r} may hold {{words}} or {{Words}} and no other braces"
        ) from error
