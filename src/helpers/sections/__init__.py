"""Sections of the statistics notebooks that take more than a few calls.

Each takes the ``Results`` of its notebook and computes, writes, records, shows and draws its results.
"""
