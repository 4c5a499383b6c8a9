"""Read the JSON payloads of the DfE's daily children's social care API."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from fs_risk.readers import cells
from fs_risk.readers.cin_canonical import iso_text
from fs_risk.readers.cin_merge import merge_years
from fs_risk.readers.dfe_api_clocks import NUMBER, History, period_clocks
from fs_risk.readers.dfe_api_payloads import LISTED, Payload
from fs_risk.readers.dfe_api_sources import load_payloads
from fs_risk.readers.ssd_window import extract_day, observed
from fs_risk.readers.ssda903_care import join_episodes
from fs_risk.records import codes
from fs_risk.records.admission import Admission
from fs_risk.records.assemble import assemble
from fs_risk.records.exclusions import ExclusionList, excluding_note, listed
from fs_risk.records.findings import Finding, finding, findings_by_file
from fs_risk.records.layouts.dfe_api import CHILD, EPISODE, PARTS, ApiObject
from fs_risk.records.layouts.ssda903 import END_REASONS, PLACEMENT_TYPES
from fs_risk.records.lookup import is_among, looked_up
from fs_risk.records.records import Origin, Records
from fs_risk.records.tables import TABLES

_LISTS = {
    "sex": codes.SEXES,
    "ethnicity": codes.ETHNICITIES,
    "source": codes.REFERRAL_SOURCES,
    "close_reason": codes.CLOSURE_REASONS,
    "start_reason": codes.CARE_START_REASONS,
    "end_reason": END_REASONS,
    "placement_type": PLACEMENT_TYPES,
}
_LABELS = ("end_reason", "placement_type")
_SHARED = ["child_id", "referral_id", "source_file", "source_row", "purge"]
_OWN_KEYS = {"children": "child_id", "referrals": "referral_id"}


def read_dfe_api(
    paths: str | Path | Iterable[str | Path],
    *,
    extract_date: date | str | None = None,
    schema: str | None = None,
    exclude: ExclusionList | None = None,
    pseudonymise: str | bytes | None = None,
) -> Records:
    """Read payloads as they are sent to the DfE's API, or the table they are sent from.

    Payloads of several days are read in the order given (files of a folder by name):
    of what has the same id the latest counts, and its end is taken from the latest
    alone; what a later payload leaves out stays; ``purge`` deletes a child, an episode
    with all in it, or one record, and nothing of it is kept. Names, pupil numbers,
    postcodes and workers are not read.

    The table ``ssd_api_data_staging`` says when each payload was sent. Where its
    history is kept, each fact is known from the day of the first submission that held
    it: a recorded clock, the only one that any return has (`dfe_api_clocks.History`).

    Placements are joined into periods of care by the rules of
    `ssda903_care.join_episodes`; a conference is named after its enquiry, and counts as
    having made a plan if one of the child's begins on that day.

    The API has no contacts, early help, primary need, category of abuse, legal status,
    families, pre-proceedings, missing episodes or teams: these are not observed.

    Parameters
    ----------
    paths : str, Path, or iterable of these
        ``.json`` or ``.jsonl`` files, or folders of them; or the staging table: copies
        of it as CSV, Parquet or JSON rows, or the address of its database as SQLAlchemy
        writes it. Payloads and the table cannot be mixed.
    extract_date : date or str, optional
        The day of the latest payload. By default the latest event that is not in the
        future, with a finding.
    schema : str, optional
        The database's schema; by default the user's own.
    exclude : str, Path or iterable of str, optional
        Children to leave out before payloads are joined: a file with an id at the start
        of each line, or the ids (`Records.excluding`).
    pseudonymise : str or bytes, optional
        A secret key: identifiers become keyed hashes (`Records.pseudonymised`).

    Returns
    -------
    Records
        Each row with its file and the child's place in it, from 1 (of the table: the
        row's number). The days observed are those of the dataset that fills the API
        (`ssd_window.observed`).

    Raises
    ------
    ReturnError
        If a file is missing, is not JSON, or holds no child; if a database or the
        exclusion list cannot be read. All faulty files are named at once.
    SettingError
        If the key is too short.

    References
    ----------
    .. [1] Department for Education, children-in-social-care-schemas, OpenAPI document
       1.0.1.

    Examples
    --------
    >>> import json
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> episode = {"social_care_episode_id": "E1", "referral_date": "2024-03-04"}
    >>> payload = [{"la_child_id": "A", "social_care_episodes": [episode]}]
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "monday.json").write_text(json.dumps(payload))
    ...     records = read_dfe_api(folder, extract_date="2024-03-31")
    >>> records["referrals"]["child_id"].to_list()
    ['A']
    """
    admission = Admission.of(exclude, pseudonymise)
    payloads, findings = load_payloads(paths, schema)
    findings += [found for payload in payloads for found in payload.findings()]
    daily = [_tables(payload, findings) for payload in payloads]
    _one_spelling(daily)
    daily, left_out = _admitted(daily, admission.excluded)
    is_staged = payloads[0].submissions is not None
    daily, purged = _without_purged(_by_submission(daily) if is_staged else daily)
    history = History(daily) if is_staged else None
    tables, merging = merge_years(daily)
    tables = history.clocked(tables) if history else tables
    care = join_episodes(tables["care_episodes"])
    periods = period_clocks(care.periods, care.episodes) if history else care.periods
    tables |= {"care_periods": periods, "care_episodes": care.episodes}
    tables["conferences"] = _conferences(tables["section47"], tables["cp_plans"], history)
    tables["assessments"] = _with_factors_recorded(tables["assessments"], tables["factors"])
    tables = {name: _only_declared(name, frame) for name, frame in tables.items()}
    end, decided = extract_day(tables, extract_date)
    records = assemble(
        tables,
        extract_date=end.date(),
        coverage={**dict.fromkeys(TABLES), **observed(tables, end)},
        origin=Origin("real", ("DfE API",)),
        findings=[*decided, *findings, *left_out, *purged, *merging, *care.findings],
    )
    return admission.finished(records)


def _admitted(
    daily: Sequence[dict[str, pd.DataFrame]], excluded: frozenset[str]
) -> tuple[list[dict[str, pd.DataFrame]], list[Finding]]:
    """Leave out the listed children; every table names its child."""
    if not excluded:
        return list(daily), []
    kept = [
        {name: frame[~listed(frame["child_id"], excluded)] for name, frame in tables.items()}
        for tables in daily
    ]
    n_before, n_after = (
        sum(len(frame) for tables in some for frame in tables.values()) for some in (daily, kept)
    )
    return kept, excluding_note(n_before - n_after)


def _by_submission(daily: Sequence[dict[str, pd.DataFrame]]) -> list[dict[str, pd.DataFrame]]:
    """Put files together and part them again: each child's first submission, second and so on."""
    whole = {
        name: pd.concat([tables[name] for tables in daily], ignore_index=True) for name in daily[0]
    }
    last = int(whole["children"][NUMBER].max()) if len(whole["children"]) else 0
    return [
        {name: frame[frame[NUMBER] == number] for name, frame in whole.items()}
        for number in range(last + 1)
    ]


def _tables(payload: Payload, findings: list[Finding]) -> dict[str, pd.DataFrame]:
    """Give one payload's rows as typed canonical frames."""
    kinds = {"children": CHILD, "referrals": EPISODE, **PARTS}
    tables = {name: _typed(payload, name, kind, findings) for name, kind in kinds.items()}
    for name, (owner, _) in LISTED.items():
        key = TABLES[name].key[0]
        frame = payload.frame(name).reindex(columns=list(dict.fromkeys([*_SHARED, key, "code"])))
        known = codes.FACTORS if owner == "assessments" else codes.DISABILITIES
        frame["code"] = cells.codes(frame["code"].astype("str"), known)
        frame[key] = cells.identifiers(frame[key].astype("str"))
        tables[name] = frame
    if payload.submissions is None:
        return tables
    sent = payload.submissions
    return {
        name: frame.assign(
            **{column: looked_up(frame["source_row"], sent[column]) for column in sent}
        )
        for name, frame in tables.items()
    }


def _typed(payload: Payload, name: str, kind: ApiObject, findings: list[Finding]) -> pd.DataFrame:
    text = payload.frame(name)
    shared = [column for column in _SHARED if column in text and column not in kind.fields]
    frame = text[shared].copy()
    for column, (member, content) in kind.fields.items():
        values = text[column] if column in text else pd.Series(index=text.index, dtype="str")
        bad = pd.Series(False, index=text.index)
        if content == "id":
            frame[column] = cells.identifiers(values)
        elif content == "date":
            frame[column], bad = cells.dates(values)
        elif content == "flag":
            frame[column], bad = cells.flags(values)
        else:
            frame[column] = cells.codes(values, _LISTS[content])
            if content in _LABELS:
                bad = frame[column].notna() & ~frame[column].isin(list(_LISTS[content]))
                frame[column] = frame[column].where(~bad)
        findings += findings_by_file(
            "R082",
            "error",
            f"What {member} holds is no {content.replace('_', ' ')}.",
            text[bad],
            table=name,
            column=column,
            fix="Correct it at the source; the values count as missing. Rows are "
            f"{payload.places}.",
        )
    return frame


def _one_spelling(daily: Sequence[dict[str, pd.DataFrame]]) -> None:
    frames = [frame for tables in daily for frame in tables.values() if "child_id" in frame]
    columns = [frame["child_id"].astype("str") for frame in frames]
    for frame, ids in zip(frames, cells.one_spelling(columns), strict=True):
        frame["child_id"] = ids


def _without_purged(
    daily: Sequence[Mapping[str, pd.DataFrame]],
) -> tuple[list[dict[str, pd.DataFrame]], list[Finding]]:
    """Leave out what a payload purges, from that payload and all before it."""
    kept: list[dict[str, pd.DataFrame]] = []
    gone: dict[str, set[str]] = {}
    n_gone = 0
    for tables in reversed(daily):
        for name, frame in tables.items():
            key = _OWN_KEYS.get(name) or TABLES[name].key[0]
            if name not in LISTED:
                marked = frame.loc[frame["purge"].astype(bool), key].dropna()
                gone.setdefault(key, set()).update(marked)
        day = {}
        for name, frame in tables.items():
            out = frame["purge"].fillna(False).astype(bool)
            for key, ids in gone.items():
                if key in frame:
                    out |= frame[key].isin(list(ids))
            n_gone += int(out.sum()) if name not in LISTED else 0
            day[name] = frame[~out].drop(columns="purge").reset_index(drop=True)
        kept.insert(0, day)
    if not n_gone:
        return kept, []
    return kept, [
        finding(
            "R083",
            "note",
            "Records were purged by a payload.",
            count=n_gone,
            fix="Nothing needs doing; nothing of them is kept.",
        )
    ]


def _conferences(
    section47: pd.DataFrame, cp_plans: pd.DataFrame, history: History | None
) -> pd.DataFrame:
    held = section47[section47["conference_date"].notna()].reset_index(drop=True)
    begun = cp_plans["child_id"] + "/" + iso_text(cp_plans["start_date"])
    day = held["child_id"] + "/" + iso_text(held["conference_date"])
    held = held.assign(
        conference_id=held["section47_id"] + "/ICPC",
        plan_made=is_among(day, begun).astype("boolean").mask(day.isna()),
    )
    return held.assign(known_date=history.conference_days(held)) if history else held


def _with_factors_recorded(assessments: pd.DataFrame, factors: pd.DataFrame) -> pd.DataFrame:
    """Say whether an assessment has factors; unknown while it is open and has none."""
    recorded = is_among(assessments["assessment_id"], factors["assessment_id"]).astype("boolean")
    unfinished = assessments["authorised_date"].isna() & ~recorded
    return assessments.assign(factors_recorded=recorded.mask(unfinished))


def _only_declared(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    declared = [*TABLES[name].names, "source_file", "source_row"]
    return frame[[column for column in frame.columns if column in declared]]
