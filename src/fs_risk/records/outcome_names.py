"""The names of what may be predicted, which features and outcomes share and nothing else."""

OUTCOME_NAMES = (
    "cp_plan",
    "pre_proceedings",
    "care",
    "step_up",
    "section47",
    "re_referral",
    "step_down",
    "sustained_closure",
    "proceedings",
)
"""In the order in which `outcomes.definitions` declares them."""
