"""A report as a picture: a bar for each day, divided by the most frequent values, in light and dark."""

from collections.abc import Iterator
from datetime import date, timedelta
from math import ceil, log10

from markupsafe import Markup

from suite.statistics.reports import Report

_WIDTH, _HEIGHT = 960, 420
_LEFT, _TOP, _RIGHT, _BOTTOM = 70, 60, 250, 40
_COLOURS = 5
_REST = "the rest"
_STYLE = (
    "svg{color-scheme:light dark;--ink:#1b1f24;--faint:#d5d9de;--ground:#fff;--c0:#1f5fbf;--c1:#c2410c;--c2:#15803d;"
    "--c3:#8b2fb5;--c4:#0e7490;--c5:#6b7280}"
    "@media(prefers-color-scheme:dark){svg{--ink:#e8eaed;--faint:#3b424a;--ground:#14171a;--c0:#7fb0ff;--c1:#ff9d66;"
    "--c2:#5fd38d;--c3:#d59bf6;--c4:#5cc8de;--c5:#9aa3ad}}"
    "text{fill:var(--ink);font:13px system-ui,sans-serif}.title{font-size:16px;font-weight:600}"
    ".ground{fill:var(--ground)}.line{stroke:var(--faint)}"
    + "".join(f".c{number}{{fill:var(--c{number})}}" for number in range(_COLOURS + 1))
)


def svg(report: Report) -> str:
    """Draw a report; the description says in words what the bars show."""
    names = [value for value, _ in report.values[:_COLOURS]]
    title = f"{report.service}, by {report.dimension}, {report.since} to {report.until}"
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
            'aria-labelledby="title desc"><title id="title">{title}</title><desc id="desc">{says}</desc>'
            '<style>{style}</style><rect class="ground" width="{width}" height="{height}"/>'
            '<text class="title" x="{left}" y="30">{title}</text>{scale}{bars}{legend}</svg>\n'
        ).format(
            width=_WIDTH,
            height=_HEIGHT,
            left=_LEFT,
            title=title,
            says=_in_words(report),
            style=Markup(_STYLE),  # noqa: S704 - our own words
            scale=Markup().join(_scale(report)),
            bars=Markup().join(_bars(report, names)),
            legend=Markup().join(_legend(report, names)),
        )
    )


def _in_words(report: Report) -> str:
    if not report.rows:
        return "There are no figures for these days."
    most = "; ".join(f"{value}: {times:,}" for value, times in report.values[:_COLOURS])
    busiest, times = max(report.days, key=lambda one: one[1])
    return f"{report.total:,} in all. Most frequent: {most}. The busiest day was {busiest} with {times:,}."


def _top(report: Report) -> int:
    """Give the end of the scale: one, two or five with zeros, at or above the largest day."""
    largest = max((times for _, times in report.days), default=1)
    step: int = 10 ** int(log10(largest))
    return next(step * factor for factor in (1, 2, 5, 10) if step * factor >= largest)


def _scale(report: Report) -> Iterator[Markup]:
    top, height = _top(report), _HEIGHT - _TOP - _BOTTOM
    for number in sorted({0, ceil(top / 2), top}):
        y = _HEIGHT - _BOTTOM - height * number / top
        yield Markup(
            '<line class="line" x1="{}" x2="{}" y1="{y:.1f}" y2="{y:.1f}"/>'
            '<text x="{}" y="{:.1f}" text-anchor="end">{:,}</text>'
        ).format(_LEFT, _WIDTH - _RIGHT, _LEFT - 8, y + 4, number, y=y)
    for day, anchor, x in ((report.since, "start", _LEFT), (report.until, "end", _WIDTH - _RIGHT)):
        yield Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(x, _HEIGHT - 14, anchor, day)


def _bars(report: Report, names: list[str]) -> Iterator[Markup]:
    number_of_days = (report.until - report.since).days + 1
    room = (_WIDTH - _LEFT - _RIGHT) / max(1, number_of_days)
    unit = (_HEIGHT - _TOP - _BOTTOM) / _top(report)
    by_day: dict[date, list[int]] = {day: [0] * (_COLOURS + 1) for day, _ in report.days}
    for day, value, times in report.rows:
        by_day[day][names.index(value) if value in names else _COLOURS] += times
    for day, parts in by_day.items():
        x, y = _LEFT + room * ((day - report.since) // timedelta(days=1)), float(_HEIGHT - _BOTTOM)
        pieces = []
        for colour, times in enumerate(parts):
            y -= times * unit
            if times:
                pieces.append(
                    Markup('<rect class="c{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"/>').format(
                        colour, x + room * 0.1, y, room * 0.8, times * unit
                    )
                )
        yield Markup("<g><title>{}: {:,}</title>{}</g>").format(day, sum(parts), Markup().join(pieces))


def _legend(report: Report, names: list[str]) -> Iterator[Markup]:
    sums = dict(report.values)
    rest = report.total - sum(sums[name] for name in names)
    shown = [(name, sums[name]) for name in names] + ([(_REST, rest)] if rest else [])
    for number, (name, times) in enumerate(shown):
        y = _TOP + 10 + 26 * number
        colour = number if number < len(names) else _COLOURS
        said = name if len(name) <= 24 else f"{name[:23]}…"
        yield Markup('<rect class="c{}" x="{x}" y="{}" width="12" height="12"/><text x="{}" y="{}">{}</text>').format(
            colour, y, _WIDTH - _RIGHT + 42, y + 11, f"{said}  {times:,}", x=_WIDTH - _RIGHT + 20
        )
