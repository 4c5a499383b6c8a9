"""Vignettes: fixed, invented cases in practitioners' words, and the order they should come in.

They are text that anybody can read and change (`vignettes.toml`). Every model is tried on
them when it is fitted (requirement M7). A vignette is no child and no evidence: it shows
whether a model's order is one that a practitioner could defend.
"""

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from fs_risk.errors import PlanError, SettingError, nearest
from fs_risk.records.codes import ABUSE_CATEGORIES, FACTORS, LEGAL_STATUSES, REFERRAL_SOURCES
from fs_risk.records.counts_in_words import count_of, out_of
from fs_risk.records.decoded_text import decoded_text
from fs_risk.records.notebook import Display, ShowsItsFields

SHIPPED = "vignettes.toml"

PARTS = ("vignette", "order")
"""What a file of vignettes holds."""

ABOUT_EQUAL = 0.05
"""Log-odds below which two scores count as about equal: one in twenty of the odds."""


class _Written(ShowsItsFields, BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _code(words: str, codes: dict[str, str]) -> str:
    """Turn the words of a code list, or one of its codes, into the code."""
    by_words = {meaning: code for code, meaning in codes.items()}
    if words in codes:
        return words
    if words not in by_words:
        raise PlanError(
            f"A vignette says {words!r}, which no code list has.{nearest(words, by_words)}",
            fix="Use the words of fs_risk.records.codes.",
        )
    return by_words[words]


class Happened(_Written):
    """Something that happened some days before the case.

    Attributes
    ----------
    days_ago : int
    ended_days_ago : int or None
        When it ended; None while it goes on, and where it has no end.
    by : str or None
        Who made a contact or referral.
    recorded : tuple of str
        What an assessment recorded: factors in words.
    because : str or None
        Category of a child protection plan, or legal status in care.
    no_further_action : bool
        Whether a referral led to nothing.
    """

    days_ago: int = Field(ge=1, le=3_000)
    ended_days_ago: int | None = Field(default=None, ge=1)
    by: str | None = None
    recorded: tuple[str, ...] = ()
    because: str | None = None
    no_further_action: bool = False

    @field_validator("by")
    @classmethod
    def _by(cls, by: str | None) -> str | None:
        return None if by is None else _code(by, REFERRAL_SOURCES)

    @field_validator("recorded")
    @classmethod
    def _recorded(cls, recorded: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_code(words, FACTORS) for words in recorded)

    @field_validator("because")
    @classmethod
    def _because(cls, because: str | None) -> str | None:
        return None if because is None else _code(because, ABUSE_CATEGORIES | LEGAL_STATUSES)


class Child(_Written):
    """A child's history, as the service recorded it.

    Attributes
    ----------
    age_years : float or None
    due_in_days : int or None
        For an unborn child; one of the two is given.
    contacts, early_help, referrals, assessments, enquiries, child_in_need_plans,
    protection_plans, care, missing : tuple of Happened
        An assessment's `days_ago` is when it was authorised.
    """

    age_years: float | None = Field(default=None, ge=0, lt=18)
    due_in_days: int | None = Field(default=None, ge=1, le=280)
    contacts: tuple[Happened, ...] = ()
    early_help: tuple[Happened, ...] = ()
    referrals: tuple[Happened, ...] = ()
    assessments: tuple[Happened, ...] = ()
    enquiries: tuple[Happened, ...] = ()
    child_in_need_plans: tuple[Happened, ...] = ()
    protection_plans: tuple[Happened, ...] = ()
    care: tuple[Happened, ...] = ()
    missing: tuple[Happened, ...] = ()

    @model_validator(mode="after")
    def _has_an_age(self) -> "Child":
        if (self.age_years is None) == (self.due_in_days is None):
            raise PlanError(
                "A child of a vignette has no age, or two.",
                fix="Give age_years, or due_in_days for an unborn child.",
            )
        return self


class Vignette(Child):
    """A case: what is said of it, its history and that of its brothers and sisters.

    Attributes
    ----------
    name : str
    says : str
        The case in a sentence or two.
    referred_by : str or None
    siblings : tuple of Child
    """

    name: str = Field(min_length=1, max_length=60)
    says: str
    referred_by: str | None = None
    siblings: tuple[Child, ...] = ()

    @field_validator("referred_by")
    @classmethod
    def _referred_by(cls, by: str | None) -> str | None:
        return None if by is None else _code(by, REFERRAL_SOURCES)


class Order(_Written):
    """Which of two vignettes should come higher.

    Attributes
    ----------
    higher, lower : str
        Names of vignettes.
    why : str
    or_about_equal : bool
        Whether it is enough that the first is not clearly lower.
    """

    higher: str
    lower: str
    why: str
    or_about_equal: bool = False


class VignetteResult(_Written):
    """How a model ordered two vignettes.

    Attributes
    ----------
    higher, lower, why : str
    or_about_equal : bool
    gap : float
        Calibrated log-odds of the first less those of the second.
    holds : bool
    """

    higher: str
    lower: str
    why: str
    or_about_equal: bool
    gap: float
    holds: bool


class VignetteBook(_Written):
    """Vignettes and their order, as written in a TOML file.

    Attributes
    ----------
    vignettes : tuple of Vignette
    orders : tuple of Order

    Examples
    --------
    >>> book = read_vignettes()
    >>> 10 <= len(book.orders) <= 20
    True
    """

    vignettes: tuple[Vignette, ...] = Field(min_length=1)
    orders: tuple[Order, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _orders_name_vignettes(self) -> "VignetteBook":
        names = [vignette.name for vignette in self.vignettes]
        if len(set(names)) < len(names):
            raise PlanError("Two vignettes have one name.", fix="Rename one of them.")
        for order in self.orders:
            for name in (order.higher, order.lower):
                if name not in names:
                    raise PlanError(
                        f"An order names {name!r}, which is no vignette.{nearest(name, names)}",
                        fix="Name two of the vignettes in the file.",
                    )
        return self

    def __repr__(self) -> str:
        return (
            f"<VignetteBook: {count_of(len(self.vignettes), 'vignette')}, "
            f"{count_of(len(self.orders), 'order')}>"
        )

    def _repr_html_(self) -> str:
        orders = pd.DataFrame(
            {
                "is higher": [order.higher for order in self.orders],
                "than": [order.lower for order in self.orders],
                "why": [order.why for order in self.orders],
            }
        )
        held = [("vignettes", len(self.vignettes)), ("orders", len(self.orders))]
        return Display("VignetteBook: invented cases and their order", held, table=orders).html()

    def judge(self, log_odds: dict[str, float]) -> tuple[VignetteResult, ...]:
        """Hold a model's scores against the orders.

        Parameters
        ----------
        log_odds : dict of str to float
            Calibrated, by the vignette's name.

        Returns
        -------
        tuple of VignetteResult
        """
        return tuple(_result(order, log_odds) for order in self.orders)


def _result(order: Order, log_odds: dict[str, float]) -> VignetteResult:
    gap = log_odds[order.higher] - log_odds[order.lower]
    least = -ABOUT_EQUAL if order.or_about_equal else 0.0
    return VignetteResult(
        **order.model_dump(), gap=gap, holds=gap >= least if order.or_about_equal else gap > least
    )


def orders_failed(results: Sequence[VignetteResult]) -> int:
    """Count the orders that a model did not hold, as a gate would judge it.

    Parameters
    ----------
    results : sequence of VignetteResult

    Returns
    -------
    int
    """
    return sum(not result.holds for result in results)


def vignettes_in_words(results: Sequence[VignetteResult]) -> str:
    """Say how many orders hold, and which do not.

    Parameters
    ----------
    results : sequence of VignetteResult

    Returns
    -------
    str

    Examples
    --------
    >>> held = {"higher": "baby", "lower": "teenager", "why": "", "or_about_equal": False}
    >>> vignettes_in_words([VignetteResult(**held, gap=-0.5, holds=False)])
    '0 of 1 order hold; baby not above teenager'
    """
    held = out_of(
        len(results) - orders_failed(results), len(results), "order", does="holds", do="hold"
    )
    return "; ".join(
        [held, *(f"{each.higher} not above {each.lower}" for each in results if not each.holds)]
    )


def read_vignettes(path: str | Path | None = None) -> VignetteBook:
    """Read vignettes and their order.

    Parameters
    ----------
    path : str or Path, optional
        A TOML file of your own; by default the one that ships with the library.

    Returns
    -------
    VignetteBook

    Raises
    ------
    SettingError
        If the file is not there or not TOML.
    PlanError
        If it says something that is not understood.

    Examples
    --------
    >>> read_vignettes().vignettes[0].name
    'baby, domestic abuse and drugs'
    """
    source = files("fs_risk.model").joinpath(SHIPPED) if path is None else Path(path)
    try:
        written: dict[str, Any] = tomllib.loads(decoded_text(source.read_bytes()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(
            f"The vignettes cannot be read: {type(error).__name__}.",
            where=source.name,
            fix="Give a TOML file, written as the one that ships with the library.",
        ) from None
    _check_parts(written, source.name)
    try:
        return VignetteBook(vignettes=written.get("vignette", ()), orders=written.get("order", ()))
    except ValidationError as error:
        first = error.errors()[0]
        raise PlanError(
            f"The vignettes are not understood: {first['msg']}.",
            where=f"{source.name}, {'.'.join(str(part) for part in first['loc'])}",
            fix="Write them as in the file that ships with the library.",
        ) from None


def _check_parts(written: dict[str, Any], name: str) -> None:
    """Refuse a file without a vignette or an order, or with anything else in it."""
    unknown = [part for part in written if part not in PARTS]
    missing = [part for part in PARTS if not written.get(part)]
    if unknown or missing:
        hints = "".join(nearest(part, PARTS) for part in unknown)
        raise PlanError(
            f"The vignettes lack {len(missing)} of {len(PARTS)} parts, and "
            f"{count_of(len(unknown), 'of theirs is', 'of theirs are')} unknown.{hints}",
            where=f"{name}; missing {', '.join(missing) or 'none'}; "
            f"unknown {', '.join(unknown) or 'none'}",
            fix="Write [[vignette]] and [[order]], as in the file that ships with the library.",
        )
