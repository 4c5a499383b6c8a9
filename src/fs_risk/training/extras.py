"""What a plan needs installed beside the library, found out before anything is fitted."""

from fs_risk.model.plan import Plan


def check_installed(plan: Plan) -> None:
    """Refuse a plan that asks for what is not installed.

    Parameters
    ----------
    plan : Plan

    Raises
    ------
    SettingError
        If it is to be tuned without ``fs-risk[tuning]``, or has an explainable boosting
        machine beside it without ``fs-risk[ebm]``.
    """
    # Only where asked for: both libraries are slow to load.
    if plan.tuning is not None:
        from fs_risk.training.tuning import find_optuna

        find_optuna()
    if plan.further_candidates:
        from fs_risk.training.explainable_boosting import find_machine

        find_machine()
