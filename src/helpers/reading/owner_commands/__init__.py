"""Commands of the owner of a study on its readers and readings, in ``python -m helpers.reading.readers``."""
