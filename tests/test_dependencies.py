import ast

import pytest

from helpers import dependencies
from helpers.dependencies import PACKAGE, code_of, imported_names, modules_of, paths_named_in
from helpers.runs import NOTEBOOKS, PROJECT, STAGES


def names(stage):
    return {path.relative_to(PACKAGE).as_posix() for path in modules_of(stage)}


def test_a_notebook_depends_on_what_its_imports_import():
    assert {"findings.py", "tables.py", "files.py", "provenance.py"} <= names("01_cohort")


def test_statements_found_in_the_text_are_those_of_the_syntax_tree():
    for file in [*PACKAGE.rglob("*.py"), *(PROJECT / "tests").rglob("*.py")]:
        code, names = file.read_text(encoding="utf-8"), set()
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
        ours = {name for name in names if name.split(".")[0] == "helpers"}
        assert ours <= imported_names(code), file  # more where a string holds a program
        assert file.is_relative_to(PROJECT / "tests") or imported_names(code) == ours, file


def test_a_training_notebook_does_not_depend_on_statistics():
    assert not any(name.startswith("stats/") and name != "stats/__init__.py" for name in names("02_train_gan"))


def test_nothing_downstream_is_imported_upstream():
    order = ["cohort", "generators", "image_metrics", "study", "reading", "stats"]
    for stage in list(STAGES)[:5]:
        rooms = {name.split("/")[0] for name in names(stage) if "/" in name} - {"figures"}
        assert rooms <= set(order[:3]), f"{stage} imports {rooms}"


@pytest.fixture
def small_package(tmp_path, monkeypatch):
    """A package of three modules: maker imports tool, words stands apart; returns its folder."""
    folder = tmp_path / "helpers"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "maker.py").write_text("def make():\n    from helpers import tool\n    return tool.half(4)\n")
    (folder / "tool.py").write_text('def half(x):\n    """Half."""\n    return x / 2\n')
    (folder / "words.py").write_text("x = 1\n")
    monkeypatch.setattr(dependencies, "PACKAGE", folder)
    forget()
    yield folder
    forget()


def forget():
    dependencies._imports_of.cache_clear()
    dependencies._meaning.cache_clear()


def test_code_of_a_module_follows_its_imports_also_those_inside_functions(small_package):
    before = code_of("helpers.maker")
    (small_package / "words.py").write_text("x = 2\n")
    forget()
    assert code_of("helpers.maker") == before
    (small_package / "tool.py").write_text('def half(x):\n    """Half."""\n    return x // 2\n')
    forget()
    assert code_of("helpers.maker") != before


def test_code_does_not_change_with_comments_and_docstrings(small_package):
    before = code_of("helpers.maker")
    (small_package / "tool.py").write_text("def half(x):\n    return x / 2  # half\n")
    forget()
    assert code_of("helpers.maker") == before


def test_another_task_makes_no_images_again_but_readings_of_simulated_readers(small_package):
    (small_package / "tasks.py").write_text("TASKS = 1\n")
    (small_package / "tool.py").write_text("from helpers.tasks import TASKS\n")
    forget()
    images, readings = code_of("helpers.maker"), code_of("helpers.maker", "helpers.tasks")
    (small_package / "tasks.py").write_text("TASKS = 2\n")
    forget()
    assert code_of("helpers.maker") == images and code_of("helpers.maker", "helpers.tasks") != readings


def test_code_of_what_is_no_module_is_an_error():
    with pytest.raises(ValueError, match="not a module"):
        code_of("helpers.generators.no_such_thing")


def test_paths_are_found_at_any_depth_and_words_are_no_paths(tmp_path, workspace):
    for name in ("own.csv", "told.yaml"):
        (tmp_path / name).write_text("")
    (workspace / "images").mkdir()
    value = [{"path": "images", "template": [str(tmp_path / "told.yaml"), "original"]}, "own.csv", 3, None]
    value += ["README.md", "params/quick.yaml", "correct ~ source", "~nobody", "word" * 200, "", "a\0b"]
    expected = {workspace / "images", tmp_path / "told.yaml", tmp_path / "own.csv"}
    expected |= {PROJECT / "README.md", NOTEBOOKS / "params" / "quick.yaml"}
    assert set(paths_named_in({"one": value})) == expected
