"""The licences of the packages of requirements.lock, as these packages themselves state them.

``python scripts/licences.py build/licences.csv`` writes a line for each package and prints a count for each licence.
"""

import argparse
import csv
import re
import sys
from collections import Counter
from importlib import metadata
from pathlib import Path

from helpers.runs import PROJECT

COLUMNS = ("package", "version", "licence")
CLASSIFIER = "License :: "
SHORT = 60  # characters; a longer statement is the whole text of the licence
UNSTATED = "not stated"


def pinned(lock: str) -> list[tuple[str, str]]:
    """Names and versions of packages in the text of a lock file."""
    return re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE)


def licence_of(package: metadata.Distribution) -> str:
    """An SPDX expression if a package has one, else its classifiers, else the heading of its licence."""
    told = package.metadata
    if expression := told.get("License-Expression"):
        return expression
    classified = [line.rsplit(" :: ", 1)[-1] for line in told.get_all("Classifier", []) if line.startswith(CLASSIFIER)]
    stated = [name for name in classified if name != "OSI Approved"]
    files = [file for file in package.files or [] if re.match("licen[cs]e|copying", file.name, re.IGNORECASE)]
    texts = [told.get("License") or "", *(file.read_text() for file in files if file.locate().is_file())]
    headings = [next(filter(None, map(str.strip, text.splitlines())), "") for text in texts]
    return "; ".join(stated) or next((heading for heading in headings if 0 < len(heading) <= SHORT), UNSTATED)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path, help="file that is written")
    table = parser.parse_args().table
    packages = pinned((PROJECT / "requirements.lock").read_text())
    rows = [(name, version, licence_of(metadata.distribution(name))) for name, version in packages]
    table.parent.mkdir(parents=True, exist_ok=True)
    with open(table, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
    for licence, count in Counter(row[2] for row in rows).most_common():
        print(f"{count:4} {licence}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
