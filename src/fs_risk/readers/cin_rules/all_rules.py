"""Every rule, declared by importing the module of each subject."""

from fs_risk.readers.cin_rules import (
    assessment,
    child,
    cin_plan,
    cp_plan,
    death,
    episode,
    pre_proceedings,
    section47,
    upn,
    whole_file,
)
from fs_risk.readers.cin_rules.registry import RULES

SUBJECTS = (
    child,
    upn,
    death,
    episode,
    assessment,
    section47,
    cp_plan,
    cin_plan,
    pre_proceedings,
    whole_file,
)

__all__ = ["RULES", "SUBJECTS"]
