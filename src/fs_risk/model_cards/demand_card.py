"""`DemandCard`: what a demand forecast is for, what it rests on, and how earlier ones held."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fs_risk.errors import ArtefactError
from fs_risk.model_cards.hashed import HashedCard, written
from fs_risk.model_cards.parts import HASH, Origin, Part
from fs_risk.records.notebook import ShowsItsFields

if TYPE_CHECKING:
    import pandas as pd

    from fs_risk.model_cards.compare import Difference

DEMAND_SCHEMA_VERSION = 1

LIMITS = (
    "It carries on what was recorded: a new law, a new team or a change of recording is not in it "
    "until it has been seen, or is put in as a scenario.",
    "It counts children and events in total. It names nobody, and nothing follows for any child.",
    "The bands were measured on earlier dates of these series; a shock like none before falls "
    "outside them.",
    "Fewer recorded events are not less need: what was not recorded is not counted.",
)
"""What every reader of a forecast should know first."""


class DemandAnswers(ShowsItsFields, BaseModel):
    """What only people can write on the card of a forecast.

    Attributes
    ----------
    purpose, decides, owner, contact : str or None
        Roles and team mailboxes, never people's names.
    review_date : date or None

    Examples
    --------
    >>> DemandAnswers(owner="Head of finance", purpose="the yearly budget").owner
    'Head of finance'
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    purpose: str | None = Field(default=None, description="What is planned with the forecast?")
    decides: str | None = Field(default=None, description="Who decides on it, in which meeting?")
    owner: str | None = Field(default=None, description="Which role owns the forecast?")
    contact: str | None = Field(default=None, description="Which team mailbox answers questions?")
    review_date: date | None = Field(default=None, description="When is the card looked at again?")


class DemandIdentity(Part):
    """Which forecast the card is about.

    Attributes
    ----------
    kind : {"demand"}
    name, library_version : str
    origin : {"real", "synthetic"}
        Of the records that the series were counted from.
    label : str
    """

    kind: Literal["demand"] = "demand"
    name: str
    library_version: str
    origin: Origin
    label: str


class DemandSettings(Part):
    """What the forecast was made with; `verify` uses the same.

    Attributes
    ----------
    horizon : int
        Periods ahead.
    origins : tuple of str
        ISO dates: last periods known of the forecasts that were looked back at.
    seeds, random_state : int
    learnt_from_others : bool
        Whether other authorities' series were learnt from.
    """

    horizon: int
    origins: tuple[str, ...]
    seeds: int
    random_state: int
    learnt_from_others: bool


class SeriesShown(Part):
    """What is held of one series.

    Attributes
    ----------
    name, measure, kind : str
    first, last : str
        ISO dates of its first and last period.
    periods, missing : int
    late : int
        Periods left out as not yet recorded in full.
    mean : float or None
        Per period; None where all of it counts 1 to 5.
    """

    name: str
    measure: str
    kind: str
    first: str
    last: str
    periods: int
    missing: int
    late: int
    mean: float | None


class DemandFigure(Part):
    """A figure of the back-test, with how far it went from origin to origin.

    Attributes
    ----------
    metric : str
    value : float or None
        Mean over origins.
    smallest, largest : float or None
        Over origins; origins overlap, so that no interval is made of them.
    n : int
        Forecasts that could be compared with what came.
    """

    metric: str
    value: float | None
    smallest: float | None
    largest: float | None
    n: int


class DemandVerdict(Part):
    """How the forecast of a measure did against last year's number.

    Attributes
    ----------
    measure : str
    series : int
    mase, mase_last_year, skill : float or None
    verdict : str
    """

    measure: str
    series: int
    mase: float | None
    mase_last_year: float | None
    skill: float | None
    verdict: str


class Rival(Part):
    """A simpler forecast, on the same origins.

    Attributes
    ----------
    name : str
    mase, skill : float or None
        Its error, and by what share the forecast's is smaller.
    """

    name: str
    mase: float | None
    skill: float | None


class AtHorizon(Part):
    """How bands and forecasts held so many periods ahead.

    Attributes
    ----------
    ahead : int
    wape, coverage_80, coverage_95 : float or None
    """

    ahead: int
    wape: float | None
    coverage_80: float | None
    coverage_95: float | None


class DemandHashes(Part):
    """What ties the card to data.

    Attributes
    ----------
    series, forecast, backtest : str
        SHA-256 of what was counted, of what is forecast, and of the back-test's table, each
        number to nine significant digits.
    """

    series: str = Field(pattern=HASH)
    forecast: str = Field(pattern=HASH)
    backtest: str = Field(pattern=HASH)


class DemandEnvelope(Part):
    """What surrounds the content and is no part of its hash.

    Attributes
    ----------
    content_hash, made_at : str
    """

    content_hash: str = ""
    made_at: str = ""


class DemandCard(HashedCard):
    """What a demand forecast is for, what it rests on, and how earlier ones held.

    Made by `build_demand_card`. It holds totals only: no child, and no count of 1 to 5.

    Attributes
    ----------
    schema_version : int
    identity, settings, series, hashes
        Its parts.
    verdict : str
        "use it", or "no better than last year: use that".
    verdicts : tuple of DemandVerdict
        The same by measure.
    coverage : dict of str to float or None
        Share of past answers in the 80 % and 95 % bands, by the forecast's own looking back.
    figures, rivals, horizons
        The back-test.
    notes : tuple of str
    limits : tuple of str
    people : DemandAnswers
    envelope : DemandEnvelope
    """

    schema_version: Literal[1] = 1
    identity: DemandIdentity
    settings: DemandSettings
    series: tuple[SeriesShown, ...] = Field(min_length=1)
    verdict: str
    verdicts: tuple[DemandVerdict, ...]
    coverage: dict[str, float | None]
    figures: tuple[DemandFigure, ...]
    rivals: tuple[Rival, ...]
    horizons: tuple[AtHorizon, ...]
    notes: tuple[str, ...]
    limits: tuple[str, ...] = LIMITS
    hashes: DemandHashes
    people: DemandAnswers
    envelope: DemandEnvelope = DemandEnvelope()

    @property
    def synthetic(self) -> bool:
        """Whether the series were counted from invented records."""
        return self.identity.origin == "synthetic"

    @property
    def open_questions(self) -> tuple[str, ...]:
        """What people have not written yet."""
        fields = DemandAnswers.model_fields
        return tuple(
            str(field.description)
            for name, field in fields.items()
            if getattr(self.people, name) is None
        )

    def verify(
        self,
        series: "pd.DataFrame",
        *,
        prior: "pd.DataFrame | None" = None,
        upstream: Mapping[str, str] | None = None,
    ) -> "tuple[Difference, ...]":
        """Forecast and look back again, and compare figure by figure (G3).

        Parameters
        ----------
        series : DataFrame
            As the forecast was made from.
        prior, upstream : optional
            As they were given to the forecast.

        Returns
        -------
        tuple of Difference
            Empty when the card is true.
        """
        from fs_risk.model_cards.demand_build import verify_demand_card

        return verify_demand_card(self, series, prior=prior, upstream=upstream)

    def to_html(self, path: str | Path | None = None) -> str:
        """Write the card as one page that opens in any browser, without a network."""
        from fs_risk.model_cards.demand_document import demand_document
        from fs_risk.model_cards.page import document_html

        return written(document_html(demand_document(self)), path)

    def to_markdown(self, path: str | Path | None = None) -> str:
        """Write the card as Markdown."""
        from fs_risk.model_cards.demand_document import demand_document
        from fs_risk.model_cards.markdown import document_markdown

        return written(document_markdown(demand_document(self)), path)

    @classmethod
    def read(cls, path: str | Path) -> "DemandCard":
        """Read a card from its JSON.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        DemandCard

        Raises
        ------
        ArtefactError
            If the file is no card of a forecast.
        """
        source = Path(path)
        try:
            return cls.model_validate_json(source.read_bytes())
        except OSError as error:
            raise ArtefactError(
                f"The card cannot be read: {error.strerror}.",
                where=source.name,
                fix="Check the path.",
            ) from None
        except ValidationError:
            raise ArtefactError(
                "The file is not a demand card of this release.",
                where=source.name,
                fix="Give the JSON that to_json() wrote.",
            ) from None

    def _repr_html_(self) -> str:
        from fs_risk.model_cards.demand_document import demand_document
        from fs_risk.model_cards.page import document_fragment

        return document_fragment(demand_document(self))

    def __repr__(self) -> str:
        stamp = "SYNTHETIC " if self.synthetic else ""
        return f"<DemandCard {stamp}{self.identity.name}: {self.verdict}>"
