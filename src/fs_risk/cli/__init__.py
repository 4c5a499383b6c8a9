"""The command line: arguments in, exit code out; no sums of its own."""

import sys

from fs_risk.cli import approvals, cards, data, demand, register, risk, serve, triage, watch
from fs_risk.cli.app import app

__all__ = [
    "app", "approvals", "cards", "data", "demand", "main", "register", "risk", "serve", "triage",
    "watch",
]  # fmt: skip


def main() -> None:
    """Run the command line."""
    if hasattr(sys.stdout, "reconfigure"):
        # a Windows console may not encode every character of a finding
        sys.stdout.reconfigure(errors="replace")
    app()
