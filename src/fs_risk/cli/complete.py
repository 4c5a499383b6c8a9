"""What a shell offers for an option's value; written out, so that nothing is loaded for it."""

import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

OUTCOMES = ("cp_plan", "pre_proceedings", "care", "step_up", "section47")
PURPOSES = ("second_read", "group_supervision", "allocation")
CONCERNS = ("injury", "disclosure", "strategy_discussion", "police_protection")
DECISIONS = ("approve", "refuse", "withdraw", "go live", "suspend", "retire")
ROLES = (
    "technical reviewer",
    "practice lead",
    "principal social worker",
    "data protection officer",
    "information governance lead",
    "equality lead",
    "senior responsible owner",
)
FORMATS = ("ssd", "cin_census", "annex_a", "ssda903")
PROFILES = ("england", "small")
ATTRIBUTES = ("ethnicity", "sex", "disability", "age_band", "deprivation_decile")
SPLITS = ("team", "source")
MEASURES = (
    "contacts",
    "referrals",
    "re_referrals",
    "assessments",
    "section47",
    "conferences",
    "cp_plan_starts",
    "care_starts",
)
"""What is forecast unless other measures are named."""

DEEP, MOST = 3, 2_000
"""How many folders down a saved model is looked for, and in how many altogether."""


def one_of(words: tuple[str, ...]) -> Callable[[str], list[str]]:
    """Offer those of some words that begin as was typed.

    Parameters
    ----------
    words : tuple of str

    Returns
    -------
    callable

    Examples
    --------
    >>> one_of(OUTCOMES)("c")
    ['cp_plan', 'care']
    """

    def offered(incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    return offered


def saved_models(incomplete: str) -> list[str]:
    """Offer the folders that a saved model lies in.

    Parameters
    ----------
    incomplete : str
        What was typed of a path.

    Returns
    -------
    list of str
    """
    typed = incomplete.replace(os.sep, "/").removeprefix("./")
    start = Path(typed) if typed.endswith("/") else Path(typed).parent
    found = []
    for folder, inner, files in islice(os.walk(start), MOST):
        here = Path(folder)
        if "model.json" in files and "booster.txt" in files:
            found.append(here.as_posix())
        deep = len(here.relative_to(start).parts) >= DEEP
        inner[:] = [] if deep else [name for name in sorted(inner) if not name.startswith(".")]
    return [path for path in found if path.startswith(typed)]
