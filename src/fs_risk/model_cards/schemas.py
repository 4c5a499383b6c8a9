"""The JSON schemas of cards and of the transparency record, as they are published."""

import json
from pathlib import Path
from typing import Any

from fs_risk.model_cards.atrs import AtrsRecord
from fs_risk.model_cards.card import SCHEMA_VERSION, ModelCard
from fs_risk.model_cards.demand_card import DEMAND_SCHEMA_VERSION, DemandCard

FILES = {"schema.json": "card", "atrs_schema.json": "atrs", "demand_schema.json": "demand"}
"""The published files, and what each is the schema of."""


def schema_of(what: str) -> dict[str, Any]:
    """Give a schema.

    Parameters
    ----------
    what : {"card", "atrs", "demand"}

    Returns
    -------
    dict
        JSON Schema, draft 2020-12.
    """
    if what == "atrs":
        made, title = AtrsRecord.model_json_schema(), "ATRS v4.0 record"
    elif what == "demand":
        made = DemandCard.model_json_schema()
        title = f"Demand card, schema {DEMAND_SCHEMA_VERSION}"
    else:
        made, title = ModelCard.model_json_schema(), f"Model card, schema {SCHEMA_VERSION}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": title,
    }


def schema_text(what: str) -> str:
    """Give a schema as the text of its file."""
    return json.dumps(schema_of(what), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write_schemas(folder: str | Path) -> tuple[Path, ...]:
    """Write the schemas to a folder.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    tuple of Path
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, what in FILES.items():
        path = target / name
        path.write_bytes(schema_text(what).encode())
        written.append(path)
    return tuple(written)
