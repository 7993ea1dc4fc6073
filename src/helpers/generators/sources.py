"""The sources of synthetic images in a study: which kinds there are, what each takes and how each is loaded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import ParameterError, SampleError
from helpers.findings import Findings
from helpers.generators.image_generator import ImageGenerator
from helpers.provenance import drawn_size_of, read_manifest
from helpers.runs import Run, workspace
from helpers.tables import REAL


@dataclass(frozen=True)
class Kind:
    """A kind of generator; ``load`` makes one from a spec and the study's findings, and imports its module only then.

    ``options`` are the notebook parameters that its ``sample`` takes, ``settings`` what ``load`` takes besides the
    path. ``stage`` is the notebook that trains it, ``inside`` the subfolder of that stage's folder; without a stage, a
    spec needs a path.
    """

    load: Callable[[Mapping, Findings], ImageGenerator]
    options: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    stage: str | None = None
    inside: str = ""


def _gan(spec: Mapping, findings: Findings) -> ImageGenerator:
    from helpers.generators.gan import Gan

    return Gan.load(spec["path"])


def _text_to_image(spec: Mapping, findings: Findings) -> ImageGenerator:
    from helpers.generators import text_to_image

    return text_to_image.load(spec, findings)


def _external(spec: Mapping, findings: Findings) -> ImageGenerator:
    from helpers.generators import external

    return external.load(spec, findings)


KINDS = {
    "gan": Kind(_gan, options=("truncation", "emphasis"), settings=("enlarger",), stage="02_train_gan"),
    "text_to_image": Kind(
        _text_to_image,
        options=("guidance", "steps"),
        settings=("size", "template", "resolution", "precision", "negative_prompt", "scheduler", "lora", "lora_scale"),
        stage="03_train_diffusion",
        inside="pipeline",
    ),
    "external": Kind(_external, settings=("size", "fit")),
}


def load(spec: Mapping, findings: Findings) -> ImageGenerator:
    """Load the generator of a spec, ``{"source": name, "kind": ..., "path": ..., options and settings...}``.

    Raises ParameterError for an unknown kind, option or setting, CheckpointError or SampleError if what the spec
    names cannot be loaded, or was trained on findings other than the study's.
    """
    generator = _kind(spec).load(spec, findings)
    if spec.get("enlarger"):
        from helpers.generators.enlarging import enlarger

        generator = enlarger.Enlarged(generator, enlarger.load(workspace() / spec["enlarger"]))
    if generator.findings is not None and tuple(generator.findings) != findings.names:
        raise SampleError(
            f"source {spec['source']!r}: its model knows {', '.join(generator.findings)}, and the study asks for "
            f"{', '.join(findings.names)}; train one on these findings"
        )
    return generator


def options_of(spec: Mapping) -> dict:
    """The entries of a spec that its kind's ``sample`` takes."""
    return {name: spec[name] for name in _kind(spec).options if name in spec}


def specs_of(run: Run, parameters: Mapping) -> list[dict]:
    """The complete specs of the sources that the parameters of notebook 04 list; raises as ``complete_specs`` does."""
    options = {name: parameters[name] for name in ("guidance", "steps", "truncation", "emphasis")}
    options["enlarger"] = str(run.stage_folder("02_train_enlarger")) if drawn_size_of(run) else None
    size = read_manifest(run, "01_cohort")["parameters"]["size"]
    return complete_specs(parameters["sources"], run, **options, size=size)


def complete_specs(specs: Sequence[Mapping], run: Run, **defaults) -> list[dict]:
    """Check a notebook's list of sources; fill in the run's own models and the options that a spec leaves open.

    ``defaults`` are guidance, steps, truncation and so on, the run's image ``size`` and, for the run's own models, the
    folder of its ``enlarger`` (None without one); each source gives its other settings itself.
    Raises ParameterError naming the source and the key.
    """
    completed = []
    for spec in specs:
        if not isinstance(spec, Mapping) or not {"source", "kind"} <= set(spec):
            raise ParameterError(f'sources: {spec!r} needs at least {{"source": name, "kind": kind}}')
        source, kind = str(spec["source"]), _kind(spec)
        if source == REAL or not source.replace("_", "").replace("-", "").isalnum():
            raise ParameterError(f"sources: {source!r} cannot be a source's name; use letters, digits, '-' and '_'")
        own = (*kind.options, "size", *(["enlarger"] if not spec.get("path") else []))
        taken = [name for name in own if name in kind.options + kind.settings]
        common = {name: defaults[name] for name in taken if name in defaults}
        completed.append({**common, **spec, "path": str(_path(spec, kind, run))})
    names = [spec["source"] for spec in completed]
    if len(set(names)) < len(names) or not names:
        raise ParameterError(f"sources: names {names} must be given and differ; they tell the images apart")
    return completed


def _kind(spec: Mapping) -> Kind:
    source, name = spec["source"], spec["kind"]
    if name not in KINDS:
        raise ParameterError(f"sources: {source}: kind = {name!r} is unknown; choose {', '.join(KINDS)}")
    kind = KINDS[name]
    unknown = set(spec) - {"source", "kind", "path", *kind.options, *kind.settings}
    if unknown:
        raise ParameterError(
            f"sources: {source}: kind {name} has no option {', '.join(sorted(unknown))}; "
            f"it has {', '.join(kind.options + kind.settings)}"
        )
    return kind


def _path(spec: Mapping, kind: Kind, run: Run) -> Path:
    if spec.get("path"):
        return workspace() / spec["path"]
    if kind.stage is None:
        raise ParameterError(f"sources: {spec['source']}: path is missing; say where its model or images are")
    if run.manifest(kind.stage).is_file() and not read_manifest(run, kind.stage)["parameters"].get("train", True):
        raise ParameterError(
            f"sources: {spec['source']}: kind {spec['kind']} draws with the model of {kind.stage}, "
            "where train is False; train it, give the path of another model, or leave this source out"
        )
    return run.stage_folder(kind.stage) / kind.inside
