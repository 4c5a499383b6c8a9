"""The 56 fields of the Algorithmic Transparency Recording Standard, v4.0.

No schema of v4.0 is published that a machine can read; the field list was put together
from the guidance, its change log and the v3.0 template. Of 14 fields the decimal number
is from published records and not proven; their content is.

References
----------
.. [1] Government Digital Service, Algorithmic Transparency Recording Standard: guidance
   v4.0 and change log v3.0 to v4.0, July 2025; template v3.0.
"""

from dataclasses import dataclass
from typing import Literal

VERSION = "4.0"
Fill = Literal["run", "text", "authority"]
"""Filled from the run; drafted from the library's text, for the authority to edit; left to
the authority alone."""


@dataclass(frozen=True)
class AtrsField:
    """One field of the record.

    Attributes
    ----------
    number, name : str
    meaning : str
        What is asked for.
    fill : {"run", "text", "authority"}
    number_proven : bool
        Whether the number is printed in a source, and not only seen in records.
    """

    number: str
    name: str
    meaning: str
    fill: Fill
    number_proven: bool = True


_ROWS: tuple[tuple[str, str, str, Fill], ...] = (
    ("0.1", "Title", "name used as the record's heading", "text"),
    ("0.2", "Organisation name", "body responsible for the tool", "authority"),
    ("0.3", "Phase", "stage of life", "run"),
    ("0.4", "Region", "area whose public is affected", "authority"),
    ("0.5", "One sentence description", "subtitle of the record", "text"),
    ("1.1", "Name", "everyday name of the tool", "text"),
    ("1.2", "Description", "two or three plain sentences: what it is, why it is used", "text"),
    ("1.3", "Website URL", "live public page, else N/A", "authority"),
    ("1.4", "Contact email", "team mailbox, not a person", "authority"),
    ("2.1.1", "Organisation or department", "accountable body, full name", "authority"),
    ("2.1.2", "Team", "accountable team", "authority"),
    ("2.1.3", "Senior responsible owner",
     "role title of the person accountable in operation", "authority"),
    ("2.1.4", "Third party involvement",
     "yes or no: supplier or another public body involved", "authority"),
    ("2.1.4.1", "Third party", "its name", "authority"),
    ("2.1.4.2", "Companies House Number", "if it has one", "authority"),
    ("2.1.4.3", "Third party role",
     "what it supplied; the layers of a supply chain", "authority"),
    ("2.1.4.4", "Procurement procedure type", "route by which it was bought", "authority"),
    ("2.1.4.5", "Third party data access terms",
     "what data it may see, on what terms", "authority"),
    ("2.2.1", "Detailed description",
     "how it works, users, scope, limits, where it does not apply", "run"),
    ("2.2.2", "Benefits", "each benefit and how the tool delivers it", "text"),
    ("2.2.3", "Previous process", "what it replaces, or that the process is new", "authority"),
    ("2.2.4", "Alternatives considered", "other options and why not", "run"),
    ("2.3.1", "Integration into broader operational process",
     "what output goes to whom, what influence it has, degree of automation", "text"),
    ("2.3.2", "Human review", "when and how a person reviews outputs", "text"),
    ("2.3.3", "Frequency and scale of usage",
     "how often, how many people or decisions", "run"),
    ("2.3.4", "Required training", "training for those who use or run it", "text"),
    ("2.3.5", "Appeals and review",
     "how the public can challenge the output or the decision", "text"),
    ("2.4.1.1", "System architecture", "end-to-end flow, services, environments", "text"),
    ("2.4.1.2", "System-level input",
     "main inputs of the whole system, formats, types", "run"),
    ("2.4.1.3", "System-level output", "main outputs, formats, types", "run"),
    ("2.4.1.4", "Maintenance",
     "review frequency, monitoring, retraining, by whom", "run"),
    ("2.4.1.5", "Models", "list of component models, rules included", "run"),
    ("2.4.2.1", "Model name", "one sheet for each model", "run"),
    ("2.4.2.2", "Model version", "version identifier", "run"),
    ("2.4.2.3", "Model task", "what it predicts", "run"),
    ("2.4.2.4", "Model input", "input specification", "run"),
    ("2.4.2.5", "Model output", "output specification", "run"),
    ("2.4.2.6", "Model architecture",
     "the model type; inputs with most weight on the output", "run"),
    ("2.4.2.7", "Model performance",
     "metrics, thresholds, performance by subgroup and what was done about it", "run"),
    ("2.4.2.8", "Datasets and their purposes",
     "each dataset and whether it trained, validated or tested", "run"),
    ("2.4.3.1", "Development data description",
     "all data used to build the tool, links if public", "run"),
    ("2.4.3.2", "Data modality", "tabular, text, and so on", "run"),
    ("2.4.3.3", "Data quantities", "rows, attributes, split sizes", "run"),
    ("2.4.3.4", "Sensitive attributes",
     "personal data, protected characteristics, proxies", "run"),
    ("2.4.3.5", "Data completeness and representativeness",
     "missingness; match to the target population", "run"),
    ("2.4.3.6", "Data cleaning", "pre-processing done", "run"),
    ("2.4.3.7", "Data collection",
     "original purpose and context; fit for re-use", "text"),
    ("2.4.3.8", "Data access and storage", "who, how long, where, protections", "authority"),
    ("2.4.3.9", "Data sharing agreements", "agreements in place", "authority"),
    ("2.4.4.1", "Data sources", "what the live tool reads and produces", "run"),
    ("2.4.4.2", "Sensitive attributes", "as for development data, of live data", "run"),
    ("2.4.4.3", "Data processing methods",
     "what is done to live data before and after the model", "run"),
    ("2.4.4.4", "Data access and storage", "as for development data, of live data", "authority"),
    ("2.4.4.5", "Data sharing agreements", "as for development data, of live data", "authority"),
    ("2.5.1", "Impact assessments",
     "DPIA, EqIA and others: name, date, summary or public link", "authority"),
    ("2.5.2", "Risks and mitigations",
     "data; application and use; model efficacy; outputs and decisions; organisational; public "
     "engagement", "run"),
)  # fmt: skip

UNPROVEN = frozenset(
    {
        "2.3.3", "2.3.4", "2.3.5",
        "2.4.3.2", "2.4.3.3", "2.4.3.5", "2.4.3.6", "2.4.3.7", "2.4.3.8", "2.4.3.9",
        "2.4.4.1", "2.4.4.3", "2.4.4.4", "2.4.4.5",
    }
)  # fmt: skip
"""Fields whose number is not printed in the guidance, the change log or the v3.0 template."""

ATRS_FIELDS: tuple[AtrsField, ...] = tuple(
    AtrsField(number, name, meaning, fill, number not in UNPROVEN)
    for number, name, meaning, fill in _ROWS
)
"""Every field, in order: 37 filled or drafted, 19 the authority's own."""
