"""Fitting and tracking step-up and demand models."""
