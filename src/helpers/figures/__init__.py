"""Figures: tidy table in, matplotlib Figure out."""
