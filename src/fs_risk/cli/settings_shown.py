"""The command that shows the settings: each value, and where it comes from."""

from typing import Any

from fs_risk.cli.app import app
from fs_risk.cli.verbs import verb
from fs_risk.cli.voice import Voice


@verb(
    app,
    example="fs-risk settings",
    prints={
        "file": "the settings file, or null",
        "settings": "each key with value, origin and meaning; passwords in addresses hidden",
        "secrets": "whether each variable that holds a secret is set, never what it holds",
        "unread": "variables that begin with FS_RISK_ and are no setting",
    },
)
def settings(voice: Voice) -> None:
    """Show every setting with its value and where it comes from. Secrets are never shown."""
    found = _standing(voice)
    voice.result(found, _text(found))


def _standing(voice: Voice) -> dict[str, Any]:
    import os

    from fs_risk.cli.settings import Settings, read_settings, without_secrets
    from fs_risk.cli.settings_file import SECRETS

    standing = read_settings(voice.settings_path)
    rows = {
        key: {
            "value": without_secrets(getattr(standing.values, key) or None),
            "origin": standing.origins[key],
            "meaning": field.description,
        }
        for key, field in Settings.model_fields.items()
    }
    return {
        "file": None if standing.file is None else str(standing.file),
        "settings": rows,
        "secrets": {name: "set" if os.environ.get(name) else "not set" for name in SECRETS},
        "unread": standing.unread,
    }


def _text(found: dict[str, Any]) -> str:
    lines = [f"Settings file: {found['file'] or 'none'}", ""]
    for key, row in found["settings"].items():
        value = "-" if row["value"] is None else str(row["value"])
        origin = "" if row["origin"] == "default" else f"   ({row['origin']})"
        lines.append(f"{key:<16} {value}{origin}")
    lines += ["", *(f"{name:<22} {state}" for name, state in found["secrets"].items())]
    for name, hint in found["unread"].items():
        lines.append(f"{name} is no setting. {hint}".rstrip())
    return "\n".join(lines)
