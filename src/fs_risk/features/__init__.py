"""What was known on the day: catalogue, timeline, windows, features."""
