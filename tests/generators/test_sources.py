"""A spec becomes a generator of its kind; whatever is wrong in it is named before anything is made."""

import pytest

from helpers.errors import ParameterError
from helpers.findings import ORIGINAL
from helpers.generators import gan
from helpers.generators.enlarging import enlarger as enlarging
from helpers.generators.enlarging.enlarger import EnlargerShape
from helpers.generators.sources import KINDS, complete_specs, load, options_of
from helpers.generators.stylegan2 import Architecture, Generator
from helpers.runs import STAGES, Run


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"kind": "gan"}, "source"),
        ({"source": "mine", "kind": "vae"}, "mine: kind = 'vae' is unknown; choose gan, text_to_image, ext"),
        ({"source": "real", "kind": "gan"}, "'real' cannot be"),
        ({"source": "a/b", "kind": "gan"}, "'a/b' cannot be"),
        ({"source": "gan", "kind": "gan", "guidance": 2}, "no option guidance; it has truncation"),
        ({"source": "mine", "kind": "external", "steps": 2}, "no option steps; it has size, fit"),
        ({"source": "roentgen", "kind": "text_to_image", "sizes": 8}, "no option sizes"),
        ({"source": "mine", "kind": "external"}, "path is missing"),
    ],
)
def test_a_spec_that_is_wrong_is_named(workspace, spec, message):
    with pytest.raises(ParameterError, match=message):
        complete_specs([spec], Run("test"))


@pytest.mark.parametrize("kind", ["vae", "External", None])
def test_an_unknown_kind_is_not_loaded_as_another(tmp_path, kind):
    with pytest.raises(ParameterError, match=f"mine: kind = {kind!r} is unknown; choose {', '.join(KINDS)}"):
        load({"source": "mine", "kind": kind, "path": str(tmp_path), "size": 8}, ORIGINAL)


def test_two_sources_of_one_name_are_refused(workspace):
    with pytest.raises(ParameterError, match="differ"):
        complete_specs([{"source": "gan", "kind": "gan"}] * 2, Run("test"))


def test_a_sources_own_options_count_before_the_common_ones(workspace):
    specs = [
        {"source": "diffusion", "kind": "text_to_image"},
        {"source": "bold", "kind": "text_to_image", "guidance": 5, "path": "elsewhere"},
    ]
    plain, bold = complete_specs(specs, Run("test"), guidance=2, steps=20, truncation=0.8, size=64)
    assert options_of(plain) == {"guidance": 2, "steps": 20} and options_of(bold) == {"guidance": 5, "steps": 20}
    assert plain["path"] == str(workspace / "data/runs/test/diffusion/pipeline") and plain["size"] == 64
    assert bold["path"] == str(workspace / "elsewhere")


def test_models_of_the_run_get_its_enlarger_and_others_their_own(workspace):
    specs = [{"source": "gan", "kind": "gan"}, {"source": "theirs", "kind": "gan", "path": "elsewhere"}]
    specs += [{"source": "mine", "kind": "external", "path": "images"}]
    gan, theirs, mine = complete_specs(specs, Run("test"), enlarger="here")
    assert gan["enlarger"] == "here" and not {"enlarger"} & (set(theirs) | set(mine))
    (whole,) = complete_specs([specs[1] | {"enlarger": "there"}], Run("test"), enlarger="here")
    assert whole["enlarger"] == "there"


def test_a_source_with_an_enlarger_draws_at_the_size_of_the_study(workspace):
    small, enlarger = Generator(Architecture(size=8, width=4, widest=8, latent=8)), EnlargerShape(size=8, factor=4)
    gan.save(workspace / "gan", {gan.JOINT: small}, {})
    enlarging.save(workspace / "enlarger", enlarging.Enlarger(enlarger), {})
    spec = {"source": "gan", "kind": "gan", "path": str(workspace / "gan"), "enlarger": "enlarger"}
    images = load(spec, ORIGINAL).sample(ORIGINAL.condition(ORIGINAL.cells[0]), [1, 2])
    assert images.shape == (2, 32, 32)


def test_images_from_elsewhere_are_made_the_size_of_the_run_unless_they_have_their_own(workspace):
    specs = [{"source": name, "kind": "external", "path": name} for name in ("mine", "yours")]
    mine, yours = complete_specs([specs[0], specs[1] | {"size": 32}], Run("test"), size=64)
    assert (mine["size"], yours["size"]) == (64, 32)


def test_settings_of_a_source_are_its_own(workspace):
    spec = {"source": "roentgen", "kind": "text_to_image", "path": "roentgen", "negative_prompt": "blurred"}
    (found,) = complete_specs([spec], Run("test"), guidance=3, steps=20, template="negated", size=64)
    assert found == spec | {"path": str(workspace / "roentgen"), "guidance": 3, "steps": 20, "size": 64}


def test_a_source_whose_model_was_not_trained_is_named(workspace):
    manifest = Run("test").manifest("02_train_gan")
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"parameters": {"train": false}}')
    with pytest.raises(ParameterError, match="sources: gan: .* 02_train_gan, where train is False; train it, give"):
        complete_specs([{"source": "gan", "kind": "gan"}], Run("test"))
    complete_specs([{"source": "gan", "kind": "gan", "path": "elsewhere"}], Run("test"))


def test_every_stage_that_makes_a_model_is_one():
    assert {kind.stage for kind in KINDS.values() if kind.stage} <= set(STAGES)
