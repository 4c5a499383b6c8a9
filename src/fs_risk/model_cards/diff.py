"""What changed from one card to the next, and what the change means."""

from collections.abc import Iterator
from pathlib import Path

from fs_risk.model_cards.blocks import Document, Paragraph, Section, Table
from fs_risk.model_cards.card import ModelCard
from fs_risk.model_cards.compare import differences
from fs_risk.model_cards.diff_figures import figure_changes
from fs_risk.model_cards.diff_parts import part_changes
from fs_risk.model_cards.parts import Part
from fs_risk.records.counts_in_words import count_of

_EARLIER, _LATER = "as on the earlier card", "as on the later card"
_MOST = 8
_APPROVAL = "Approval"
_SPOKEN_OF = (
    "identity.", "hashes.", "plan.", "features", "vignettes", "people.", "certainty.", "value",
    "ledger", "ageing.since", "data.periods", "data.findings", "view", "made_from",
    "performance.figures", "performance.verdict", "fairness.headline",
)  # fmt: skip
"""Places whose changes have rules of their own."""

Told = tuple[str, str, str, str, str]
"""Part, what, before, after, meaning."""


class Change(Part):
    """One change.

    Attributes
    ----------
    part : str
        Where on the card.
    what : str
    before, after : str
    means : str
        What it means for those who decide.
    """

    part: str
    what: str
    before: str
    after: str
    means: str


class CardDiff(Part):
    """What changed from an earlier card to a later one.

    Attributes
    ----------
    earlier, later : str
        Content hashes.
    earlier_name, later_name : str
    synthetic : bool
    changes : tuple of Change
        In the order of the card; empty where the content is the same.
    """

    earlier: str
    later: str
    earlier_name: str
    later_name: str
    synthetic: bool
    changes: tuple[Change, ...]

    def text(self) -> str:
        """Say every change with its meaning.

        Returns
        -------
        str
            Several lines.
        """
        if not self.changes:
            return "Nothing changed."
        return "\n".join(
            f"{each.part}: {each.what}: {each.before} → {each.after}. {each.means}"
            for each in self.changes
        )

    def to_html(self, path: str | Path | None = None) -> str:
        """Write the changes as one page that opens in any browser.

        Parameters
        ----------
        path : str or Path, optional

        Returns
        -------
        str
        """
        from fs_risk.model_cards.page import document_html

        text = document_html(self.document)
        if path is not None:
            Path(path).write_bytes(text.encode())
        return text

    @property
    def document(self) -> Document:
        """The changes as a document."""
        # Only here: the document of a card says the same words.
        from fs_risk.model_cards.document import SYNTHETIC

        parts = dict.fromkeys(each.part for each in self.changes)
        sections = tuple(self._section(place, part) for place, part in enumerate(parts))
        return Document(
            title="What changed between two model cards",
            stamp=SYNTHETIC if self.synthetic else "",
            under=(
                f"From {self.earlier_name} to {self.later_name}.",
                f"{count_of(len(self.changes), 'change')}." if self.changes else "Nothing changed.",
                "Signatures on the earlier card do not hold for the later one."
                if self.earlier != self.later
                else "The content is the same, so signatures hold.",
            ),
            glance=(),
            sections=sections,
            foot=(f"Card {self.earlier} to card {self.later}.",),
        )

    def _section(self, place: int, part: str) -> Section:
        rows = tuple(
            (each.what, each.before, each.after, each.means)
            for each in self.changes
            if each.part == part
        )
        table = Table(f"{part}: what changed.", ("what", "before", "after", "what it means"), rows)
        return Section(f"part-{place}", part, (table,) if rows else (Paragraph("Nothing."),))

    def _repr_html_(self) -> str:
        from fs_risk.model_cards.page import document_fragment

        return document_fragment(self.document)

    def __repr__(self) -> str:
        return (
            f"<CardDiff {self.earlier[:12]} to {self.later[:12]}: "
            f"{count_of(len(self.changes), 'change')}>"
        )


def diff_cards(earlier: ModelCard, later: ModelCard) -> CardDiff:
    """Say what changed from one card to another.

    Parameters
    ----------
    earlier, later : ModelCard

    Returns
    -------
    CardDiff
    """
    return CardDiff(
        earlier=earlier.content_hash,
        later=later.content_hash,
        earlier_name=f"{earlier.identity.name} {earlier.identity.version}",
        later_name=f"{later.identity.name} {later.identity.version}",
        synthetic=earlier.synthetic or later.synthetic,
        changes=tuple(_changes(earlier, later)),
    )


def _changes(earlier: ModelCard, later: ModelCard) -> Iterator[Change]:
    told = [
        *part_changes(earlier, later),
        *figure_changes(earlier, later),
        *_others(earlier, later),
    ]
    told += _unsaid(earlier, later, silent=not any(each[0] != _APPROVAL for each in told))
    for part, what, before, after, means in told:
        yield Change(part=part, what=what, before=before, after=after, means=means)


def _unsaid(earlier: ModelCard, later: ModelCard, *, silent: bool) -> list[Told]:
    """Name the places that changed and that no rule speaks of, so that nothing changes unsaid."""
    if earlier.content_hash == later.content_hash:
        return []
    where = [each.where for each in differences(earlier.content, later.content)]
    unsaid = where if silent else [place for place in where if not place.startswith(_SPOKEN_OF)]
    if not unsaid and not silent:
        return []
    named = ", ".join(unsaid[:_MOST]) or "a number beyond its seventh digit"
    more = f" and {len(unsaid) - _MOST} more" if len(unsaid) > _MOST else ""
    return [("The card", "other parts", _EARLIER, _LATER, f"These changed: {named}{more}.")]


def _others(earlier: ModelCard, later: ModelCard) -> Iterator[Told]:
    """Tell the changes of the other parts."""
    if earlier.view != later.view:
        yield ("The card", "view", earlier.view, later.view,
               "One is rounded for publishing: figures differ by that alone.")  # fmt: skip
    if earlier.certainty != later.certainty:
        yield ("How sure", "intervals and cases without a score", _EARLIER, _LATER,
               "Read the section on how sure a score is again.")  # fmt: skip
    if earlier.value != later.value:
        yield ("Value", "what the attention is worth", _has(earlier.value), _has(later.value),
               "Costs, effect or precision changed: read the assumption again.")  # fmt: skip
    if earlier.ledger != later.ledger:
        yield ("People", "how people used the scores", _has(earlier.ledger), _has(later.ledger),
               "Look at the share of decisions that went another way.")  # fmt: skip
    if earlier.ageing.since != later.ageing.since:
        yield ("Ageing", "later check of drift", _has(earlier.ageing.since),
               _has(later.ageing.since), "Read what has changed since training.")  # fmt: skip
    before, after = earlier.standing().state, later.standing().state
    if before != after:
        same = earlier.subject == later.subject
        means = "The content is the same." if same else "Signatures hold for one content only."
        yield _APPROVAL, "state", before, after, means


def _has(part: object) -> str:
    return "not given" if part is None else "given"
