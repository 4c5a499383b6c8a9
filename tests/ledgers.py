"""Ledgers for tests: begun in a folder, with scores of a small authority to put into them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import fs_risk as fs
from fs_risk.triage.ledger_keys import new_ledger_key
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.score import scorer

WHO = {"by": "W17", "role": "duty manager"}
AUTHORITY = {**WHO, "authority": "IG 2026/12", "reason": "As decided there."}
SAID = {"decision": "assessment", "reason": "Two calls in a week.", **WHO}


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)

    def __call__(self):
        return self.now

    def on(self, **days):
        self.now += timedelta(**days)


def url_in(folder):
    """Give the address that a folder states, else of an SQLite file in it."""
    stated = Path(folder) / "url.txt"
    if stated.exists():
        return stated.read_text("utf-8")
    return f"sqlite:///{(Path(folder) / 'ledger.db').as_posix()}"


def begin(folder, **settings):
    """Begin a ledger in a folder, with a key of its own beside it."""
    key = Path(folder) / "ledger.key"
    if not key.exists():
        new_ledger_key(key)
    return fs.Ledger(url_in(folder), key_file=key, **{"retain_days": 3_650, **settings})


def reopen(folder, **settings):
    return fs.Ledger(url_in(folder), key_file=Path(folder) / "ledger.key", **settings)


def made_scores(records, model, n=40):
    """Scores of the last referrals, each of another child, with what they were made from."""
    last = records.extract_date
    referrals = declared_referrals(records, (last - timedelta(days=120)).date(), last.date())
    of_child = {referral.child_id: referral for referral in referrals}
    return scorer(records, model).make(list(of_child.values())[:n])


def referral(number, **fields):
    return {
        "referral_id": f"R{number}", "child_id": f"child-{number}",
        "referral_date": "2026-10-30", **fields,
    }  # fmt: skip
