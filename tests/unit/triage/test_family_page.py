"""The page for families: plain, complete about rights, and about nobody but the child."""

import re

import pytest

from fixed_scores import SAID, coded_score, fixed_score
from fs_risk.triage.chronology_kinds import KINDS
from fs_risk.triage.family_words import ALWAYS_THE_CHILDS, CONCEPT_WORDS, KIND_WORDS
from fs_risk.triage.reasons import Fact, Reason

READERS = ("family", "child")
VOWELS = re.compile("[aeiouy]+")


def text_of(page):
    """The words of a page's main part, list items and lines as sentences."""
    main = re.sub(r"(?s)<aside.*?</aside>", "", page[page.index("<main>") :])
    main = re.sub(r"</(p|li|h2|h1)>", ". ", main)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", main))


def syllables(word):
    word = word.lower()
    count = len(VOWELS.findall(word))
    return max(1, count - (word.endswith("e") and not word.endswith("le") and count > 1))


def grade(text):
    """Flesch and Kincaid's grade: years of school; 6 is about 11 to 12 years old."""
    sentences = [part for part in re.split(r"[.!?]+(?:\s|$)", text) if re.search("[A-Za-z]", part)]
    words = re.findall(r"[A-Za-z']+", text)
    return (
        0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    )


@pytest.mark.parametrize(("reader", "most"), [("family", 6.0), ("child", 5.0)])
def test_words_can_be_read_at_eleven(reader, most):
    """Aims at a reading age of 11 to 12 for families, less for children."""
    assert grade(text_of(fixed_score().to_family_html(**SAID, reader=reader))) <= most


def test_grade_is_that_of_a_text_of_known_grade():
    assert grade("The cat sat on the mat.") == pytest.approx(-1.45, abs=0.01)


@pytest.mark.parametrize("reader", READERS)
def test_no_sentence_is_long_and_no_jargon_is_used(reader):
    text = text_of(fixed_score().to_family_html(**SAID, reader=reader, with_score=True))

    assert max(len(part.split()) for part in re.split(r"[.:;]\s", text)) <= 30
    jargon = r"\b(trio|calibrat\w*|probabil\w*|log-odds|threshold|algorithm\w*|MASH|CIN|extract)\b"
    assert not re.search(jargon, text, re.I)
    assert not re.search(r"\bwill\b|predict|high risk|low risk|\bunsafe\b", text, re.I)


def test_who_what_why_and_how_to_challenge_it_are_said():
    """ICO's explanation types; UK GDPR articles 22A to 22D."""
    page = fixed_score().to_family_html(**SAID)

    for words in (*SAID.values(), "cp_plan-365d, version 1.0", "5 March 2025", "A person decides",
                  "Ask for a person to look at it all again", "Ask to see what we hold",
                  "that a record is wrong", "Information Commissioner", "Articles 22A to 22D",
                  "Data (Use and Access) Act 2025", "It cannot close a case"):  # fmt: skip
        assert words in page
    assert "to be written" not in page


@pytest.mark.parametrize(("reader", "missing"), [("family", 4), ("child", 3)])
def test_what_is_missing_is_marked_for_the_authority_to_write(reader, missing):
    page = fixed_score().to_family_html(reader=reader)

    assert page.count("<mark>[to be written: ") == missing
    assert f"{missing} parts are still to be written" in page


def test_one_part_that_is_missing_is_said_as_one():
    said = {name: text for name, text in SAID.items() if name != next(iter(SAID))}
    page = fixed_score().to_family_html(**said)

    assert "1 part is still to be written; it is marked below." in page


@pytest.mark.parametrize("reader", READERS)
def test_kinds_and_years_of_the_childs_own_records_are_shown_and_no_day(reader):
    page = fixed_score().to_family_html(**SAID, reader=reader)

    assert "Early help: 2023" in page
    assert "Referrals before this one: 2022 to 2023" in page
    assert not re.search(r"\b\d{1,2} (?:Sep|Oct|Mar|Aug|Feb)\w* 202[1-4]", page)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("with_score", [False, True])
def test_nothing_of_anybody_else_is_shown(reader, with_score):
    """No sibling, no adult's factor, no source, and no concept that rests on a sibling's fact."""
    page = fixed_score().to_family_html(**SAID, reader=reader, with_score=with_score)

    assert not re.search(r"C-7\d|R-1|police|subjected|6 years old|Substance|emotional", page)
    main = page[page.index("<main>") :]
    assert "Domestic abuse" not in main
    assert "the child protection plans" not in main
    assert "2024" not in main


def test_page_is_the_same_whatever_is_recorded_of_others():
    mine = fixed_score()
    of_a_sibling = (Fact(what="early help", day="2024-01-01", whom="siblings"),)
    of_an_adult = (Fact(what="assessment", day="2023-09-27", whom="child"),)
    sibling, adults = (
        Reason(concept=concept, direction="worry", wording="x", contribution=2.0, evidence=facts)
        for concept, facts in (
            ("Early help", of_a_sibling),
            ("Parental mental health", of_an_adult),
        )
    )
    own = tuple(reason for reason in mine.reasons if reason.concept in CONCEPT_WORDS)
    more = fixed_score(reasons=(sibling, adults, *own), household=(), household_said="")

    assert more.to_family_html(**SAID) == mine.to_family_html(**SAID)


def test_what_counted_is_said_by_concept_alone():
    page = fixed_score().to_family_html(**SAID)

    said = (
        "what counted most was: the earlier referrals, age on the day of this referral, early help."
    )
    assert said in page


def test_score_is_a_count_of_others_and_only_if_asked_for():
    assert "152" not in fixed_score().to_family_html(**SAID)
    assert "You can ask us for it" in fixed_score().to_family_html(**SAID)
    asked = fixed_score().to_family_html(**SAID, with_score=True)
    assert "of 1,000 referrals like this one, about 152 were followed by" in asked
    assert "It does not say what happens in your family." in asked


def test_no_score_is_said_plainly():
    page = coded_score().to_family_html(**SAID, with_score=True)

    assert "the tool gave no result" in page
    assert "counted most" not in page


def test_missing_chronology_is_left_to_be_written():
    page = fixed_score(chronology=None).to_family_html(**SAID)

    assert "[to be written: the kinds of records, and their years]" in page


def test_every_kind_and_concept_of_the_childs_own_has_plain_words():
    """E3."""
    from fs_risk.features.catalogue import CATALOGUE

    assert set(KIND_WORDS) == set(KINDS) - {"closure"}
    concepts = {spec.concept for spec in CATALOGUE}
    assert set(CONCEPT_WORDS) <= concepts
    assert set(CONCEPT_WORDS) > ALWAYS_THE_CHILDS
    others = concepts - set(CONCEPT_WORDS)
    assert {"Domestic abuse", "Brothers and sisters", "The household as a whole"} <= others


def test_every_outcome_has_plain_words():
    from fs_risk.outcomes.definitions import OUTCOMES
    from fs_risk.triage.family_page import OUTCOME_WORDS

    assert set(OUTCOME_WORDS) == set(OUTCOMES)
