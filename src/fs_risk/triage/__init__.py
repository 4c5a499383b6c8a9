"""Scores for referrals, with their reasons and limits."""
