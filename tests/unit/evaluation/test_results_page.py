import re
from html.parser import HTMLParser

import matplotlib
import pytest

from fs_risk.errors import AuditError
from fs_risk.evaluation.measures_in_words import gate_in_words
from fs_risk.evaluation.page import page_html, write_page
from fs_risk.evaluation.plots import plot_calibration, plot_gain, plot_precision_recall

matplotlib.use("Agg")
FORETELLS = re.compile(r"\bwill\b|low risk|\bgreen\b|\bfair\b|unbiased", re.I)


class Outline(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.names, self.links = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"])
        self.links += [values[name] for name in ("src", "href") if name in values]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in ("meta", "br"):
            self.open.pop()


@pytest.fixture(scope="module")
def page(report, fitted):
    return page_html(report, fitted.with_gate_results(report.gate_results))


@pytest.fixture(scope="module")
def outline(page):
    parser = Outline()
    parser.feed(page)
    return parser


def test_every_tag_is_closed_and_no_id_is_twice(outline):
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))


def test_page_fetches_nothing(page, outline):
    assert all(link.startswith("#") for link in outline.links)
    assert "<script" not in page
    assert "@import" not in page


def test_page_can_be_read_on_a_phone_and_by_a_screen_reader(page):
    assert '<html lang="en-GB">' in page
    assert 'name="viewport"' in page
    told = re.findall(r'<figure role="img" aria-label="[^"]{20,}">', page)
    assert len(told) == page.count("<figure")
    assert page.count("<figure") >= 8


def test_stamp_and_leading_sentence_come_first(page, report):
    """M5."""
    body = page[page.index("<main>") :]

    assert "SYNTHETIC" in body[:200]
    assert body.index(report.leading_sentence[:40]) < body.index("<table")
    assert "were on no list" in page


def test_page_has_plan_gates_features_and_counts(page, fitted, report):
    assert report.plan_hash in page
    assert fitted.training.fingerprint in page
    for feature in fitted.facts.features:
        assert feature.name in page
        assert feature.meaning in page
    for result in report.gate_results:
        assert gate_in_words(result.gate) in page
    assert "of 1,000: listed, it followed" in page


def test_reader_finds_how_often_it_is_wrong_at_their_capacity(page, report):
    """M5: right, wrong and missed for several sizes of list, before anything technical."""
    body = page[page.index("<main>") :]

    assert "Of 100 children listed" in body
    assert body.index("How often is it wrong?") < body.index("For whom?") < body.index("Gates</h2>")
    for at in report.capacities:
        assert f"{at.capacity} children each week" in body or at.capacity == 1
    assert body.count('<tr class="own">') == 1


def test_page_says_how_steady_and_whom_it_left_out(page, report):
    """M8, T10, T11."""
    for words in ("Is the list steady?", "Which cases were tested?", "Do features leak or drift?"):
        assert words in page
    for end in report.ends:
        assert end.end in page


def test_small_counts_are_hidden_on_the_page(report, fitted):
    few = report.ends[0].model_copy(update={"kind": "decided at once", "end": "same day"})
    few = few.model_copy(update={"count": 40, "children": 4})
    page = page_html(report.model_copy(update={"ends": (*report.ends, few)}), fitted)

    row = page[page.index("<td>same day</td>") :]
    assert row.startswith('<td>same day</td><td class="number">c</td>')
    assert "Decided at once: c of the children" in page
    assert "decided_at_once" not in page


def test_every_measure_is_said_in_plain_words(report):
    from fs_risk.evaluation.measures_in_words import measure_in_words

    for metric in report.table["metric"]:
        assert "_" not in measure_in_words(metric)


def test_page_says_gates_and_plan_in_words(page, report):
    gates = page.partition('<h2 id="gates">')[2].partition("</table>")[0]

    assert not re.search(r"\w_\w", gates)
    assert all(f"{gate.at_most:g}" in gates for gate in report.plan.gates if gate.at_most)
    assert "[]" not in page


def test_page_gives_groups_of_age_from_the_youngest_on(page):
    ages = re.findall(r"<tr><td>age</td><td>([^<]+)</td>", page)

    order = ["unborn", "under 1", "1 to 4", "5 to 9", "10 to 15", "16 or 17", "not known"]
    assert ages == [each for each in order if each in ages]
    assert len(ages) >= 4


def test_counts_of_features_are_whole_numbers(page, report):
    row = page.partition("features whose values changed beyond chance since training</td>")[2]

    assert f'class="number">{report["features_drifted"]:.0f}</td>' in row.partition("</tr>")[0]


def test_page_does_not_foretell_or_grade(page, report):
    """G10."""
    assert not FORETELLS.search(page)
    assert not FORETELLS.search(report.text())


def test_text_from_data_is_escaped(report, fitted):
    odd = report.model_copy(
        update={"plan": report.plan.model_copy(update={"purpose": "<script>alert(1)</script>"})}
    )
    shown = page_html(odd, fitted)

    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_same_report_same_bytes(report, fitted, page, tmp_path):
    """M6."""
    model = fitted.with_gate_results(report.gate_results)

    assert write_page(report, model, tmp_path / "page.html").read_text("utf-8") == page


def test_page_of_another_model_is_refused(report, fitted, tmp_path):
    other = report.model_copy(update={"plan_hash": "0" * 64})
    with pytest.raises(AuditError, match="about another model"):
        write_page(other, fitted, tmp_path / "page.html")


@pytest.mark.parametrize(
    "plot",
    [
        "plot_precision_recall",
        "plot_calibration",
        "plot_gain",
        "plot_capacity",
        "plot_net_benefit",
        "plot_stability",
        "plot_groups",
    ],
)
def test_plots_have_title_units_and_number(report, plot):
    from matplotlib import pyplot

    ax = getattr(report, plot)()

    assert f"n {report.n:,}" in ax.get_title()
    assert "SYNTHETIC" in ax.get_title()
    assert ax.get_xlabel()
    pyplot.close(ax.figure)


@pytest.mark.parametrize("draw", [plot_precision_recall, plot_calibration, plot_gain])
def test_plots_draw_where_they_are_told(report, draw):
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()

    assert draw(report, ax) is ax


def test_tenths_where_none_or_all_have_the_outcome_are_drawn(report):
    from matplotlib.figure import Figure

    none = report.bins[0].model_copy(update={"observed": 0.0, "low": 1e-18, "positives": 0})
    every = report.bins[1].model_copy(update={"observed": 1.0, "high": 1.0 - 1e-16})
    odd = report.model_copy(update={"bins": (none, every, *report.bins[2:])})

    assert plot_calibration(odd, Figure().add_subplot()).get_xlabel()


def test_picture_of_what_was_not_measured_is_refused(report):
    with pytest.raises(AuditError, match="holds no learning curve"):
        report.plot_learning()


def test_precision_recall_lines_differ_without_colour(report):
    from matplotlib.figure import Figure

    ax = plot_precision_recall(report, Figure().add_subplot())
    styles = [line.get_linestyle() for line in ax.lines[: len(report.curves)]]

    assert len(set(styles)) == len(report.curves)


def test_notebook_shows_stamp_and_lead(report):
    shown = report._repr_html_()

    assert "SYNTHETIC" in shown
    assert "average_precision" in shown
