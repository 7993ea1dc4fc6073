"""Fine-tunes an existing Stable Diffusion model on a study's images and words, as was done for RoentGen."""
