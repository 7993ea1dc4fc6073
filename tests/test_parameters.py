import pytest
import yaml
from papermill.inspection import _infer_parameters
from papermill.iorw import load_notebook_node

from helpers import chain
from helpers.errors import ParameterError
from helpers.findings import ORIGINAL, Findings
from helpers.notebooks import notebook_parameters
from helpers.parameters import read_params
from helpers.runs import NOTEBOOKS, STAGES

FILES = sorted(path for path in (NOTEBOOKS / "params").glob("*.yaml") if path.stem != "sweep")  # a grid


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_params_file_of_the_project_fits_its_notebooks_and_says_only_what_differs(path):
    assert set(read_params(path)) == set(STAGES)
    sections = yaml.safe_load(path.read_text()) or {}
    sections.pop("findings", None)
    for stage, section in sections.items():
        defaults = notebook_parameters(stage)
        assert [key for key, value in section.items() if value == defaults[key]] == [], stage
        assert section, stage


def params(tmp_path, **sections):
    path = tmp_path / "my.yaml"
    path.write_text(yaml.safe_dump(sections))
    return path


def test_what_a_file_does_not_say_is_as_the_notebook_has_it(tmp_path):
    read = read_params(params(tmp_path, **{"06_study_plan": {"pairs_per_cell": 9}}))
    defaults = {stage: notebook_parameters(stage) for stage in STAGES}
    for stage in STAGES:
        del defaults[stage]["run"]
    defaults["06_study_plan"]["pairs_per_cell"] = 9
    assert read == defaults


def test_the_section_of_findings_becomes_the_parameter_of_the_first_notebook(tmp_path):
    read = read_params(params(tmp_path, findings=["edema"]))
    assert read["01_cohort"]["findings"] == ["edema"]
    assert not any("findings" in read[stage] for stage in list(STAGES)[1:])


def test_the_findings_that_notebooks_have_are_those_of_the_original_study():
    assert Findings.from_section(notebook_parameters("01_cohort")["findings"]) == ORIGINAL


@pytest.mark.parametrize("text", ["", "# nothing differs\n", "{}", "06_study_plan:\n"])
def test_a_file_may_say_nothing(tmp_path, text):
    (tmp_path / "my.yaml").write_text(text)
    assert read_params(tmp_path / "my.yaml") == read_params(NOTEBOOKS / "params" / "quick.yaml")


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"06_study_plan": {"pairs_per_sell": 3}}, ["06_study_plan.pairs_per_sell", "pairs_per_cell"]),
        ({"13_surprise": {}}, ["13_surprise"]),
        ({"01_cohort": {"run": "other"}}, ["01_cohort.run", "RUN="]),
        ({"01_cohort": [1, 2]}, ["01_cohort"]),
        ({"01_cohort": {"findings": ["edema"]}}, ["01_cohort.findings", "section of its own"]),
        ({"findings": ["edema", "oedema"]}, ["findings[1] = 'oedema'"]),
    ],
)
def test_a_params_file_that_does_not_fit_is_refused_by_name(tmp_path, sections, words):
    path = params(tmp_path, **sections)
    with pytest.raises(ParameterError) as error:
        read_params(path)
    for word in [str(path), *words]:
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("stage", "section", "words"),
    [
        ("01_cohort", {"images": "12"}, "images = '12': must be a valid integer; write it without quotes"),
        ("01_cohort", {"images": 12.0}, "images = 12.0: must be a valid integer"),
        ("01_cohort", {"views": "PA"}, "views = 'PA': must be a valid list"),
        ("01_cohort", {"fractions": {"test": "half"}}, "fractions.test = 'half': must be a valid number"),
        ("02_train_gan", {"seed": None}, "seed = None: must be a valid integer"),
        ("02_train_gan", {"batch": True}, "batch = True: must be a valid integer"),
        ("02_train_gan", {"learning_rate": "1e-3"}, "learning_rate = '1e-3': must be a valid number; .* 1.0e-3"),
        ("02_train_gan", {"budget": {1: 2}}, "budget: the key 1 must be text"),
        ("03_train_diffusion", {"train": "no"}, "train = 'no': must be a valid boolean"),
        ("03_train_diffusion", {"channels": [8, 1.5]}, r"channels\[1\] = 1.5: must be a valid integer"),
        ("04_sample", {"sources": ["gan"]}, r"sources\[0\] = 'gan': must be a valid dictionary"),
        ("05_image_metrics", {"utility": {"width": 1.5}}, "utility.width = 1.5: must be a valid integer"),
        ("05_image_metrics", {"utility": {"wide": 1}}, "utility.wide = 1: no such key.*learner, width"),
        ("06_study_plan", {"readers": "ann"}, "readers = 'ann': must be a valid list"),
    ],
)
def test_a_value_of_another_type_stops_the_study_before_its_first_stage(tmp_path, capsys, stage, section, words):
    path = params(tmp_path, **{stage: section})
    with pytest.raises(ParameterError, match=rf"{path}: {stage}\.{words}"):
        read_params(path)
    assert chain.main(["check", "--run", "a", "--params", str(path)]) == 2
    assert str(path) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stage", "section"),
    [
        ("01_cohort", {"images": None, "views": ["PA"], "window": [0.5, 99]}),
        ("02_train_gan", {"r1_gamma": 1, "budget": {"seconds": 600}}),
        ("04_sample", {"guidance_sweep": [1.5], "emphasis_sweep": [], "sources": [{"source": "own", "size": 64}]}),
        ("05_image_metrics", {"utility": {"ratios": [1]}}),
        ("08_realism", {"margin": None, "formula": "correct ~ source"}),
    ],
)
def test_whole_numbers_pass_for_numbers_and_null_where_the_notebook_says_so(tmp_path, stage, section):
    assert section.items() <= read_params(params(tmp_path, **{stage: section}))[stage].items()


@pytest.mark.parametrize("content", ["a: [", "- just\n- a list", "text"])
def test_a_params_file_that_is_no_mapping_is_refused(tmp_path, content):
    (tmp_path / "bad.yaml").write_text(content)
    with pytest.raises(ParameterError, match=r"bad\.yaml"):
        read_params(tmp_path / "bad.yaml")
    with pytest.raises(ParameterError, match="no such params file"):
        read_params(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("stage", STAGES)
def test_papermill_alone_knows_every_parameter(stage):
    found = _infer_parameters(load_notebook_node(str(NOTEBOOKS / f"{stage}.ipynb")), language="python")
    assert {parameter.name for parameter in found} == set(notebook_parameters(stage))
