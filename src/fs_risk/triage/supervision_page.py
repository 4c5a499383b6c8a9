"""A supervision list as HTML: a page to print, and what a notebook shows."""

from typing import TYPE_CHECKING, Any

from fs_risk.features.trio import AREAS
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.days_in_words import day_words
from fs_risk.triage.page_templates import filled
from fs_risk.triage.supervision_questions import KINDS

if TYPE_CHECKING:
    from fs_risk.triage.supervision_item import OpenedFamily, SupervisionItem
    from fs_risk.triage.supervision_list import SupervisionList


def list_html(found: "SupervisionList") -> str:
    """Give the page to print, one family a block; everything escaped.

    Parameters
    ----------
    found : SupervisionList

    Returns
    -------
    str
    """
    return filled(
        "supervision.html.j2",
        {
            **_families(found),
            "day": day_words(found.on),
            "team": found.team,
            "synthetic": found.synthetic,
            "summary": found.summary(),
            "setting": found.setting.lines(),
            "model": f"{found.model.name} {found.model.version}",
        },
    )


SHOWN = 3
"""Families that a notebook shows; the page and the files hold all."""


def shown_html(found: "SupervisionList") -> str:
    """Give the list as a notebook shows it.

    Parameters
    ----------
    found : SupervisionList

    Returns
    -------
    str
    """
    held = _families(found)
    more = len(held["families"]) - SHOWN
    others = count_of(more, "more family", "more families")
    content = {
        **held,
        "families": held["families"][:SHOWN],
        "synthetic": found.synthetic,
        "summary": found.summary(),
        "more": f"{others}: to_html() writes the whole list." if more > 0 else "",
    }
    return filled("supervision_shown.html.j2", content)


def item_html(item: "SupervisionItem") -> str:
    """Give one family's block.

    Parameters
    ----------
    item : SupervisionItem

    Returns
    -------
    str
    """
    return filled("supervision_family.html.j2", {"family": _family(item), "kinds": KINDS})


def opened_html(opened: "OpenedFamily") -> str:
    """Give a family's opened scores.

    Parameters
    ----------
    opened : OpenedFamily

    Returns
    -------
    str
    """
    return filled("supervision_opened.html.j2", {"opened": opened})


def _families(found: "SupervisionList") -> dict[str, Any]:
    return {"families": [_family(item) for item in found.items], "kinds": KINDS}


def _family(item: "SupervisionItem") -> dict[str, Any]:
    return {
        "item": item,
        "trio": [(AREAS[area][1], day_words(day, short=True)) for area, day in item.trio.items()],
        "agreed": item.agreed_said,
    }
