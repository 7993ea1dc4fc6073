"""Our generators against their peers in equal wall time: ``python benchmarks/generators/compare.py --peers PYTHON``.

PYTHON is the interpreter of an environment made from requirements.txt beside this file. Every model trains on the same
images, alone on the machine, for the same time, from random weights and without labels, then draws the same number of
images. Fréchet and kernel distances are measured in one feature space: that of a classifier trained on other phantoms.
The reference is 1,000 unseen phantoms, or the images of ``--folder`` themselves, which are too few to hold any back.

Numbers go to ``--results`` after every model, with the machine and its packages beside them. The first images of models
trained on phantoms go to samples.png there, if those of all such models are still in ``--out``. Models whose numbers
are already there are not trained again, so a stopped benchmark can be continued, even on another day. With the
defaults it takes about two hours per seed and data set.
``results.ipynb`` shows the numbers.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from judge import JUDGED, distances, judge, phantoms
from shown import DIFFUSION_PEERS, FLOOR, GAN_PEERS, samples_figure

from helpers.figures.style import use_style
from helpers.files import write_text
from helpers.image_metrics.images import read_images
from helpers.runs import PROJECT

HERE = Path(__file__).parent
OURS, PEERS = ("gan", "diffusion"), (*GAN_PEERS, *DIFFUSION_PEERS)
TRAINING_SEED, REFERENCE_SEED = 7004, 7003
SIZE = 256  # pixels per side
SETTINGS = ["data", "model", "seed", "budget_seconds"]  # these identify a line of the results


def make_data(options: argparse.Namespace) -> dict[str, tuple[Path, np.ndarray]]:
    """Data sets by name: the file of training images that every model reads, and the images to compare with."""
    training = options.out / f"phantoms-{options.phantoms}-{SIZE}.npy"
    options.out.mkdir(parents=True, exist_ok=True)
    if not training.is_file():
        np.save(training, phantoms(TRAINING_SEED, options.phantoms, SIZE, "Training phantoms")[0])
    reference, _ = phantoms(REFERENCE_SEED, 1000, SIZE, "Phantoms to compare with")
    data = {"phantoms": (training, reference)}
    if options.folder:
        names = sorted(path.name for path in options.folder.iterdir() if path.suffix in (".png", ".jpg"))
        images = read_images(names, options.folder, SIZE)
        own = options.out / f"folder-{len(images)}-{SIZE}.npy"
        np.save(own, images)
        data[f"{len(images)} real images"] = (own, images)
    return data


def train(model: str, seed: int, images: Path, options: argparse.Namespace, out: Path) -> None:
    """Train and sample one model in a process of its own."""
    program, script = (sys.executable, "ours.py") if model in OURS else (str(options.peers), "peers.py")
    settings = {name: getattr(options, name) for name in ("seconds", "samples", "steps", "threads")}
    numbers = [text for name, value in settings.items() for text in (f"--{name}", str(value))]
    command = [program, str(HERE / script), model, str(images), "--seed", str(seed), "--out", str(out), *numbers]
    threads = {"OMP_NUM_THREADS": str(options.threads)}
    paths = {"PYTHONPATH": str(PROJECT / "src") if model in OURS else ""}
    print(f"{model}, seed {seed}, {images.stem}", flush=True)
    subprocess.run(command, check=True, env=os.environ | threads | paths)


def machine() -> dict:
    """Processor, memory and system on which the times were measured."""
    described = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    names = {line.split(":", 1)[1].strip() for line in described if line.startswith("model name")}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = ", ".join(sorted(names)) or platform.processor()
    return {"processor": processor, "cores": os.cpu_count(), "memory_gb": round(memory), "system": platform.platform()}


def known(table: pd.DataFrame, setting: dict) -> bool:
    """Whether the results have this line."""
    return tuple(setting.values()) in set(table[SETTINGS].itertuples(index=False, name=None))


def keep(table: pd.DataFrame, row: dict, results: Path) -> pd.DataFrame:
    """The table with one more line, on disk as well."""
    table = pd.concat([table, pd.DataFrame([row])], ignore_index=True) if len(table) else pd.DataFrame([row])
    write_text(results, table.round(4).to_csv(index=False))
    return table


def measure(model: str, seed: int, images: Path, reference: np.ndarray, classifier, options) -> dict:
    """Train and sample a model, unless its samples exist, and measure them; the machine is noted beside the results."""
    out = folder_of(model, seed, images, options)
    if not (out / "record.json").is_file():
        train(model, seed, images, options, out)
    record, made = json.loads((out / "record.json").read_text()), np.load(out / "samples.npy")
    noted = options.results.with_name("machine.json")
    versions = json.loads(noted.read_text())["versions"] if noted.is_file() else {}
    described = machine() | {"versions": versions | {model: record.pop("versions")}}
    write_text(noted, json.dumps(described, indent=1) + "\n")
    return record | distances(classifier, made, reference) | {"processor": described["processor"]}


def folder_of(model: str, seed: int, images: Path, options: argparse.Namespace) -> Path:
    """Where the samples of a model are kept."""
    return options.out / f"{images.stem}-{model}-{options.seconds:g}s-seed{seed}"


def first_samples(model: str, table: pd.DataFrame, options: argparse.Namespace) -> np.ndarray | None:
    """Samples of a model that learned from phantoms, from the first measured seed whose samples exist."""
    images = options.out / f"phantoms-{options.phantoms}-{SIZE}.npy"
    seeds = sorted(table.loc[(table["data"] == "phantoms") & (table["model"] == model), "seed"])
    found = (folder_of(model, seed, images, options) / "samples.npy" for seed in seeds)
    return next((np.load(path) for path in found if path.is_file()), None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, required=True, help="python of the peers' environment")
    parser.add_argument("--seconds", type=float, default=1200, help="training of each model")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--phantoms", type=int, default=4000, help="training images of the first data set")
    parser.add_argument("--folder", type=Path, help="a folder of images, the second data set")
    parser.add_argument("--samples", type=int, default=64, help="images drawn by each model")
    parser.add_argument("--steps", type=int, default=10, help="sampling steps of every diffusion model")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--models", nargs="+", choices=[*OURS, *PEERS], default=[*OURS, *PEERS])
    parser.add_argument("--results", type=Path, default=HERE / "results.csv", metavar="FILE")
    parser.add_argument("--out", type=Path, default=PROJECT / "build" / "generators", help="images and samples")
    options = parser.parse_args()
    options.out = options.out.resolve()
    table = pd.read_csv(options.results) if options.results.is_file() else pd.DataFrame(columns=SETTINGS)
    classifier, data = judge(options.out, JUDGED), make_data(options)
    for name, (images, reference) in data.items():
        floor = {"data": name, "model": FLOOR, "seed": 0, "budget_seconds": options.seconds}
        if not known(table, floor):
            some = np.load(images)[: options.samples]
            table = keep(table, floor | distances(classifier, some, reference), options.results)
        for seed in options.seeds:
            for model in options.models:
                setting = {"data": name, "model": model, "seed": seed, "budget_seconds": options.seconds}
                if not known(table, setting):
                    row = setting | measure(model, seed, images, reference, classifier, options)
                    table = keep(table, row, options.results)
    use_style()
    measured = table.loc[table["data"] == "phantoms", "model"].tolist()
    made = {model: first_samples(model, table, options) for model in (*OURS, *PEERS) if model in measured}
    if made and all(images is not None for images in made.values()):  # else the picture stays
        samples_figure(made).savefig(options.results.with_name("samples.png"), dpi=150, bbox_inches="tight")
    shown = ["data", "model", "seed", "frechet", "kernel", "training_images", "training_images_per_second"]
    print(table[[*shown, "sampled_images_per_second", "peak_memory_mb"]].round(3).to_string(index=False))


if __name__ == "__main__":
    main()
