"""`SupervisionList`: the families of a month's group supervision, to read, print and open."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from fs_risk.errors import LedgerError
from fs_risk.features.trio import AREAS
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.days_in_words import day_words
from fs_risk.records.notebook import stamp_of
from fs_risk.records.tables import TIERS
from fs_risk.triage.list_cells import not_written, write_csv
from fs_risk.triage.list_workbook import write_workbook
from fs_risk.triage.risk_score import ModelUsed
from fs_risk.triage.supervision_item import SupervisionItem
from fs_risk.triage.supervision_questions import KINDS
from fs_risk.triage.supervision_setting import SupervisionSetting

if TYPE_CHECKING:
    from fs_risk.triage.ledger import Ledger

CAVEAT = (
    "Made from recorded history only. The group agrees its own rating before it sees a score; "
    "a score is about a situation at a date; a person decides."
)

COLUMNS = {
    "number": "int64", "team": "str", "family_id": "str", "child_ids": "str", "children": "int64",
    "unborn": "int64", "tier": "str", "tiers": "str", "trio": "str",
    "last_assessment": "datetime64[s]", "last_supervision": "datetime64[s]", "last_rating": "str",
    "last_next_step": "str", "modules_completed": "Int64", "work": "str", "questions": "str",
    "scores_sealed": "int64", "without_score": "str", "stamp": "str",
}  # fmt: skip


@dataclass(frozen=True)
class SupervisionList:
    """The families of one day's group supervision.

    In order of team and of the time since the last supervision, the longest first: an
    order that no score has touched.

    Attributes
    ----------
    table : DataFrame
        A row per family, the columns of `COLUMNS`. No score, and no worker.
    items : tuple of SupervisionItem
        The same families, to be opened one by one.
    on : date
    team : str or None
    setting : SupervisionSetting
    left_out : dict of str to int
        Children left out by reason, then families.
    model : ModelUsed
    synthetic, study : bool
        Whether the model was fitted on invented records, and whether the records are not.

    Examples
    --------
    `supervision_list` makes one; here by hand, of one family and without a ledger.

    >>> from fs_risk.triage.supervision_item import FamilyChild
    >>> from fs_risk.triage.supervision_state import Progress
    >>> day = date(2025, 3, 3)
    >>> child = FamilyChild("A", "C1", "4 years old", tier=2, opened=date(2025, 1, 6))
    >>> item = SupervisionItem(
    ...     number=1, family_id="F1", team="North", on=day, children=(child,), others=0, trio={},
    ...     assessed=None, agreed=None, progress=Progress(modules_held=True, work_held=False),
    ...     questions=(),
    ... )
    >>> families = SupervisionList(
    ...     table=table_of((item,), "SYNTHETIC"), items=(item,), on=day, team="North",
    ...     setting=SupervisionSetting(), left_out={}, synthetic=True, study=False,
    ...     model=ModelUsed(name="open cases", version="1.0", plan="5d41", origin="SYNTHETIC"),
    ... )
    >>> families.summary().split(". ")[0]
    'Group supervision on 3 March 2025 of team North: 1 family with 1 open case'
    """

    table: pd.DataFrame
    items: tuple[SupervisionItem, ...]
    on: date
    team: str | None
    setting: SupervisionSetting
    left_out: dict[str, int]
    model: ModelUsed
    synthetic: bool
    study: bool
    _ledger: "Ledger | None" = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[SupervisionItem]:
        return iter(self.items)

    def __getitem__(self, place: int) -> SupervisionItem:
        return self.items[place]

    def summary(self) -> str:
        """Say how many families there are, who is left out, and that scores are sealed.

        Returns
        -------
        str
        """
        of_team = f" of team {self.team}" if self.team else ""
        children, sealed = (int(self.table[name].sum()) for name in ("children", "scores_sealed"))
        out = ", ".join(f"{name} {count}" for name, count in self.left_out.items()) or "none"
        study = "Study output: no ids, and nothing is recorded. " if self.study else ""
        return (
            f"{study}Group supervision on {day_words(self.on)}{of_team}: "
            f"{count_of(len(self), 'family', 'families')} with "
            f"{count_of(children, 'open case')}. Left out: {out}. Being left out is not evidence "
            f"of safety. {count_of(sealed, 'score is', 'scores are')} sealed until a rating is "
            f"recorded. {CAVEAT}"
        )

    def agreement(self, *, freq: str = "Q") -> pd.DataFrame:
        """Say how far agreed ratings and scores put families in the same order, over time.

        By team, suppressed when small, never by worker; see `Ledger.agreement`.

        Parameters
        ----------
        freq : str, default="Q"
            Period, as pandas names it.

        Returns
        -------
        DataFrame

        Raises
        ------
        LedgerError
            If the list was made without a ledger.
        """
        if self._ledger is None:
            raise LedgerError(
                "There is no ledger that holds ratings.", fix="Make the list with ledger=."
            )
        return self._ledger.agreement(freq=freq)

    def about(self) -> dict[str, Any]:
        """Say what must go wherever the list goes.

        Returns
        -------
        dict
        """
        stamp = {"Stamp": "SYNTHETIC: from a model fitted on invented records"}
        return {
            **(stamp if self.synthetic else {}),
            "What it is for": "monthly group supervision: a family's worker and the group think "
            "together, agree a rating and a next step",
            "What it is not for": "It orders no family by worry, closes nothing, and is about no "
            "worker.",
            "Summary": self.summary(),
            "Day": self.on,
            "Team": self.team or "all",
            "Model": f"{self.model.name} {self.model.version}",
            "Caveat": CAVEAT,
            **{f"Setting {n}": line for n, line in enumerate(self.setting.lines(), start=1)},
            **{f"Question: {said}": _KINDS_SAY[kind] for kind, said in KINDS.items()},
        }

    def to_html(self, path: str | Path) -> Path:
        """Write a page to print, one family a block, with room for what the group agrees.

        Parameters
        ----------
        path : str or Path
            Replaced if it exists.

        Returns
        -------
        Path

        Raises
        ------
        SettingError
            If the file cannot be written.
        """
        from fs_risk.triage.supervision_page import list_html

        target = Path(path)
        try:
            target.write_text(list_html(self), encoding="utf-8", newline="\n")
        except OSError as error:
            raise not_written(target, error) from None
        return target

    def to_csv(self, path: str | Path) -> Path:
        """Write the families as CSV; no cell can start a formula.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Path

        Raises
        ------
        SettingError
            If the file cannot be written.
        """
        return write_csv(self.table, path)

    def to_excel(self, path: str | Path) -> Path:
        """Write the families as a workbook with a sheet that says what it is for.

        Parameters
        ----------
        path : str or Path
            Ends in ``.xlsx``; replaced if it exists.

        Returns
        -------
        Path

        Raises
        ------
        SettingError
            If the path does not end in ``.xlsx``, or cannot be written.
        """
        heading = f"{stamp_of(self.synthetic)}For group supervision. {CAVEAT}"
        return write_workbook(
            self.table, path, title="Families", about=self.about(), heading=heading
        )

    def __str__(self) -> str:
        stamp = ["SYNTHETIC"] if self.synthetic else []
        return "\n".join([*stamp, self.summary(), *map(str, self.items)])

    def __repr__(self) -> str:
        stamp = "SYNTHETIC " if self.synthetic else ""
        return f"<SupervisionList {stamp}{self.summary()}>"

    def _repr_html_(self) -> str:
        from fs_risk.triage.supervision_page import shown_html

        return shown_html(self)


_KINDS_SAY = {
    "last time": "what was agreed at the last supervision",
    "out of date": "an assessment older than the setting allows",
    "not known": "not recorded, or not observed by these records; never the same as no",
    "offered": "a need found at assessment without recorded specialist work",
    "worry": "a theme, in a fixed order and not by weight; the setting says from where",
    "strength": "a theme to build on, likewise",
}


def table_of(items: tuple[SupervisionItem, ...], stamp: str) -> pd.DataFrame:
    """Lay families out as rows.

    Parameters
    ----------
    items : tuple of SupervisionItem
    stamp : str

    Returns
    -------
    DataFrame
        The columns of `COLUMNS`, of the same types whatever it holds.
    """
    rows = pd.DataFrame([_row(item, stamp) for item in items], columns=list(COLUMNS), dtype=object)
    return rows.astype(COLUMNS)


def _row(item: SupervisionItem, stamp: str) -> dict[str, Any]:
    tiers = sorted((child.tier for child in item.children), reverse=True)
    without = [f"{c.left_out or c.no_score}" for c in item.children if c.left_out or c.no_score]
    return {
        "number": item.number,
        "team": item.team,
        "family_id": item.family_id,
        "child_ids": " | ".join(c.child_id for c in item.children if c.child_id) or None,
        "children": len(item.children),
        "unborn": sum(child.age.startswith("unborn") for child in item.children),
        "tier": TIERS[item.tier],
        "tiers": " | ".join(TIERS[tier] for tier in tiers),
        "trio": " | ".join(AREAS[area][1] for area in item.trio),
        "last_assessment": pd.Timestamp(item.assessed) if item.assessed else None,
        "last_supervision": pd.Timestamp(item.agreed.on) if item.agreed else None,
        "last_rating": (item.agreed.rating or None) if item.agreed else None,
        "last_next_step": (item.agreed.next_step or None) if item.agreed else None,
        "modules_completed": item.progress.modules_done if item.progress.modules_held else None,
        "work": " | ".join(item.progress.lines()),
        "questions": "\n".join(question.line for question in item.questions),
        "scores_sealed": len(item.sealed),
        "without_score": " | ".join(without) or None,
        "stamp": stamp,
    }
