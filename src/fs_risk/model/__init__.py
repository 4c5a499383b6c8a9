"""Plans, splits, the step-up model on disk and in memory."""
