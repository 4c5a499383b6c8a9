"""Defects of recording that can be planted in a synthetic authority, each of a stated size."""
