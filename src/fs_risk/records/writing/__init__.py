"""Records written as the returns that an authority exchanges."""
