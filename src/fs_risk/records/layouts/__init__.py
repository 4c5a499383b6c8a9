"""Where each canonical column lives in the returns that are both read and written."""
