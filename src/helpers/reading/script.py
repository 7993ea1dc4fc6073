"""The browser's side of the room as one ES module, joined from the modules in ``browser/``.

The browser receives one text, without a build step; an edited module takes effect when the kernel next starts.
"""

import re
from pathlib import Path

BROWSER = Path(__file__).parent / "browser"
IMPORT = re.compile(r'^import \{[^}]+\} from "\./(\w+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def joined(entry: str = "room.js", *folders: Path) -> str:
    """``entry`` after all that it imports, each module once, without imports and exports among them.

    A module is the first of its name in ``folders``, by default in ``browser/``. The modules share one scope then: what
    stands at their top has names of its own, and an import renames nothing.
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
