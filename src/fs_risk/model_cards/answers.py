"""What only people can write on a card: asked for by name, never made up by the library."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from fs_risk.errors import SettingError, nearest
from fs_risk.records.counts_in_words import count_of
from fs_risk.records.decoded_text import decoded_text
from fs_risk.records.notebook import ShowsItsFields

TO_BE_WRITTEN = "to be written"
"""Stands where nobody has answered yet; it stops approval."""


class EqualityAnswer(BaseModel):
    """What the senior responsible owner says where an audit's evidence was not enough.

    Attributes
    ----------
    attribute, group : str
        As in the audit.
    answer : str
        Why it was still right to go on, or what is done about it.
    role : str
        Of who answered.
    review_date : date
        When it is looked at again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    attribute: str
    group: str
    answer: str = Field(min_length=1)
    role: str = Field(min_length=1)
    review_date: date


def _asked(question: str, *, of: str) -> str | None:
    """Declare a question, and under which heading of the card it stands."""
    made: str | None = Field(default=None, description=question, json_schema_extra={"heading": of})
    return made


class CardAnswers(ShowsItsFields, BaseModel):
    """The answers of people. Those left out are open questions, and stop approval.

    Each field's question is in `QUESTIONS`. Purpose, owner, DPIA, lawful basis and policy
    document are taken from the model's plan where they are not given here. Roles and team
    mailboxes are asked for, never people's names.

    Attributes
    ----------
    purpose, decision_informed, who_decides, owner, senior_responsible_owner, contact : str or None
        What the model is for, and who answers for it.
    lawful_basis, policy_document, dpia, eqia, psed, psed_monitoring : str or None
        On what basis it is used; with ``dpia_date``, ``eqia_date``, ``assessments_review``.
    human_reviewer, authority_to_disagree, time_allowed, informed, contest : str or None
        What people may do about a score; `QUESTIONS` names the others and asks each.

    Examples
    --------
    >>> answers = CardAnswers(owner="Head of front door services")
    >>> answers.owner, answers.contact is None
    ('Head of front door services', True)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: str | None = _asked("What is the model for?", of="purpose")
    decision_informed: str | None = _asked("Which decision does it inform?", of="purpose")
    who_decides: str | None = _asked("Who takes that decision?", of="purpose")
    owner: str | None = _asked("Who owns the model? (a role)", of="purpose")
    senior_responsible_owner: str | None = _asked("Who answers for its use? (a role)", of="purpose")
    contact: str | None = _asked("Where can it be asked about? (a team mailbox)", of="purpose")
    known_gaps: str | None = _asked(
        "What do the records not hold that a practitioner would want to know?", of="data"
    )
    lawful_basis: str | None = _asked("What is the lawful basis of the processing?", of="law")
    policy_document: str | None = _asked("Where is the appropriate policy document?", of="law")
    dpia: str | None = _asked(
        "Which data protection impact assessment covers it? (reference)", of="law"
    )
    dpia_date: date | None = Field(
        default=None,
        description="When was the DPIA agreed?",
        json_schema_extra={"heading": "law"},
    )
    eqia: str | None = _asked("Which equality impact assessment covers it? (reference)", of="law")
    eqia_date: date | None = Field(
        default=None,
        description="When was the EqIA agreed?",
        json_schema_extra={"heading": "law"},
    )
    eqia_reviewer: str | None = _asked("Who reviewed the EqIA? (a role)", of="law")
    psed: str | None = _asked(
        "How was due regard had to the three aims of the public sector equality duty?", of="law"
    )
    psed_monitoring: str | None = _asked(
        "How is the equality duty kept under review while the model is in use?", of="law"
    )
    assessments_review: date | None = Field(
        default=None,
        description="When are DPIA and EqIA reviewed next?",
        json_schema_extra={"heading": "law"},
    )
    human_reviewer: str | None = _asked("Who reviews each score? (a role)", of="people")
    seen_besides: str | None = _asked(
        "What does the reviewer see besides the score, and before it?", of="people"
    )
    authority_to_disagree: str | None = _asked(
        "What may the reviewer do who disagrees, without asking anyone?", of="people"
    )
    time_allowed: str | None = _asked("How much time is allowed for the review?", of="people")
    informed: str | None = _asked("How are families told that it is used?", of="people")
    representations: str | None = _asked("How can a family say what it thinks?", of="people")
    intervention: str | None = _asked(
        "How can a family have a person look at it again?", of="people"
    )
    contest: str | None = _asked("How can a family contest the decision?", of="people")
    training: str | None = _asked("What training do those who use it have?", of="people")
    switch_off: str | None = _asked("Who can switch it off, and how fast?", of="ageing")
    review_date: date | None = Field(
        default=None,
        description="When is this card looked at again?",
        json_schema_extra={"heading": "ageing"},
    )
    equality: tuple[EqualityAnswer, ...] = Field(
        default=(),
        description="What is said where the evidence on a group was not enough?",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_no_answer(cls, answer: Any) -> Any:
        return None if isinstance(answer, str) and not answer.strip() else answer


QUESTIONS: dict[str, tuple[str, str]] = {
    name: (str(field.description), str(extra["heading"]))
    for name, field in CardAnswers.model_fields.items()
    if isinstance(extra := field.json_schema_extra, dict)
}
"""By field: the question, and the heading of the card that it stands under."""


def read_answers(path: str | Path) -> CardAnswers:
    """Read the answers from a TOML file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    CardAnswers

    Raises
    ------
    SettingError
        If the file is not there, is not TOML, or asks or answers something else.
    """
    source = Path(path)
    try:
        written = tomllib.loads(decoded_text(source.read_bytes()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(
            f"The answers cannot be read: {type(error).__name__}.",
            where=source.name,
            fix="Give a TOML file; fs-risk cards questions writes one to fill in.",
        ) from None
    try:
        return CardAnswers.model_validate(written)
    except ValidationError as error:
        names = [str(fault["loc"][0]) for fault in error.errors()]
        raise SettingError(
            f"{count_of(len(names), 'answer')} cannot "
            f"be used.{nearest(names[0], CardAnswers.model_fields)}",
            where=f"{source.name}, {', '.join(names)}",
            fix="Answer the questions that fs-risk cards questions writes, dates as yyyy-mm-dd.",
        ) from None


def questions_toml(answers: CardAnswers) -> str:
    """Write every question as a TOML file, unanswered ones commented out.

    Parameters
    ----------
    answers : CardAnswers

    Returns
    -------
    str

    Examples
    --------
    >>> 'owner = "Head of service"' in questions_toml(CardAnswers(owner="Head of service"))
    True
    """
    lines = []
    for name, (question, _) in QUESTIONS.items():
        value = getattr(answers, name)
        lines.append(f"# {question}")
        if value is None:
            example = "2027-01-31" if name.endswith(("_date", "_review")) else '""'
            lines.append(f"# {name} = {example}")
        else:
            lines.append(f"{name} = {_toml(value)}")
        lines.append("")
    lines += [
        "# For each group on which the audit had not enough evidence:",
        "# [[equality]]",
        '# attribute = "ethnicity"',
        '# group = "Asian"',
        '# answer = ""',
        '# role = "Director of children\'s services"',
        "# review_date = 2027-01-31",
        "",
    ]
    for each in answers.equality:
        lines.append("[[equality]]")
        lines += [f"{key} = {_toml(value)}" for key, value in each.model_dump().items()]
        lines.append("")
    return "\n".join(lines)


def _toml(value: str | date) -> str:
    if isinstance(value, date):
        return value.isoformat()
    escaped = "".join(
        f"\\u{ord(sign):04X}" if ord(sign) < 32 or ord(sign) == 127 else sign
        for sign in value.replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{escaped}"'
