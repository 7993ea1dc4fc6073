"""A Stable Diffusion from elsewhere is tuned to a study's images and words, as RoentGen was made."""
