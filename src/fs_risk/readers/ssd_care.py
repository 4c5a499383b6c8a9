"""Care, missing episodes and involvements, from the dataset."""

import pandas as pd

from fs_risk.readers import ssd_words
from fs_risk.readers.ssd_tables import Extract
from fs_risk.records import codes
from fs_risk.records.findings import findings_by_file
from fs_risk.records.lookup import looked_up

_END_REASON = r"^\s*(X1|E\d{1,2}[AB]?)\b"
_PLACEMENT = r"^\s*([A-Z]\d{1,2})\b"


def care_periods_and_episodes(extract: Extract) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Build ``care_periods`` and ``care_episodes``.

    The episodes of one ``clae_cla_id`` are one period: it begins on the day the child
    entered care, else with its first episode, and ends with its last one, if that has
    ended. Without such an id, the child and the day of entry stand for it. The legal
    status is the one that held on the day an episode or period began.
    """
    table = extract.open("ssd_cla_episodes")
    child = table.ids("clae_person_id")
    entered = table.dates("clae_entered_care_date")
    day = entered.dt.strftime("%Y-%m-%d").astype("str")
    frame = table.provenance.assign(
        care_episode_id=table.ids("clae_cla_episode_id"),
        care_period_id=table.ids("clae_cla_id").fillna(child + "/care/" + day),
        child_id=child,
        referral_id=table.ids("clae_referral_id"),
        entered=entered,
        start_date=table.dates("clae_cla_episode_start_date"),
        end_date=table.dates("clae_cla_episode_ceased_date"),
        start_reason=table.codes(
            "clae_cla_episode_start_reason", codes.CARE_START_REASONS, ssd_words.start_reason
        ),
        end_reason=_codes_of(table.text("clae_cla_episode_ceased_reason"), _END_REASON),
        placement_type=_placements(extract, table.ids("clae_cla_placement_id")),
    )
    statuses = _statuses(extract)
    frame["legal_status"] = _status_on(statuses, frame["child_id"], frame["start_date"])
    periods = _periods(frame)
    periods["legal_status"] = _status_on(statuses, periods["child_id"], periods["start_date"])
    extract.findings += findings_by_file(
        "R025",
        "warning",
        "Care episodes name neither their period nor the day of entry.",
        frame[frame["care_period_id"].isna()],
        table="care_episodes",
        column="care_period_id",
        fix="Complete clae_cla_id; these episodes are part of no period.",
    )
    return periods, frame.drop(columns=["referral_id", "entered"])


def _periods(episodes: pd.DataFrame) -> pd.DataFrame:
    ordered = episodes[episodes["care_period_id"].notna()].sort_values("start_date", kind="stable")
    groups = ordered.groupby("care_period_id", sort=False)
    first, last = groups.head(1), groups.tail(1)
    columns = ["child_id", "source_file", "source_row", "start_date"]
    periods = first.set_index("care_period_id")[columns]
    periods["start_date"] = groups["entered"].first().fillna(periods["start_date"])
    periods["referral_id"] = groups["referral_id"].first()
    ends = last.set_index("care_period_id")
    periods["end_date"], periods["end_reason"] = ends["end_date"], ends["end_reason"]
    return periods.reset_index()


def _codes_of(text: pd.Series, pattern: str) -> pd.Series:
    """Give the code at the beginning of a text; words without one are not kept."""
    return text.str.upper().str.extract(pattern, expand=False).astype("str")


def _placements(extract: Extract, placement_ids: pd.Series) -> pd.Series:
    table = extract.open("ssd_cla_placement")
    types = _codes_of(table.text("clap_cla_placement_type"), _PLACEMENT)
    by_id = types.set_axis(pd.Index(table.ids("clap_cla_placement_id")))
    return looked_up(placement_ids, by_id)


def _statuses(extract: Extract) -> pd.DataFrame:
    """Give the legal statuses that make a child looked after, with their days."""
    table = extract.open("ssd_legal_status")
    statuses = pd.DataFrame(
        {
            "child_id": table.ids("lega_person_id"),
            "status": table.meant("lega_legal_status", ssd_words.legal_status),
            "from": table.dates("lega_legal_status_start_date"),
            "to": table.dates("lega_legal_status_end_date"),
        }
    )
    return statuses.dropna(subset=["child_id", "status", "from"])


def _status_on(statuses: pd.DataFrame, children: pd.Series, days: pd.Series) -> pd.Series:
    """Give the legal status of each child on a day: of several, the one begun last."""
    asked = pd.DataFrame({"row": range(len(days)), "child_id": children, "day": days})
    pairs = asked.merge(statuses, on="child_id")
    held = (pairs["from"] <= pairs["day"]) & ~(pairs["to"] < pairs["day"])
    ending_that_day = pairs["to"] == pairs["day"]
    pairs = pairs.assign(stays=~ending_that_day)[held]
    latest = pairs.sort_values(["row", "stays", "from"], kind="stable").groupby("row").tail(1)
    return latest.set_index("row")["status"].reindex(range(len(days))).set_axis(days.index)


def missing_episodes(extract: Extract) -> pd.DataFrame:
    """Build ``missing_episodes``, of being missing and of being away from placement."""
    table = extract.open("ssd_missing")
    return table.provenance.assign(
        missing_id=table.ids("miss_table_id"),
        child_id=table.ids("miss_person_id"),
        start_date=table.dates("miss_missing_episode_start_date"),
        end_date=table.dates("miss_missing_episode_end_date"),
    )


def involvements(extract: Extract) -> pd.DataFrame:
    """Build ``involvements``; a missing child is taken from the referral."""
    table = extract.open("ssd_involvements")
    referral = table.ids("invo_referral_id")
    episodes = extract.open("ssd_cin_episodes")
    child_of = episodes.ids("cine_person_id").set_axis(pd.Index(episodes.ids("cine_referral_id")))
    return table.provenance.assign(
        involvement_id=table.ids("invo_involvements_id"),
        child_id=table.ids("invo_person_id").fillna(looked_up(referral, child_of)),
        referral_id=referral,
        start_date=table.dates("invo_involvement_start_date"),
        end_date=table.dates("invo_involvement_end_date"),
        team=table.label("invo_professional_team"),
    )
