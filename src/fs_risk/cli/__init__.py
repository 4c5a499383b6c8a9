"""The command line: arguments in, exit code out; no sums of its own."""

from fs_risk.cli import (
    approvals,
    cards,
    data,
    demand,
    evidence,
    register,
    risk,
    serve,
    settings_shown,
    triage,
    watch,
)
from fs_risk.cli.app import app

__all__ = [
    "app", "approvals", "cards", "data", "demand", "evidence", "main", "register", "risk", "serve",
    "settings_shown", "triage", "watch",
]  # fmt: skip


def main() -> None:
    """Run the command line."""
    app()
