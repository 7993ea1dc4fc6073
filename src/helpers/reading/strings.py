"""Every text that a reader sees, in each language; key letters belong to the language."""

import json
from pathlib import Path

from helpers.errors import ReadingError

TEXTS = json.loads(Path(__file__).with_name("strings.json").read_text(encoding="utf-8"))
LANGUAGES = tuple(TEXTS)


def texts(language: str) -> dict:
    """Texts of one language, by name; raises ReadingError for a language that is not there."""
    if language not in TEXTS:
        raise ReadingError(f"language = {language!r}: must be one of {', '.join(LANGUAGES)}")
    return TEXTS[language]
