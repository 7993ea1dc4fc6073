from helpers.dependencies import PACKAGE, modules_of
from helpers.runs import STAGES


def names(stage):
    return {path.relative_to(PACKAGE).as_posix() for path in modules_of(stage)}


def test_a_notebook_depends_on_what_its_imports_import():
    assert {"findings.py", "tables.py", "files.py", "provenance.py"} <= names("01_cohort")


def test_a_training_notebook_does_not_depend_on_statistics():
    assert not any(name.startswith("stats/") and name != "stats/__init__.py" for name in names("02_train_gan"))


def test_nothing_downstream_is_imported_upstream():
    order = ["cohort", "generators", "image_metrics", "study", "reading", "stats"]
    for stage in list(STAGES)[:5]:
        rooms = {name.split("/")[0] for name in names(stage) if "/" in name} - {"figures"}
        assert rooms <= set(order[:3]), f"{stage} imports {rooms}"
