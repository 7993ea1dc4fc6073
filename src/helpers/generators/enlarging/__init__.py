"""A network that enlarges what generators draw to the size of the study, and adds the details that it lacks."""
