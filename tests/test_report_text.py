import re
from pathlib import Path

import nbformat
import pytest

from helpers import sections
from helpers.report_text import CAPTIONS, SECTIONS
from helpers.runs import NOTEBOOKS, STAGES
from helpers.tasks import TASKS

SECTIONS_FOLDER = Path(sections.__file__).parent


def test_every_stage_has_its_section_once_but_those_that_show_their_title_and_the_report():
    titled = {"08_realism_choice", "12_report"}
    assert sorted(section["stage"] for section in SECTIONS) == sorted(set(STAGES) - titled)


def code_of(stage):
    """The code of a notebook, and of the sections that it calls."""
    notebook = nbformat.read(str(NOTEBOOKS / f"{stage}.ipynb"), as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    called = [path for path in SECTIONS_FOLDER.glob("[a-z]*.py") if re.search(rf"helpers\.sections.*{path.stem}", code)]
    return "\n".join([code, *(path.read_text() for path in called)])


@pytest.mark.parametrize("stage", CAPTIONS)
def test_every_caption_belongs_to_a_figure_that_the_notebook_makes(stage):
    code = code_of(stage)
    made_in_a_loop = {"sensitivity", "specificity", "design", "design_auc"}
    made_in_a_loop |= {"design_difference_assumed", "design_auc_difference_assumed"}
    for name in set(CAPTIONS[stage]) - made_in_a_loop - set(TASKS):
        made = f'"{name}")' in code or re.search(rf'(forest|draw)\("{name}",', code)
        assert made, f"{stage} makes no figure {name!r}"


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section["stage"])
def test_every_table_of_the_report_is_one_that_the_notebook_writes(section):
    code = code_of(section["stage"])
    for name, index, _ in section["tables"]:
        assert f'"{name.removesuffix(".csv")}"' in code
        assert index
