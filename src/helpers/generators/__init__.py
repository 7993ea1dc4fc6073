"""Generators of chest X-rays: how they are conditioned, trained and sampled."""
