"""A chronology as a picture in SVG, made of numbers and escaped words: nothing is fetched or run.

Colours come from the page's style, so that the picture is dark where the page is.
"""

from datetime import date
from html import escape

from fs_risk.triage.chronology import Chronology
from fs_risk.triage.chronology_timeline import Lane, Point, Timeline, timeline_of
from fs_risk.triage.chronology_words import summary_words

_WIDTH, _LEFT, _RIGHT = 760, 150, 16
_LANE, _TOP, _BELOW = 19, 20, 24
_BETWEEN = 8
"""Space above the lanes of the trio."""

_GAP_WORDS_FROM = 60
"""A gap narrower than this has no words in the picture; the page's list has them."""


def chronology_svg(chronology: Chronology) -> str:
    """Draw a chronology on one line of time.

    Parameters
    ----------
    chronology : Chronology

    Returns
    -------
    str
        An ``svg`` element with a title and a description; empty without entries.
    """
    timeline = timeline_of(chronology)
    if not timeline.lanes:
        return ""
    return _Drawing(timeline).svg(summary_words(chronology))


class _Drawing:
    """One timeline with its scale."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.days = max((timeline.last - timeline.first).days, 1)
        n_trio = sum(lane.trio for lane in timeline.lanes)
        self.bottom = _TOP + len(timeline.lanes) * _LANE + _BETWEEN * bool(n_trio)

    def x(self, day: date) -> float:
        """Place a day."""
        share = (max(day, self.timeline.first) - self.timeline.first).days / self.days
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def svg(self, said: str) -> str:
        """Draw everything, what lies behind first."""
        parts = [*map(self._gap, self.timeline.gaps), *map(self._tick, self.timeline.ticks)]
        y = _TOP
        for place, lane in enumerate(self.timeline.lanes):
            if lane.trio and not self.timeline.lanes[place - 1].trio:
                y += _BETWEEN
            parts += self._lane(lane, y + _LANE / 2)
            y += _LANE
        parts.append(self._referral())
        height = self.bottom + _BELOW
        return (
            f'<svg role="img" class="timeline" viewBox="0 0 {_WIDTH} {height:g}" '
            'aria-labelledby="timeline-title timeline-said">'
            '<title id="timeline-title">The chronology on one line of time</title>'
            f'<desc id="timeline-said">{escape(said)} The table below has every entry.</desc>'
            + "".join(parts)
            + "</svg>"
        )

    def _gap(self, gap: tuple[date, date, int]) -> str:
        left, right = self.x(gap[0]), self.x(gap[1])
        drawn = _rect(left + 1, _TOP - 4, max(right - left - 2, 0), self.bottom - _TOP + 4, "gap")
        if right - left >= _GAP_WORDS_FROM:
            drawn += _text((left + right) / 2, _TOP - 8, f"{gap[2]} months", "gap-words middle")
        return drawn

    def _tick(self, tick: tuple[date, str]) -> str:
        x = self.x(tick[0])
        drawn = f'<path class="tick" d="M{x:.1f} {_TOP}V{self.bottom}"/>'
        near_end = x > _WIDTH - _RIGHT - 90
        return drawn + ("" if near_end else _text(x, self.bottom + 14, tick[1], "middle small"))

    def _referral(self) -> str:
        x = self.x(self.timeline.last)
        line = f'<path class="referral" d="M{x:.1f} {_TOP - 6}V{self.bottom + 2}"/>'
        return line + _text(x + 10, self.bottom + 14, "this referral", "end small strong")

    def _lane(self, lane: Lane, y: float) -> list[str]:
        end = self.x(self.timeline.last)
        seen = min(self.x(lane.unseen_until or self.timeline.first), end)
        parts = [
            _text(_LEFT - 10, y + 4, lane.name, "end"),
            f'<path class="lane" d="M{seen:.1f} {y:g}H{end:.1f}"/>',
        ]
        if seen > _LEFT:
            parts.append(f'<path class="unseen" d="M{_LEFT} {y:g}H{seen:.1f}"/>')
        for bar in lane.bars:
            left, right = self.x(bar.first), self.x(bar.last)
            parts.append(_rect(left, y - 4, max(right - left, 2), 8, "bar"))
            if bar.ongoing:
                parts.append(f'<path class="on" d="M{right - 1:.1f} {y - 5:g}l6 5l-6 5z"/>')
        return parts + [self._point(point, y) for point in lane.points]

    def _point(self, point: Point, y: float) -> str:
        x = self.x(point.day)
        title = f"<title>{escape(f'{point.day.isoformat()}: {point.words}')}</title>"
        if point.mark == "trio":
            shape = f'<path class="trio" d="M{x - 6:.1f} {y:g}l6 -6l6 6l-6 6z">{title}</path>'
        elif point.mark == "without":
            shape = f'<path class="without" d="M{x - 3:.1f} {y:g}l3 -3l3 3l-3 3z">{title}</path>'
        elif point.mark == "missing":
            shape = _text(x, y + 4, "?", "middle strong")
        elif point.mark == "closure":
            shape = f'<path class="closure" d="M{x - 4:.1f} {y - 4:g}h8v8h-8z">{title}</path>'
        else:
            shape = f'<circle class="event" cx="{x:.1f}" cy="{y:g}" r="4.2">{title}</circle>'
        ring = f'<circle class="repeat" cx="{x:.1f}" cy="{y:g}" r="7.2"/>' if point.repeat else ""
        return shape + ring


def _rect(x: float, y: float, width: float, height: float, name: str) -> str:
    return f'<rect class="{name}" x="{x:.1f}" y="{y:g}" width="{width:.1f}" height="{height:g}"/>'


def _text(x: float, y: float, words: str, name: str) -> str:
    return f'<text class="{name}" x="{x:.1f}" y="{y:g}">{escape(words)}</text>'
