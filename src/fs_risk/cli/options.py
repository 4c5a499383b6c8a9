"""Arguments and options that several commands share: one name, one meaning, one place."""

from pathlib import Path
from typing import Annotated, overload

import typer

from fs_risk.cli.complete import OUTCOMES, one_of, saved_models
from fs_risk.cli.whole_files import can_be_a_workbook, can_be_written

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="EXTRACT",
        help="Folder, files or database address: SSD tables, CIN census, SSDA903, Annex A, "
        "payloads of the DfE's API or Family Safeguarding's templates. Setting: extract.",
    ),
]
SourcesOrHistory = Annotated[
    list[str],
    typer.Argument(
        metavar="HISTORY_OR_EXTRACT",
        help="Folder that fs-risk history wrote; or a return. Setting: extract; for score and "
        "serve, history first.",
    ),
]
CardFile = Annotated[Path, typer.Argument(metavar="CARD", help="JSON of a card.")]
Model = Annotated[
    Path,
    typer.Option(
        "--model",
        help="Folder of a saved model, or the one that train wrote it into. Setting: model.",
        autocompletion=saved_models,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Folder for what is written.", file_okay=False),
]
CardOut = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Write the card, JSON, here.", callback=can_be_written),
]
Html = Annotated[
    Path | None,
    typer.Option("--html", help="Write a page, HTML, here.", callback=can_be_written),
]
Csv = Annotated[
    Path | None,
    typer.Option("--csv", help="Write the table here as CSV.", callback=can_be_written),
]
Excel = Annotated[
    Path | None,
    typer.Option("--excel", help="Write the list here as .xlsx.", callback=can_be_a_workbook),
]
Markdown = Annotated[
    Path | None,
    typer.Option("--markdown", help="Write it as Markdown here.", callback=can_be_written),
]
Database = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="Write to this database, an SQLAlchemy URL."),
]
LedgerUrl = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="URL",
        help="Where it is recorded, such as sqlite:///ledger.db. Setting: ledger.",
    ),
]
LedgerKeyFile = Annotated[
    Path | None,
    typer.Option(
        "--ledger-key-file",
        help="File of the ledger's master key; default: FS_RISK_LEDGER_KEY holds the key. "
        "Setting: ledger_key_file.",
    ),
]
NoLedger = Annotated[
    bool, typer.Option("--no-ledger", help="Leave out the ledger that the settings name.")
]
TrackingUri = Annotated[
    str | None,
    typer.Option(
        "--tracking-uri",
        metavar="URI",
        help="MLflow's tracking URI, such as sqlite:///mlflow.db. Setting: tracking_uri.",
    ),
]
RegisteredAs = Annotated[
    str | None,
    typer.Option(
        "--registered-as",
        metavar="NAME",
        help="The model's name in MLflow's registry. Setting: registered_as.",
    ),
]
Capacity = Annotated[
    float | None,
    typer.Option(
        "--capacity",
        help="Children on a list, or a share below 1; default: the plan's. Setting: capacity.",
    ),
]
OutcomeName = Annotated[
    str,
    typer.Option(
        "--outcome", help=f"One of: {', '.join(OUTCOMES)}.", autocompletion=one_of(OUTCOMES)
    ),
]
WithinDays = Annotated[
    int, typer.Option("--within-days", min=1, help="Days in which the outcome counts.")
]
Resamples = Annotated[
    int,
    typer.Option("--resamples", min=100, max=20_000, help="Resamples for the intervals."),
]
Fresh = Annotated[
    bool,
    typer.Option("--fresh", help="The records are another authority's: every case counts."),
]
OnDay = Annotated[
    str | None,
    typer.Option("--on", metavar="DATE", help="The day it is about, yyyy-mm-dd; default: today."),
]
Horizon = Annotated[int, typer.Option("--horizon", min=1, max=60, help="Months ahead.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same results.")]
ExtractDate = Annotated[
    str | None,
    typer.Option(
        "--extract-date",
        metavar="DATE",
        help="Day that the extract was made, yyyy-mm-dd; default: what the return says, else its "
        "latest event.",
    ),
]
Exclude = Annotated[
    Path | None,
    typer.Option(
        "--exclude",
        help="Text file of child ids, one a line, that must never enter: adopted and "
        "pre-adoption identities, restricted records, refuge. Setting: exclude.",
    ),
]
Pseudonymise = Annotated[
    bool | None,
    typer.Option(
        "--pseudonymise/--no-pseudonymise",
        help="Replace identifiers by keyed hashes; the key is read from FS_RISK_PSEUDONYM_KEY. "
        "Setting: pseudonymise.",
        show_default=False,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document to standard output, nothing else there."),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no messages; errors are still told.")
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        help="Settings file; default: FS_RISK_SETTINGS, else fs-risk.toml here or above.",
    ),
]


@overload
def whole_or_share(size: float) -> int | float: ...


@overload
def whole_or_share(size: None) -> None: ...


@overload
def whole_or_share(size: float | None) -> int | float | None: ...


def whole_or_share(size: float | None) -> int | float | None:
    """Give a capacity as a number of children where it is whole.

    Parameters
    ----------
    size : float or None

    Returns
    -------
    int, float or None
    """
    return int(size) if size is not None and float(size).is_integer() else size
