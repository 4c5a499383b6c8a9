"""Cohorts and outcome labels."""
