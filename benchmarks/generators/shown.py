"""Tables and figures of the generators' benchmark."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.figures.style import add_note

FLOOR = "training images"  # in place of generated ones: the least distance that this many images can have
TITLES = {"gan": "GAN, this project", "diffusion": "Diffusion, this project"}
GAN_PEERS, DIFFUSION_PEERS = ("stylegan2-pytorch",), ("denoising-diffusion-pytorch", "diffusers-unet")
RIVALS = {"gan": GAN_PEERS, "diffusion": DIFFUSION_PEERS}
COLOURS = {"gan": "#D55E00", "stylegan2-pytorch": "#F0B48C", "diffusion": "#0072B2"}
COLOURS |= {"denoising-diffusion-pytorch": "#8CBEDF", "diffusers-unet": "#B9D9EC"}
SHOWN = 8


def by_model(results: pd.DataFrame) -> pd.DataFrame:
    """A line per data set and model: seeds, mean, least and largest Fréchet distance, and means of the rest."""
    rows = results[results["model"] != FLOOR]
    groups = rows.groupby(["data", "model"], sort=False)
    table = groups["frechet"].agg(seeds="size", frechet="mean", least="min", largest="max")
    rest = ["kernel", "training_images_per_second", "sampled_images_per_second", "peak_memory_mb"]
    data, models = list(dict.fromkeys(results["data"])), list(COLOURS)
    order = sorted(table.index, key=lambda line: (data.index(line[0]), models.index(line[1])))
    return table.join(groups[rest].mean()).loc[order]


def against_best_peer(results: pd.DataFrame) -> pd.DataFrame:
    """Our mean Fréchet distance over that of the best peer of the same kind; 1 is a tie, below 1 ours is better.

    Columns: data, model, peer, ratio, and worst: our largest over the peer's least, over seeds.
    """
    table, rows = by_model(results), []
    for data in dict.fromkeys(results["data"]):
        for model, peers in RIVALS.items():
            there = [peer for peer in peers if (data, peer) in table.index]
            if there and (data, model) in table.index:
                best = min(there, key=lambda peer: table.loc[(data, peer), "frechet"])
                ours, theirs = table.loc[(data, model)], table.loc[(data, best)]
                rows.append((data, model, best, ours["frechet"] / theirs["frechet"], ours["largest"] / theirs["least"]))
    return pd.DataFrame(rows, columns=["data", "model", "peer", "ratio", "worst"])


def results_figure(results: pd.DataFrame, note: str) -> plt.Figure:
    """Fréchet distance by model, a panel per data set: diamonds are means over seeds, points the single seeds."""
    panels = list(dict.fromkeys(results["data"]))
    figure, axes = plt.subplots(1, len(panels), figsize=(6.2 * len(panels), 3), squeeze=False)
    for axis, panel in zip(axes[0], panels, strict=True):
        rows = results[results["data"] == panel]
        models = [model for model in COLOURS if model in set(rows["model"])]
        means = rows.groupby("model")["frechet"].mean()
        for place, model in enumerate(models):
            own = rows.loc[rows["model"] == model, "frechet"]
            axis.plot(own, np.full(len(own), place), "o", color=COLOURS[model], markersize=4)
            axis.plot(means[model], place, "D", color=COLOURS[model], markersize=9)
        axis.axvline(means[FLOOR], color="black", linestyle=":", linewidth=1)
        axis.set_yticks(range(len(models)), [TITLES.get(model, model) for model in models])
        axis.set_ylim(len(models) - 0.5, -0.5)
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter("{x:g}")
        axis.set_xlabel("Fréchet distance; dotted: training images")
        axis.set_title(panel[0].upper() + panel[1:])
    return add_note(figure, note)


def steps_figure(steps: pd.DataFrame, note: str) -> plt.Figure:
    """Fréchet distance against sampling steps, a line per solver, and the distance at the full number of steps."""
    figure, axis = plt.subplots(figsize=(6.2, 3.2))
    full, others = steps.iloc[0], steps.iloc[1:]
    for solver, rows in others.groupby("solver", sort=False):
        axis.plot(rows["steps"], rows["frechet"], "o-", markersize=4, label=solver)
    label = f"{full['solver']}, {full['steps']} steps"
    axis.axhline(full["frechet"], color="black", linestyle=":", linewidth=1, label=label)
    axis.set_xticks(sorted(others["steps"].unique()), [str(count) for count in sorted(others["steps"].unique())])
    axis.set_xlabel("Sampling steps")
    axis.set_ylabel("Fréchet distance")
    axis.legend(title="Solver")
    return add_note(figure, note)


def samples_figure(pictures: dict[str, np.ndarray]) -> plt.Figure:
    """The first images of each model, a row each."""
    figure, axes = plt.subplots(len(pictures), 1, figsize=(SHOWN * 1.1 + 2.4, 1.1 * len(pictures)), squeeze=False)
    for axis, (model, images) in zip(axes[:, 0], pictures.items(), strict=True):
        axis.imshow(np.concatenate(list(images[:SHOWN]), axis=1), cmap="gray", vmin=0, vmax=255)
        axis.spines[:].set_visible(False)
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set_ylabel(TITLES.get(model, model), rotation=0, ha="right", va="center", fontsize=9)
    return figure
