"""Our generators against their peers at equal wall seconds: ``python benchmarks/generators/compare.py --peers PYTHON``.

PYTHON is the interpreter of an environment made from requirements.txt beside this file. Every model trains on the same
images, alone on the machine, for the same seconds, from random weights and without labels, then draws as many images.
Fréchet and kernel distance are measured in one feature space: that of a classifier trained on other phantoms. The
reference is 1,000 unseen phantoms, or the very images of ``--folder``, of which there are too few to hold any back.

Writes results.csv, machine.json, results.png and samples.png to ``--out``. Models that are there already, or whose
numbers are in ``--earlier``, are not trained again, so a stopped benchmark goes on, on another day too. With the
defaults about an hour a seed and data set.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from judge import distances, judge, phantoms

from helpers.figures.style import add_note, use_style
from helpers.files import write_text
from helpers.image_metrics.images import read_images
from helpers.runs import PROJECT

HERE = Path(__file__).parent
OURS, PEERS = ("gan", "diffusion"), ("stylegan2-pytorch", "denoising-diffusion-pytorch", "diffusers-unet")
TITLES = {"gan": "GAN, this project", "diffusion": "Diffusion, this project"}
COLOURS = {"gan": "#D55E00", "stylegan2-pytorch": "#F0B48C", "diffusion": "#0072B2"}
COLOURS |= {"denoising-diffusion-pytorch": "#8CBEDF", "diffusers-unet": "#B9D9EC"}
TRAINING_SEED, REFERENCE_SEED = 7004, 7003
SETTINGS = ["data", "model", "seed", "budget_seconds"]  # that make two lines of results the same line
SHOWN = 8


def make_data(options: argparse.Namespace) -> dict[str, tuple[Path, np.ndarray]]:
    """Data sets by name: the file of training images that every model reads, and the images to compare with."""
    training = options.out / f"phantoms-{options.phantoms}-{options.size}.npy"
    options.out.mkdir(parents=True, exist_ok=True)
    if not training.is_file():
        np.save(training, phantoms(TRAINING_SEED, options.phantoms, options.size, "Training phantoms")[0])
    reference, _ = phantoms(REFERENCE_SEED, 1000, options.size, "Phantoms to compare with")
    data = {"phantoms": (training, reference)}
    if options.folder:
        names = sorted(path.name for path in options.folder.iterdir() if path.suffix in (".png", ".jpg"))
        images = read_images(names, options.folder, options.size)
        own = options.out / f"folder-{len(images)}-{options.size}.npy"
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
    """Processor, memory and system that the times belong to."""
    described = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    names = {line.split(":", 1)[1].strip() for line in described if line.startswith("model name")}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = ", ".join(sorted(names)) or platform.processor()
    return {"processor": processor, "cores": os.cpu_count(), "memory_gb": round(memory), "system": platform.platform()}


def results_figure(table: pd.DataFrame, note: str) -> plt.Figure:
    """Fréchet distance by model, a panel per data set: bars are means over seeds, points the single seeds."""
    panels = list(dict.fromkeys(table["data"]))
    figure, axes = plt.subplots(1, len(panels), figsize=(6.2 * len(panels), 3), squeeze=False)
    for axis, panel in zip(axes[0], panels, strict=True):
        rows = table[table["data"] == panel]
        models = [model for model in COLOURS if model in set(rows["model"])]
        means = rows.groupby("model")["frechet"].mean()
        titles = [TITLES.get(model, model) for model in models]
        axis.barh(titles, means[models], color=[COLOURS[model] for model in models])
        for place, model in enumerate(models):
            own = rows.loc[rows["model"] == model, "frechet"]
            axis.plot(own, np.full(len(own), place), "o", color="black", markersize=3)
        axis.invert_yaxis()
        axis.set_xlabel("Fréchet distance (lower is better)")
        axis.set_title(panel.capitalize())
    return add_note(figure, note)


def samples_figure(pictures: dict[tuple[str, str], np.ndarray], note: str) -> plt.Figure:
    """The first images of each model, a row per data set and model."""
    figure, axes = plt.subplots(len(pictures), 1, figsize=(SHOWN * 1.1 + 2.4, 1.1 * len(pictures)), squeeze=False)
    for axis, ((data, model), images) in zip(axes[:, 0], pictures.items(), strict=True):
        axis.imshow(np.concatenate(list(images[:SHOWN]), axis=1), cmap="gray", vmin=0, vmax=255)
        axis.set_xticks([])
        axis.set_yticks([])
        label = f"{TITLES.get(model, model)}\n{data}"
        axis.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=9)
    return add_note(figure, note)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, required=True, help="python of the peers' environment")
    parser.add_argument("--seconds", type=float, default=600, help="training of each model")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--phantoms", type=int, default=4000, help="training images of the first data set")
    parser.add_argument("--folder", type=Path, help="a folder of images, the second data set")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--samples", type=int, default=256, help="images drawn by each model")
    parser.add_argument("--steps", type=int, default=20, help="sampling steps of every diffusion model")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--models", nargs="+", choices=[*OURS, *PEERS], default=[*OURS, *PEERS])
    parser.add_argument("--earlier", type=Path, help="a results.csv whose models need not be trained again")
    parser.add_argument("--out", type=Path, default=PROJECT / "build" / "generators", metavar="FOLDER")
    options = parser.parse_args()
    options.out = options.out.resolve()
    earlier = pd.read_csv(options.earlier) if options.earlier else pd.DataFrame(columns=SETTINGS)
    known = set(earlier[SETTINGS].itertuples(index=False, name=None))
    rows, pictures, versions = [], {}, {}
    classifier, data = judge(options.out, options.size), make_data(options)
    for name, (images, reference) in data.items():
        for model in options.models:
            for seed in options.seeds:
                if (name, model, seed, options.seconds) in known:
                    continue
                out = options.out / f"{images.stem}-{model}-{options.seconds:g}s-seed{seed}"
                if not (out / "record.json").is_file():
                    train(model, seed, images, options, out)
                record, made = json.loads((out / "record.json").read_text()), np.load(out / "samples.npy")
                versions[model] = record.pop("versions")
                fixed = {"data": name, "budget_seconds": options.seconds, "processor": machine()["processor"]}
                rows.append(fixed | record | distances(classifier, made, reference))
                pictures.setdefault((name, model), made)
    table = pd.concat([earlier, pd.DataFrame(rows)], ignore_index=True)
    write_text(options.out / "results.csv", table.round(4).to_csv(index=False))
    write_text(options.out / "machine.json", json.dumps(machine() | {"versions": versions}, indent=1) + "\n")
    use_style()
    note = f"{options.seconds:g} s of training each on {options.threads} threads, {machine()['processor']}; "
    note += f"{options.samples} images, {table['seed'].nunique()} seed(s); features of a classifier trained on phantoms"
    results_figure(table, note).savefig(options.out / "results.png", dpi=150, bbox_inches="tight")
    if pictures:
        samples_figure(pictures, note).savefig(options.out / "samples.png", dpi=150, bbox_inches="tight")
    shown = ["data", "model", "seed", "frechet", "kernel", "training_images", "training_images_per_second"]
    print(table[[*shown, "sampled_images_per_second", "peak_memory_mb"]].round(3).to_string(index=False))


if __name__ == "__main__":
    main()
