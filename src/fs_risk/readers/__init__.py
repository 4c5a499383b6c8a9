"""One module for each return: from what an authority has to canonical tables."""
