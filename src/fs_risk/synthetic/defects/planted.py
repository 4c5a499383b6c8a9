"""Which defects are planted, and how large each is."""

from dataclasses import dataclass, fields

from fs_risk.synthetic.settings import check_size

MOST = {"over_reporting": 3.0}
"""Largest size of a defect where it is not 1."""


@dataclass(frozen=True, kw_only=True)
class Defects:
    """Defects of recording to plant; 0, the default, plants none.

    The world behind the records stays the same: only how it was recorded is damaged.
    ``truth["defects"]`` counts what was changed, ``truth["defect_rows"]`` lists the rows.

    Attributes
    ----------
    late_recording : float, default=0
        Share of contacts, referrals and ends of assessments that were typed up weeks
        late: two weeks and, on average, six more.
    missing_factors : float, default=0
        Share of one team's assessments whose factors were lost.
    over_reporting : float, default=0
        Further contacts recorded of children of one ethnic group (BCRB, BAFR, BOTH) for
        each one there is, and further referrals without further action for each
        referral. Their families are no different for it. At most 3.
    ethnicity_proxy : float, default=0
        Share of contacts and referrals of children of one ethnic group (AIND, APKN,
        ABAN, AOTH) whose source is a community organisation's code, 8.
    leaking_column : float, default=0
        Share of referrals followed by a child protection plan within a year whose
        source was overwritten then, with 5A, as if it had been so at the referral.
    miscoded_month : float, default=0
        Share of the contacts and referrals of one month whose source was recorded as
        10, unknown.
    duplicate_children : float, default=0
        Share of children referred more than once who from one of their referrals on
        have a second identifier.

    Examples
    --------
    >>> Defects(late_recording=0.3)
    Defects(late_recording=0.3)
    """

    late_recording: float = 0.0
    missing_factors: float = 0.0
    over_reporting: float = 0.0
    ethnicity_proxy: float = 0.0
    leaking_column: float = 0.0
    miscoded_month: float = 0.0
    duplicate_children: float = 0.0

    def __post_init__(self) -> None:
        for name, size in vars(self).items():
            check_size(name, size, 0, MOST.get(name, 1.0), "make_authority(defects=)")

    @property
    def sizes(self) -> dict[str, float]:
        """The defects that are planted, with their sizes."""
        return {each.name: getattr(self, each.name) for each in fields(self) if self[each.name]}

    def __getitem__(self, name: str) -> float:
        size: float = getattr(self, name)
        return size

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={size!r}" for name, size in self.sizes.items())
        return f"Defects({inside})"
