"""A small Stable Diffusion that is trained here: told in words, saved as a pipeline that diffusers loads by itself."""
