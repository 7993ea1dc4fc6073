"""All texts of the room and of the owner's page in each language; the letters of keys depend on the language."""

import json
from pathlib import Path

from helpers.errors import ReadingError

OWNER_TEXTS = json.loads(Path(__file__).with_name("owner_strings.json").read_text(encoding="utf-8"))
TEXTS = json.loads(Path(__file__).with_name("strings.json").read_text(encoding="utf-8"))
LANGUAGES = tuple(TEXTS)


def texts(language: str) -> dict:
    """Texts of one language, by name; raises ReadingError for an unknown language."""
    if language not in TEXTS:
        raise ReadingError(f"language = {language!r}: must be one of {', '.join(LANGUAGES)}")
    return TEXTS[language]


def owner_texts(language: str) -> dict:
    """Texts of the owner's page in one language, by name."""
    return OWNER_TEXTS[language]
