"""The browser's side of the room as one ES module, joined from the modules in ``browser/``.

The browser receives one script, without a build step; edits to a module take effect at the next kernel start.
"""

import re
from pathlib import Path

BROWSER = Path(__file__).parent / "browser"
IMPORT = re.compile(r'^import \{[^}]+\} from "\./(\w+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def joined(entry: str = "room.js", *folders: Path) -> str:
    """``entry`` preceded by all modules that it imports, each once, without their import and export statements.

    A module is the first file of its name in ``folders``, by default ``browser/``. The modules then share one scope, so
    their top-level names must differ and imports must not rename anything.
    """
    texts: list[str] = []
    known: set[str] = set()

    def take(name: str) -> None:
        known.add(name)
        file = next(folder / name for folder in folders or (BROWSER,) if (folder / name).is_file())
        text = file.read_text(encoding="utf-8")
        for other in IMPORT.findall(text):
            if other not in known:
                take(other)
        texts.append(EXPORT.sub("", IMPORT.sub("", text)))

    take(entry)
    return "\n".join(texts)
