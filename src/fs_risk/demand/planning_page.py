"""What is coming, on one page for a planning meeting: read on a screen, a phone, or on paper."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fs_risk.demand.scenarios import Scenario
from fs_risk.demand.staffing import StaffingPlan
from fs_risk.errors import SettingError
from fs_risk.records.html_templates import filled

if TYPE_CHECKING:
    from fs_risk.demand.caseload_result import CaseloadForecast
    from fs_risk.demand.forecast import DemandForecast


def planning_page(
    path: str | Path | None = None,
    *,
    caseload: "CaseloadForecast | None" = None,
    forecast: "DemandForecast | None" = None,
    plan: StaffingPlan | None = None,
    scenarios: Sequence[Scenario] = (),
    synthetic: bool = False,
) -> str:
    """Put forecasts on one self-contained HTML page, each with its verdict and coverage.

    Every chart has its figures in a table below it. The page fetches nothing, runs no
    script, follows the reader's light or dark setting and prints on A4.

    Parameters
    ----------
    path : str or Path, optional
        Where to write it; a file of that name is replaced.
    caseload : CaseloadForecast, optional
        Tiers, flows, specialists; with `plan` staff, with `scenarios` what they change.
    forecast : DemandForecast, optional
        Counts such as contacts and referrals.
    plan : StaffingPlan, optional
    scenarios : sequence of Scenario, optional
        Up to five, side by side.
    synthetic : bool, default=False
        Whether to stamp the page; a forecast of synthetic records stamps it anyway.

    Returns
    -------
    str
        The page. Counts on it are neither rounded nor hidden: it is for planning inside the
        authority, not for publication. It names no child.

    Raises
    ------
    SettingError
        If there is nothing to show, a plan or scenarios without a caseload forecast, more
        than five scenarios or two of one name, or the file cannot be written.
    """
    from fs_risk.demand.planning_caseload import caseload_content
    from fs_risk.demand.planning_counts import counts_content

    _check(caseload, forecast, plan, scenarios)
    page = filled(
        Path(__file__).parent / "templates",
        "planning.html.j2",
        {
            "synthetic": synthetic
            or (caseload is not None and caseload.origin == "synthetic")
            or (forecast is not None and forecast.synthetic),
            "caseload": None if caseload is None else caseload_content(caseload, plan, scenarios),
            "counts": None if forecast is None else counts_content(forecast),
        },
    )
    if path is not None:
        _write(Path(path), page)
    return page


def _check(caseload: object, forecast: object, plan: object, scenarios: Sequence[Scenario]) -> None:
    if caseload is None and forecast is None:
        raise SettingError(
            "There is no forecast to show.",
            where="planning_page",
            fix="Pass caseload=, forecast= or both.",
        )
    if caseload is None and (plan is not None or scenarios):
        raise SettingError(
            "A staffing plan and scenarios need a caseload forecast.",
            where="planning_page, caseload",
            fix="Pass caseload=forecast_caseload(records).",
        )
    names = [scenario.name for scenario in scenarios]
    if len(names) > 5 or len(set(names)) < len(names):
        raise SettingError(
            f"{len(names)} scenarios of {len(set(names))} names cannot stand side by side.",
            where="planning_page, scenarios",
            fix="Pass up to five scenarios, each with a name of its own.",
        )


def _write(target: Path, page: str) -> None:
    try:
        target.write_bytes(page.encode())
    except OSError as error:
        raise SettingError(
            f"The page cannot be written: {error.strerror}.",
            where=target.name,
            fix="Give a path in a folder that exists and may be written.",
        ) from None
