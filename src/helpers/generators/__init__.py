"""Generators of chest X-rays: what they are told, how they are trained, and how they are sampled."""
