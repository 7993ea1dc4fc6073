"""What the owner of a study does about its readers and readings, by ``python -m helpers.reading.readers``."""
