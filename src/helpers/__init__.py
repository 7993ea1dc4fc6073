"""Perceptual evaluation of synthetic chest X-rays: the machinery behind the notebooks."""

__version__ = "0.1.0"
