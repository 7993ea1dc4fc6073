"""One step of fine-tuning a Stable Diffusion model, and the complete training state."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from helpers.findings import Findings
from helpers.generators.finetuning.base import Base, Tunable
from helpers.generators.finetuning.settings import TuningSettings
from helpers.generators.precision import Precision
from helpers.generators.processes import Processes
from helpers.generators.text_to_image import to_gray
from helpers.generators.training_data import TrainingData
from helpers.generators.words import wording
from helpers.generators.words.told_trainer import ToldTrainer

DRAWN_STEPS = 20  # of the base's own sampler, for a training snapshot
DRAWN_AT_ONCE = 4


class TuningTrainer(ToldTrainer):
    """The tuned weights of a base, and their optimiser.

    Weights are not averaged: the steps are small, and the final weights are used, as for RoentGen (Chambon et al. 2022,
    arXiv 2211.12737).
    """

    parts = ("networks", "optimiser")

    def __init__(
        self,
        data: TrainingData,
        settings: TuningSettings,
        findings: Findings,
        precision: Precision,
        start: Base,
        processes: Processes | None = None,
    ):
        super().__init__(data, settings, precision, start, processes)
        self.study, self.tunable = findings, Tunable(start, settings, precision.device)
        self.networks = self.average = self.tunable.tuned
        self.optimiser = torch.optim.AdamW(
            self.networks.parameters(), lr=settings.learning_rate, weight_decay=0.01, fused=True
        )

    def losses(self) -> dict[str, Tensor]:
        """Squared error of the base's prediction target at a random time step.

        Ho et al. 2020, arXiv 2006.11239, equation 14; for the velocity, Salimans and Ho 2022, arXiv 2202.00512.
        """
        draws, images, states = self.next_batch()
        texts, schedule = self.words(states), self.tunable.schedule
        images, numbers = self.processes.share(images, torch.arange(len(texts)))
        timestep = (draws.uniform(len(images)) * schedule.config.num_train_timesteps).long()
        with self.precision.autocast():
            clean = self.tunable.latents(images).float()
            noise = draws.normal(*clean.shape)
            told = self.tunable.told([texts[number] for number in numbers.tolist()])
            noisy = schedule.add_noise(clean, noise, timestep)
            predicted = self.tunable.pipeline.unet(noisy, timestep, encoder_hidden_states=told).sample
        return {"loss": functional.mse_loss(predicted.float(), self.tunable.aim(clean, noise, timestep))}

    @torch.no_grad()
    def draw(self, states: Tensor, seed: int) -> np.ndarray:
        """Draw images for states int8 (n, findings), in plain words, unguided: float32 (n, size, size) in 0..1."""
        texts, made = [wording.plain(row, self.study) for row in states.tolist()], []
        for start in range(0, len(texts), DRAWN_AT_ONCE):
            part = texts[start : start + DRAWN_AT_ONCE]
            with self.precision.autocast():
                found = self.tunable.pipeline(
                    part,
                    num_inference_steps=DRAWN_STEPS,
                    guidance_scale=1.0,
                    generator=[torch.Generator().manual_seed(seed + start + place) for place in range(len(part))],
                    height=self.tunable.resolution,
                    width=self.tunable.resolution,
                    output_type="pt",
                ).images
            made.append(to_gray(found.float().cpu(), self.data.size))
        return np.concatenate(made)
