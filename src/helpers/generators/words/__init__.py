"""A small Stable Diffusion model that this project trains on texts and saves as a standard diffusers pipeline."""
