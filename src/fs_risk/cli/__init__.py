"""The command line: arguments in, exit code out; no sums of its own."""

import sys

from fs_risk.cli import data, demand, risk
from fs_risk.cli.app import app

__all__ = ["app", "data", "demand", "main", "risk"]


def main() -> None:
    """Run the command line."""
    if hasattr(sys.stdout, "reconfigure"):
        # a Windows console may not encode every character of a finding
        sys.stdout.reconfigure(errors="replace")
    app()
