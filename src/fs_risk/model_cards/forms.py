"""The forms that a card can be written in beside JSON: HTML, Markdown, Word, ATRS, CycloneDX."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from fs_risk.model.canonical import canonical_json
from fs_risk.model_cards.hashed import HashedCard, written

if TYPE_CHECKING:
    from fs_risk.model_cards.card import ModelCard


class Written(HashedCard):
    """The part of a card that writes it down; every form says the same."""

    @property
    def _card(self) -> "ModelCard":
        return cast("ModelCard", self)

    def to_html(self, path: str | Path | None = None) -> str:
        """Write the card as one page that opens in any browser, without a network.

        Parameters
        ----------
        path : str or Path, optional

        Returns
        -------
        str
        """
        from fs_risk.model_cards.document import card_document
        from fs_risk.model_cards.page import document_html

        return written(document_html(card_document(self._card)), path)

    def to_markdown(self, path: str | Path | None = None) -> str:
        """Write the card as Markdown.

        Parameters
        ----------
        path : str or Path, optional

        Returns
        -------
        str
        """
        from fs_risk.model_cards.document import card_document
        from fs_risk.model_cards.markdown import document_markdown

        return written(document_markdown(card_document(self._card)), path)

    def to_word(self, path: str | Path) -> Path:
        """Write the card as a Word document, for officers who work in Word.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Path

        Raises
        ------
        SettingError
            If python-docx is not installed (``fs-risk[word]``).
        """
        from fs_risk.model_cards.document import card_document
        from fs_risk.model_cards.word import write_word

        return write_word(card_document(self._card), path)

    def to_atrs(
        self,
        path: str | Path | None = None,
        *,
        authority: Mapping[str, str] | None = None,
        redact: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Give the Algorithmic Transparency Recording Standard's record, v4.0 (G5).

        Parameters
        ----------
        path : str or Path, optional
            Written here: as JSON, or as spreadsheet rows where it ends in ``.xlsx`` or
            ``.csv``.
        authority : mapping of str to str, optional
            The authority's own words, by field number; only these fill the 19 fields
            that the library leaves open.
        redact : mapping of str to str, optional
            By field number, the reason for leaving it out.

        Returns
        -------
        dict
        """
        from fs_risk.model_cards.atrs import atrs_record, write_atrs

        record = atrs_record(self._card, authority=authority or {}, redact=redact or {})
        if path is not None:
            write_atrs(record, path)
        return record

    def to_cyclonedx(self, path: str | Path | None = None) -> dict[str, Any]:
        """Give the card as a CycloneDX 1.7 bill of materials of machine learning.

        Parameters
        ----------
        path : str or Path, optional

        Returns
        -------
        dict
        """
        from fs_risk.model_cards.cyclonedx import cyclonedx_bom

        bom = cyclonedx_bom(self._card)
        written(canonical_json(bom) + "\n", path)
        return bom

    def explanations(self) -> "dict[str, tuple[str, ...]]":
        """Give the ICO's six types of explanation, in sentences.

        Returns
        -------
        dict of str to tuple of str
        """
        from fs_risk.model_cards.explanations import six_explanations

        return six_explanations(self._card)

    def _repr_html_(self) -> str:
        from fs_risk.model_cards.document import card_document
        from fs_risk.model_cards.page import document_fragment

        return document_fragment(card_document(self._card))
