"""Settings that pydantic checks when they are created, with its error messages in the project's own words."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import wraps
from typing import Annotated, TypeVar

from pydantic import ConfigDict, Field, Strict, ValidationError
from pydantic.dataclasses import dataclass

from helpers.errors import StudyError

T = TypeVar("T")
Several = Annotated[tuple[T, ...], Strict(False)]  # notebooks write lists
Positive = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[float, Field(ge=0)]


def checked(error: type[StudyError], origin: str = "") -> Callable[[type], type]:
    """Make a class a frozen dataclass that checks its fields by their annotations, without converting values.

    A value that does not fit raises ``error`` with ``origin``, the field, the value and what it must be.
    ``__post_init__`` checks conditions on several fields.
    """

    def decorate(plain: type) -> type:
        made = dataclass(plain, frozen=True, config=ConfigDict(strict=True, extra="forbid"))
        init = made.__init__

        @wraps(init)
        def checking(self, *values, **named) -> None:
            try:
                init(self, *values, **named)
            except ValidationError as found:
                mistake = found.errors()[0]
                if len(mistake["loc"]) == 1 and mistake["type"] in ("missing", "unexpected_keyword_argument"):
                    raise TypeError(f"{plain.__name__}: {mistake['loc'][0]}: {mistake['msg']}") from found
                first, *rest = mistake["loc"]
                name = fields(made)[first].name if isinstance(first, int) else first  # a positional argument
                raise error(f"{origin}{in_words((name, *rest), mistake['input'], mistake['msg'])}") from found

        made.__init__ = checking
        return made

    return decorate


def in_words(place: tuple, value: object, message: str) -> str:
    """Describe a mistake that pydantic found: ``budget.images = 0: must be greater than 0``."""
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
    return f"{name} = {value!r}: {message.replace('Input should be', 'must be')}"


def chosen(kind: Callable[..., T], parameters: Mapping, /, **others) -> T:
    """Settings of a kind from a notebook's parameters of the same names; ``others`` take precedence."""
    names = {field.name for field in fields(kind)}
    return kind(**{name: value for name, value in (parameters | others).items() if name in names})
