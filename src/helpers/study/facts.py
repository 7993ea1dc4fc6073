"""What is stored about a sitting: the display as the browser reports it, and what was seen of the brightness ramp."""

from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from helpers.errors import ReadingError

STRICT = ConfigDict(strict=True, extra="forbid")  # a TypedDict, unlike a dataclass, can be strict and still take a dict
Size = Annotated[list[Annotated[int, Field(ge=0, le=100_000)]], Field(min_length=2, max_length=2)]


class Display(TypedDict):
    """Window and screen (width, height) in CSS pixels, device pixels per CSS pixel, colour depth in bits, and what the
    browser or an extension has altered on the page: its colours (inverted, filtered) or its text (translated)."""

    __pydantic_config__ = STRICT
    window: Size
    screen: Size
    device_pixel_ratio: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
    colour_depth: Annotated[int, Field(ge=1, le=256)]
    altered: NotRequired[Annotated[list[Literal["colours", "text"]], Field(max_length=2)]]


class Ramp(TypedDict):
    """Whether the dark and the bright square of the brightness ramp were seen."""

    __pydantic_config__ = STRICT
    dark: bool
    bright: bool


class Facts(TypedDict):
    """What is stored with the first case of a sitting; ``consent_sha256`` if a text was agreed to with it."""

    __pydantic_config__ = STRICT
    display: Display
    ramp: Ramp
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    consent_sha256: NotRequired[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]


_FACTS = TypeAdapter(Facts)


def checked_facts(payload: object) -> Facts:
    """The facts in a stored payload; raises ReadingError, which says where they are wrong but not what they contain."""
    try:
        return _FACTS.validate_python(payload)
    except ValidationError as error:
        raise ReadingError(f"facts of the display: {place_of(error, Facts, Display, Ramp)}") from None


def place_of(error: ValidationError, *kinds: type) -> str:
    """The first fault as field and kind (``note: string_too_long``), among fields that ``kinds`` have: it
    contains nothing that was sent, neither a value nor the name of an unknown field."""
    known = {name for kind in kinds for name in kind.__annotations__}
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    fields = [part for part in fault["loc"] if part in known]
    return f"{'.'.join(fields) or 'message'}: {fault['type']}"
