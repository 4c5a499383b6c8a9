"""Model cards: what a model is for, what it saw, how well it does."""
