"""Households inferred where no return names them: optional, stated, flagged on every row.

A census and Annex A name no family. Children about whom the same kind of source came
forward on the same day, and who live at one address, most likely belong together. It
remains an inference: nothing does it by itself, and each link it makes says so.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from fs_risk.errors import RecordsError
from fs_risk.readers.household_addresses import read_household_addresses
from fs_risk.records.admission import remade
from fs_risk.records.arguments import ADDRESSES, RECORDS, takes
from fs_risk.records.codes import SOURCE_GROUPS
from fs_risk.records.dates import DATE_DTYPE
from fs_risk.records.exclusions import listed
from fs_risk.records.findings import Finding, finding
from fs_risk.records.layouts.ssd import INFERRED_FAMILY
from fs_risk.records.lookup import looked_up
from fs_risk.records.observed_windows import EARLIEST
from fs_risk.records.records import Records, Window

MOST_CHILDREN = 10
"""An address of more children than this is a refuge, a home or a placeholder: no household."""

_ALWAYS, _FOR_EVER = pd.Timestamp("1800-01-01"), pd.Timestamp("2200-01-01")
_GROUP_OF = {code: group for group, codes in SOURCE_GROUPS.items() for code in codes}
_NOT_A_WORD = re.compile(r"[\W_]+")


@takes(records=RECORDS, addresses=ADDRESSES)
def infer_households(
    records: Records, addresses: pd.DataFrame | str | Path, *, schema: str | None = None
) -> Records:
    """Link children who were contacted about or referred together from one address.

    Two children are linked if, on the same day and from the same group of sources, each
    has a contact or referral, and both have the same address on that day. Addresses are
    compared without case and signs, and are not kept. Nothing does this by itself: use
    it where a return names no families, and say so with the results.

    Parameters
    ----------
    records : Records
        Not pseudonymised; children on its exclusion list are never linked.
    addresses : DataFrame, str or Path
        ``child_id`` and ``address`` (a UPRN or the whole address as text); optionally
        ``start_date`` and ``end_date``, between which it holds, both included. Or an
        extract of the Standard Safeguarding Dataset whose ``ssd_address`` is used
        (`household_addresses.read_household_addresses`): a folder or database's address.
    schema : str, optional
        The database's schema.

    Returns
    -------
    Records
        With rows added to ``family_links``, each named ``inferred:…`` and known by rule,
        and a finding that counts them.

    Raises
    ------
    RecordsError
        If a column is lacking, or identifiers are already replaced.
    ReturnError
        If an extract holds no table of addresses.

    Examples
    --------
    >>> referrals = pd.DataFrame({"referral_id": ["R1", "R2"], "child_id": ["A", "B"],
    ...     "referral_date": pd.to_datetime("2024-03-01"), "source": ["6", "6"]})
    >>> records = Records.from_frames({"referrals": referrals}, extract_date="2024-12-31")
    >>> homes = pd.DataFrame({"child_id": ["A", "B"], "address": ["1 High St", "1 HIGH ST."]})
    >>> infer_households(records, homes)["family_links"]["family_id"].to_list()
    ['inferred:A/2024-03-01/police', 'inferred:A/2024-03-01/police']
    """
    _check_identifiers(records)
    if not isinstance(addresses, pd.DataFrame):
        addresses = read_household_addresses(addresses, schema=schema)
    _check(addresses)
    homes, crowded = _homes(addresses, records.excluded)
    events = _events(records)
    homes["child_id"] = _as_spelt(homes["child_id"], events["child_id"])
    links = _links(events, homes)
    if links.empty:
        return remade(records, findings=(*records.findings, *crowded))
    links["source_row"] = pd.Series(pd.NA, index=links.index, dtype="Int64")
    links["source_file"] = pd.Series(pd.NA, index=links.index, dtype="str")
    held = records["family_links"]
    frames = {name: records[name] for name in records}
    frames["family_links"] = pd.concat([held, links[held.columns]], ignore_index=True)
    coverage = dict(records.coverage)
    coverage["family_links"] = coverage["family_links"] or Window(EARLIEST, records.extract_date)
    return remade(
        records,
        frames=frames,
        coverage=coverage,
        findings=(*records.findings, *crowded, _note(len(links))),
    )


def _check_identifiers(records: Records) -> None:
    if records.pseudonym_mark:
        raise RecordsError(
            "Identifiers are already replaced, so no address finds its child.",
            fix="Infer households first, then call records.pseudonymised.",
        )


def _check(addresses: pd.DataFrame) -> None:
    lacking = [name for name in ("child_id", "address") if name not in addresses]
    if lacking:
        raise RecordsError(
            f"The addresses lack {' and '.join(lacking)}.",
            where="addresses",
            fix="Give a row for each child and address: child_id, address.",
        )


def _homes(addresses: pd.DataFrame, excluded: frozenset[str]) -> tuple[pd.DataFrame, list[Finding]]:
    """Give addresses numbers; leave out excluded children and addresses of too many."""
    plain = addresses["address"].astype("str").str.lower()
    # a space between words and numbers stays, so that 1/1 is not 11
    plain = plain.str.replace(_NOT_A_WORD, " ", regex=True).str.strip()
    homes = pd.DataFrame(
        {
            "child_id": addresses["child_id"].astype("str").str.strip(),
            "home": pd.factorize(plain.where(plain != ""))[0],
            "from": _day(addresses, "start_date", _ALWAYS),
            "to": _day(addresses, "end_date", _FOR_EVER),
        }
    )
    homes = homes[(homes["home"] >= 0) & homes["child_id"].notna()]
    homes = homes[~listed(homes["child_id"], excluded)]
    crowd = homes.groupby("home")["child_id"].transform("nunique") > MOST_CHILDREN
    if not crowd.any():
        return homes, []
    return homes[~crowd], [
        finding(
            "R027",
            "note",
            f"Addresses of more than {MOST_CHILDREN} children were not taken for a household.",
            table="family_links",
            count=int(homes.loc[crowd, "home"].nunique()),
            fix="Nothing needs doing; they are homes, refuges or placeholders.",
        )
    ]


def _as_spelt(ids: pd.Series, known: pd.Series) -> pd.Series:
    """Write ids as the records do, whatever their case."""
    spelling = known.set_axis(pd.Index(known.str.upper()))
    return looked_up(ids.str.upper(), spelling).fillna(ids)


def _day(addresses: pd.DataFrame, name: str, absent: pd.Timestamp) -> pd.Series:
    if name not in addresses:
        return pd.Series(absent, index=addresses.index, dtype=DATE_DTYPE)
    return pd.to_datetime(addresses[name]).astype(DATE_DTYPE).fillna(absent)


def _events(records: Records) -> pd.DataFrame:
    """Gather contacts and referrals by child, day and group of sources."""
    parts = [
        records[name][["child_id", date, "source", "known_date"]].rename(columns={date: "day"})
        for name, date in (("contacts", "contact_date"), ("referrals", "referral_date"))
    ]
    events = pd.concat(parts, ignore_index=True)
    events["group"] = events["source"].map(_GROUP_OF)
    return events.dropna(subset=["child_id", "day", "group"])


def _links(events: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    pairs = events.merge(homes, on="child_id")
    pairs = pairs[(pairs["from"] <= pairs["day"]) & (pairs["day"] <= pairs["to"])]
    together = pairs.groupby(["day", "group", "home"])
    pairs = pairs.assign(
        others=together["child_id"].transform("nunique"),
        first=together["child_id"].transform("min"),
        known=together["known_date"].transform("max"),
    )
    pairs = pairs[pairs["others"] > 1]
    day = pairs["day"].dt.strftime("%Y-%m-%d").astype("str")
    links = pd.DataFrame(
        {
            "child_id": pairs["child_id"],
            "family_id": INFERRED_FAMILY + pairs["first"] + "/" + day + "/" + pairs["group"],
            "known_date": pairs["known"],
            "known_by_rule": pd.Series(np.True_, index=pairs.index, dtype="boolean"),
        }
    )
    links = links.sort_values(["family_id", "child_id", "known_date"], kind="stable")
    return links.drop_duplicates(["child_id", "family_id"]).reset_index(drop=True)


def _note(count: int) -> Finding:
    return finding(
        "R028",
        "note",
        "Family links were inferred from contacts and referrals of one day, source and address.",
        table="family_links",
        column="family_id",
        count=count,
        fix="Nothing needs doing; they are named inferred:… and can be left out.",
    )
