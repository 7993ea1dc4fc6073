"""Model formulas with random terms, as in lme4: ``response ~ fixed + (terms | group) + (1 | outer/inner)``.

Bates, Maechler, Bolker and Walker 2015, Journal of Statistical Software 67(1), table 2. The random parts are parsed
here; the rest is a formula for the package formulaic.
"""

import ast
import re
from dataclasses import dataclass

from helpers.errors import StatisticsError


@dataclass(frozen=True)
class RandomTerm:
    """``expression``: right-hand side of a formula, one column for each random effect; ``group``: columns whose
    combinations are the levels."""

    expression: str
    group: tuple[str, ...]

    @property
    def name(self) -> str:
        """Grouping factor as printed: columns joined by colons."""
        return ":".join(self.group)


@dataclass(frozen=True)
class Formula:
    """``response``: one expression, or two for counts (successes, failures); ``fixed``: right-hand side without random
    terms."""

    text: str
    response: tuple[str, ...]
    fixed: str
    random: tuple[RandomTerm, ...]


def parse(text: str) -> Formula:
    """Parse the text of a formula.

    The response is a column or ``cbind(successes, failures)``. ``(x | g)`` has a random intercept and slope,
    correlated; ``(0 + x | g)`` the slope alone; ``(x || g)`` both, uncorrelated; ``a:b`` is the combination of two
    columns and ``a/b`` stands for ``a`` and ``a:b``. Raises StatisticsError if the text is not such a formula.

    >>> parse("correct ~ source + (1 | site/reader)").random
    (RandomTerm(expression='1', group=('site',)), RandomTerm(expression='1', group=('site', 'reader')))
    """
    sides = text.split("~")
    if len(sides) != 2 or not sides[0].strip() or not sides[1].strip():
        raise StatisticsError(f"formula {text!r}: write it as 'response ~ terms + (1 | group)'")
    fixed, random = [], []
    for part in _split(sides[1], "+"):
        bare = part[1:-1] if part.startswith("(") and part.endswith(")") else part
        if "|" not in part:
            fixed.append(part)
        elif bare == part or bare.replace("||", "|").count("|") != 1:
            raise StatisticsError(f"formula {text!r}: the random term {part!r} must be '+ (terms | group)'")
        else:
            random += _random(bare, text)
    if not random:
        raise StatisticsError(f"formula {text!r} has no random term; add one such as '(1 | reader)'")
    if len(set(random)) < len(random):
        raise StatisticsError(f"formula {text!r} has the same random term twice; leave one out")
    return Formula(text, _response(sides[0].strip(), text), " + ".join(fixed) or "1", tuple(random))


def _response(side: str, text: str) -> tuple[str, ...]:
    if not side.startswith("cbind("):
        return (side,)
    parts = tuple(_split(side.removeprefix("cbind(").removesuffix(")"), ","))
    if len(parts) != 2 or not side.endswith(")"):
        raise StatisticsError(f"formula {text!r}: counts are written cbind(successes, failures)")
    return parts


def names_in(expression: str) -> set[str]:
    """Columns in a response expression such as ``200 - wrong``, ``log(time)`` or "`total time` / 60".

    Raises StatisticsError if it is not an expression.
    """
    quoted = set(re.findall(r"`([^`]+)`", expression))
    try:
        tree = ast.parse(re.sub(r"`[^`]+`", "0", expression), mode="eval")
    except SyntaxError as error:
        raise StatisticsError(f"response {expression!r} is no column and no expression of columns") from error
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return quoted | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - called


def _random(bare: str, text: str) -> list[RandomTerm]:
    apart = "||" in bare
    expression, _, grouping = (side.strip() for side in bare.replace("||", "|").partition("|"))
    summands = _split(expression, "+")
    if not expression or not all(summands) or not grouping:
        raise StatisticsError(f"formula {text!r}: the random term '({bare})' must be '(terms | group)'")
    if apart:
        plain = [s for s in summands if s not in ("0", "1")]
        expressions = ([] if "0" in summands else ["1"]) + [f"0 + {s}" for s in plain]
    else:
        expressions = [expression]
    return [RandomTerm(e, group) for group in _groups(grouping, text) for e in expressions]


def _groups(grouping: str, text: str) -> list[tuple[str, ...]]:
    outer: tuple[str, ...] = ()
    groups = []
    for step in grouping.split("/"):
        names = tuple(name.strip() for name in step.split(":"))
        if not all(names):
            raise StatisticsError(f"formula {text!r}: the group {grouping!r} must be a column, 'a:b' or 'a/b'")
        outer += names
        groups.append(outer)
    return groups


def _split(text: str, mark: str) -> list[str]:
    """Parts of a text split at marks outside all brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == mark and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]
