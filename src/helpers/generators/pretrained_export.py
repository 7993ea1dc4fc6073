"""Exports a run's trained models for warm starts: ``python -m helpers.generators.pretrained_export --run RUN``."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import load_file

from helpers.errors import StudyError
from helpers.files import sha256
from helpers.generators.enlarging import enlarger as enlarging
from helpers.generators.enlarging.stage import CRITIC
from helpers.generators.gan import JOINT, Gan
from helpers.generators.pretrained import cpu_state, write
from helpers.generators.words import stage as words
from helpers.runs import Run, workspace


def write_enlarger(run: Run, path: Path) -> None:
    """Write what ``02_train_enlarger`` of a run has made to ``path``."""
    source = run.stage_folder("02_train_enlarger")
    enlarger = enlarging.load(source)
    seen = json.loads((source / "training.json").read_text(encoding="utf-8"))["images_seen"]
    write(path, {"enlarger": cpu_state(enlarger), "critic": load_file(source / CRITIC)}, asdict(enlarger.shape), seen)


def write_gan(run: Run, path: Path) -> None:
    """Write what ``02_train_gan`` of a run has made to ``path``."""
    source = run.stage_folder("02_train_gan")
    gan = Gan.load(source)
    discriminator = load_file(source / "discriminator.safetensors")
    networks = {"generator": cpu_state(gan.networks[JOINT]), "discriminator": discriminator}
    write(path, networks, gan.description["architecture"], gan.description["images_seen"])


def write_diffusion(run: Run, path: Path) -> None:
    """Write what ``03_train_diffusion`` of a run has made to ``path``."""
    networks, learned, described = words.trained_in(run.stage_folder("03_train_diffusion"))
    write(path, networks, described["shape"], described["images_seen"], learned)


MODELS = {"enlarger": write_enlarger, "gan": write_gan, "diffusion": write_diffusion}


def main(arguments: list[str] | None = None) -> int:
    """Export models of one run."""
    parser = argparse.ArgumentParser(prog="python -m helpers.generators.pretrained_export", description=__doc__)
    parser.add_argument("--run", default="pretrain")
    parser.add_argument("--to", default="data/pretrained")
    parser.add_argument("--models", nargs="+", choices=tuple(MODELS), default=list(MODELS), help="default: all three")
    chosen = parser.parse_args(arguments)
    try:
        for model in chosen.models:
            path = workspace() / chosen.to / f"{model}.safetensors"
            MODELS[model](Run(chosen.run), path)
            print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, SHA-256 {sha256(path)}")
    except (StudyError, OSError) as error:
        print(f"Not exported: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
