"""README and docs: links lead somewhere, and commands name what exists."""

import ast
import re

import pytest
import yaml

from helpers.grid import read_grid
from helpers.parameters import read_params
from helpers.runs import PROJECT

PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")), PROJECT / "data" / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_link_and_picture_leads_to_a_file(page):
    for link in re.findall(r"\]\(([^)#]+)(?:#[\w-]+)?\)", page.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_commands_name_targets_notebooks_scripts_and_params_files_that_exist(page):
    text, makefile = page.read_text(encoding="utf-8"), (PROJECT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make (\w+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"
    for path in re.findall(r"(?:notebooks|scripts|benchmarks|profiles)/[\w/.-]+\.\w+", text):
        assert (PROJECT / path).is_file(), path
    for module in re.findall(r"python -m helpers\.([\w.]+)", text):
        place = PROJECT / "src" / "helpers" / module.replace(".", "/")
        assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file(), module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_sections_of_params_files_are_accepted(page, tmp_path):
    for block in re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        (tmp_path / "my.yaml").write_text(block)
        if "grid" in yaml.safe_load(block):
            assert read_grid(tmp_path / "my.yaml").points
        else:
            read_params(tmp_path / "my.yaml")


def test_the_readme_stays_short():
    assert len(PAGES[0].read_bytes()) < 7000


def test_a_room_imports_from_the_rooms_above_it_only():
    page = (PROJECT / "docs" / "where-to-add-what.md").read_text(encoding="utf-8")
    rooms = re.findall(r"^\| `(\w+)/` \|", page, re.MULTILINE)
    assert {path.parent.name for path in (PROJECT / "src" / "helpers").glob("*/__init__.py")} == set(rooms)
    for number, room in enumerate(rooms):
        for path in (PROJECT / "src" / "helpers" / room).rglob("*.py"):
            nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
            ours = [node.module for node in nodes if (node.module or "").startswith("helpers.")]
            found = {name.split(".")[1] for name in ours} & set(rooms)
            assert not found & set(rooms[number + 1 :]), f"{path}: imports from a room below"
