"""Canonical tables, households, code lists, dates and findings."""
