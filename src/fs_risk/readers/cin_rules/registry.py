"""How a rule is declared."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from fs_risk.readers.cin_rules.census import Census
from fs_risk.records.findings import Severity

Check = Callable[[Census], "pd.Series | bool"]


@dataclass(frozen=True)
class Rule:
    """One validation rule on one block.

    Attributes
    ----------
    code : str
        The Department's number; Q behind it makes it a query.
    block : str
        The block whose rows it marks; ``header`` for rules about the whole file.
    message, fix : str
        What is wrong, and what to do.
    check : callable
        Takes a `Census`; gives True for each row that breaks the rule.
    """

    code: str
    block: str
    message: str
    fix: str
    check: Check

    @property
    def severity(self) -> Severity:
        """A query warns, any other rule is an error."""
        return "warning" if self.code.endswith("Q") else "error"


RULES: list[Rule] = []
"""All rules, in the order of their declaration. Filled by the modules of this package."""


def rule(code: str, block: str, message: str, fix: str) -> Callable[[Check], Check]:
    """Declare the function below as a rule."""

    def declare(check: Check) -> Check:
        RULES.append(Rule(code, block, message, fix, check))
        return check

    return declare
