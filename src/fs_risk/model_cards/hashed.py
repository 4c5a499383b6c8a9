"""What a model's card and a forecast's have in common: content, its hash, and its JSON."""

import json
from pathlib import Path
from typing import Any

from fs_risk.model.canonical import canonical_json, sha256
from fs_risk.model_cards.parts import Part


class HashedCard(Part):
    """A card whose content has a hash; the envelope around it is no part of either."""

    @property
    def content(self) -> dict[str, Any]:
        """The card as plain data, as its JSON has it, without its envelope."""
        held: dict[str, Any] = json.loads(self.model_dump_json(exclude={"envelope"}))
        return held

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical content; what was measured and written again gives the same."""
        # worked out each time: a copy with other content must never keep an old hash
        return sha256(canonical_json(self.content))

    def to_json(self, path: str | Path | None = None) -> str:
        """Write the card as JSON; `read` of its class gives it back.

        Parameters
        ----------
        path : str or Path, optional
            Also written here.

        Returns
        -------
        str
        """
        return written(self.model_dump_json(indent=2) + "\n", path)


def written(text: str, path: str | Path | None) -> str:
    """Give a text, written to a file too where one is named.

    Parameters
    ----------
    text : str
    path : str or Path or None

    Returns
    -------
    str
        The text, unchanged.
    """
    if path is not None:
        Path(path).write_bytes(text.encode())
    return text
