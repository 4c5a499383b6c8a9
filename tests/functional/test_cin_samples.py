"""The public sample files of the Children in need census, read and checked.

The expected faults of the small files were written down by reading them line by
line against the rules; those of the large file are worked out again here, line by
line in plain Python, without the reader.
"""

import re
import xml.etree.ElementTree as ET
from contextlib import suppress
from datetime import date, timedelta

import numpy as np
import pytest

from fs_risk.errors import FsRiskError
from fs_risk.readers.cin_census import read_cin_census

pytestmark = pytest.mark.samples

FOLDER = "data-to-insight+csc-validator-be-cin"

CENSUS_2021 = {
    "1510": [18],  # the check letter of these digits is P
    "8525Q": [18],  # born and expected
    "8530Q": [18],  # expected in 1066
    "8545Q": [18],  # died in 1980
    "8775Q": [18],  # born in 1965
    "2887Q": [2],  # HAND and HEAR only
    "8620": [36],  # closed in 1971
    "8715": [36, 56],  # conferences in 1970
    "8875": [36],  # 6 December 1970 was a Sunday
    "1103": [43],
    "8565": [43, 63],  # authorised and ended after the closure
    "8696": [43],
    "4013": [52],
    "4016": [52],  # starts while the protection plan runs
    "2889": [56],
    "1104": [56],
    "1105": [63],
    "8930": [63],
}
NO_FACTORS = {
    "1510": [18],
    "2887Q": [2],
    "8620": [34],
    "8715": [34, 48],
    "8736": [41],  # unfinished, begun in January of the year before
    "8670Q": [41],
    "8867": [41],
    "8565": [55],
    "4013": [44],
    "4016": [44],
    "2889": [48],
    "1104": [48],
    "1105": [55],
    "8930": [55],
}
TWO_ROWS = {**NO_FACTORS, "8565": [55, 65], "1105": [55, 65], "8930": [55, 65], "8940": [65]}
CENSUS_2024 = {
    "1510": [18],
    "4180": [18],  # Sex is 1
    "1570": [73],  # 23 characters
    "1580": [73],  # underscores
    "2887Q": [2],
    "8600": [86],  # referred after the year
    "8620": [34, 86],
    "8715": [34, 54],
    "8608": [41],  # starts in 2028, authorised in 2020
    "8696": [41],
    "8565": [41, 61],
    "1103": [92],
    "8897Q": [92],  # the list of factors is empty
    "4013": [50],
    "4016": [50],
    "2889": [54],
    "1104": [54],
    "1105": [61],
    "8930": [61],
}
CENSUS_2026 = {
    **CENSUS_2024,
    "1570": [85],
    "1580": [85],
    "8600": [98],
    "8620": [34, 98],
    "1103": [104],
    "8897Q": [104],
    "9005": [71],  # pre-proceedings begin in September 2026, the year ends in March 2024
    "9012": [71],
}
EXPECTED = {
    "CIN_Census_2021.xml": CENSUS_2021,
    "CIN_la_issues_2887Q.xml": CENSUS_2021,
    "CIN_header_issues_100.xml": {**CENSUS_2021, "100": [2]},
    "CIN_Census_2021_copy.xml": NO_FACTORS,
    "CIN_Census_2021_no_assessment_factors.xml": NO_FACTORS,
    "CIN2rows.xml": TWO_ROWS,
    "CIN_Census_2024.xml": CENSUS_2024,
    "CIN_Census_2026.xml": CENSUS_2026,
}

TABLE_OF_ELEMENT = {
    "Child": "children",
    "Disability": "disabilities",
    "CINdetails": "referrals",
    "Assessments": "assessments",
    "AssessmentFactors": "factors",
    "CINPlanDates": "cin_plans",
    "Section47": "section47",
    "DateOfInitialCPC": "conferences",
    "ChildProtectionPlans": "cp_plans",
    "PreProceedingsandFGDM": "pre_proceedings",
}


def faults(records):
    """The census rules that were broken, each with its lines."""
    found = {}
    for each in records.findings:
        if each.rule.startswith("CIN "):
            found.setdefault(each.rule.removeprefix("CIN "), []).extend(each.rows)
    return {rule: sorted(lines) for rule, lines in found.items()}


@pytest.mark.parametrize("name", EXPECTED)
def test_faults_are_those_that_a_reader_finds_by_eye(samples, name):
    """G8: dirty data are named by rule and line."""
    records = read_cin_census(samples / "samples" / FOLDER / name)

    assert faults(records) == EXPECTED[name]


def census_files(samples):
    found = sorted((samples / "samples").rglob("*.xml"))
    return [path for path in found if "<CINdetails" in path.read_text(errors="replace")]


def test_every_census_file_is_read_and_no_row_is_lost(samples):
    files = census_files(samples)
    assert len(files) >= 9
    for path in files:
        records = read_cin_census(path)
        root = ET.parse(path).getroot()
        for element, table in TABLE_OF_ELEMENT.items():
            written = [
                found for found in root.iter(element) if element != "DateOfInitialCPC" or found.text
            ]
            kept = len(records[table]) + len(records.set_aside.get(table, ()))

            assert kept == len(written), (path.name, table)


def test_the_large_file_holds_332_children_and_402_episodes(samples):
    records = read_cin_census(samples / "samples" / FOLDER / "fake_CIN_data.xml")

    assert len(records["children"]) == 332
    assert len(records["referrals"]) + len(records.set_aside["referrals"]) == 402


class LargeFile:
    """The large file's children and episodes, read line by line."""

    def __init__(self, path):
        self.children, self.episodes = [], []
        now = {}
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if "<Child>" in line:
                self.children.append({"line": number, "disabilities": []})
                now = self.children[-1]
            elif "<CINdetails>" in line:
                self.episodes.append({"line": number, "child": self.children[-1]})
                now = self.episodes[-1]
            elif found := re.search(r"<(\w+)>([^<]+)<", line):
                if found[1] == "Disability":
                    self.children[-1]["disabilities"].append((number, found[2]))
                else:
                    now[found[1]] = found[2]


def day(row, name):
    return date.fromisoformat(row[name]) if name in row else None


def check_letter(upn):
    letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
    total = sum(place * int(digit) for place, digit in enumerate(upn[1:], 2))
    return letters[total % 23]


def test_faults_of_the_large_file_are_those_of_a_plain_reading(samples):
    path = samples / "samples" / FOLDER / "fake_CIN_data.xml"
    large = LargeFile(path)
    start, end = date(2022, 4, 1), date(2022, 7, 21)

    def outside(moment):
        return moment is not None and not start <= moment <= end

    def codes(child):
        return [code for _, code in child["disabilities"]]

    expected = {"100": [2], "2886Q": [2]}
    for child in large.children:
        line = child["line"]
        upn = child["UPN"]
        assert re.fullmatch(r"[A-Z]\d{12}", upn)
        if upn[0] != check_letter(upn):
            expected.setdefault("1510", []).append(line)
        if "NONE" in codes(child) and len(set(codes(child))) > 1:
            expected.setdefault("8790", []).append(line)
        for at, (place, code) in enumerate(child["disabilities"]):
            if code in codes(child)[:at]:
                expected.setdefault("8794", []).append(place)
        if outside(day(child, "PersonDeathDate")):
            expected.setdefault("8545Q", []).append(line)
    for episode in large.episodes:
        line, child = episode["line"], episode["child"]
        referred, held = day(episode, "CINreferralDate"), day(episode, "DateOfInitialCPC")
        closed, died = day(episode, "CINclosureDate"), day(child, "PersonDeathDate")
        reason = episode.get("ReasonForClosure")
        assert episode["ReferralNFA"] == "true"
        broken = {
            "8600": referred > end,
            "8606": referred < date.fromisoformat(child["PersonBirthDate"]) - timedelta(280),
            "8620": outside(closed),
            "8630": closed is not None and closed < referred,
            "8565": closed is not None and held is not None and held > closed,
            "8715": outside(held),
            "8875": held is not None and held.weekday() >= 5,
            "1104": held is not None and held < referred,
            "8831": held is not None,
            "8569Q": referred < start - timedelta(1),
            "8555Q": died is not None and referred > died,
            "8585Q": reason == "RC2" and died is None,
            "8825Q": reason in ("RC8", "RC9"),
            "2990": reason in ("RC8", "RC9") and held is not None,
        }
        for rule, is_broken in broken.items():
            if is_broken:
                expected.setdefault(rule, []).append(line)

    found = faults(read_cin_census(path))

    assert found == {rule: sorted(lines) for rule, lines in expected.items()}


def mutated(data, luck):
    """Spoil a file in one of six ways."""
    at = int(luck.integers(len(data)))
    other = int(luck.integers(len(data)))
    ways = [
        lambda: data[:at] + bytes([int(luck.integers(256))]) + data[at + 1 :],
        lambda: data[:at],
        lambda: data[:at] + data[at + int(luck.integers(1, 60)) :],
        lambda: data[:at] + data[min(at, other) : max(at, other)] + data[at:],
        lambda: data[:at] + b"<CINdetails>" + data[at:],
        lambda: re.sub(rb">[^<\s][^<]*<", b">2099-12-31<", data, count=int(luck.integers(1, 40))),
    ]
    return ways[int(luck.integers(len(ways)))]()


def test_no_spoilt_file_raises_anything_but_our_errors(samples, tmp_path):
    """Two hundred files spoilt at random: each is read, or refused with a cure, in seconds."""
    luck = np.random.default_rng(0)
    originals = [
        (samples / "samples" / FOLDER / name).read_bytes()
        for name in ("CIN_Census_2026.xml", "CIN_Census_2021.xml", "CIN2rows.xml")
    ]
    n_read = 0
    path = tmp_path / "spoilt.xml"
    for number in range(200):
        path.write_bytes(mutated(originals[number % len(originals)], luck))
        with suppress(FsRiskError):
            read_cin_census(path)
            n_read += 1

    assert 20 < n_read < 200
