"""A picture of what a due row costs at each number of licences: flat lines are what we want."""

import math
from collections.abc import Iterable, Sequence

_COLOURS = ("#1f5fa8", "#b3541e", "#3d7a35")
_WIDE, _HIGH, _LEFT, _TOP, _FLOOR = 640, 360, 60, 50, 310


def draw(points: Sequence[tuple[str, int, float]]) -> str:
    """Give an SVG of lines, one for each name, over the number of licences (in powers of ten), from zero upwards."""
    sizes = sorted({licenses for _, licenses, _ in points})
    highest = math.ceil(max(cost for *_, cost in points) / 20) * 20
    parts = [*_frame(sizes, highest)]
    for number, name in enumerate(sorted({name for name, *_ in points})):
        line = sorted((licenses, cost) for of, licenses, cost in points if of == name)
        parts += _line(name, [(_x(a, sizes), _y(b, highest), b) for a, b in line], number)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" font-family="sans-serif"'
    title = "Microseconds to plan one due reminder, one licence in ten being due"
    return "\n".join(
        [
            f'{head} font-size="12" role="img" aria-label="{title}">',
            f'<rect width="{_WIDE}" height="{_HIGH}" fill="#ffffff"/>',
            f'<text x="{_LEFT}" y="24" font-size="14" fill="#222222">{title}</text>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _frame(sizes: list[int], highest: int) -> Iterable[str]:
    for value in range(0, highest + 1, 20):
        y = _y(value, highest)
        yield f'<path d="M{_LEFT} {y}H{_WIDE - 20}" stroke="#dddddd"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end" fill="#444444">{value}</text>'
    for size in sizes:
        yield f'<text x="{_x(size, sizes)}" y="{_FLOOR + 20}" text-anchor="middle" fill="#444444">{size:,}</text>'
    yield f'<text x="{(_LEFT + _WIDE) // 2}" y="{_FLOOR + 40}" text-anchor="middle" fill="#444444">licences</text>'


def _line(name: str, points: list[tuple[int, int, float]], number: int) -> Iterable[str]:
    colour = _COLOURS[number % len(_COLOURS)]
    yield f'<path d="M{"L".join(f"{x} {y}" for x, y, _ in points)}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y, cost in points:
        yield f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>'
        yield f'<text x="{x}" y="{y - 9}" text-anchor="middle" fill="{colour}">{cost:.0f}</text>'
    left = _LEFT + 20 + number * 120
    yield f'<text x="{left}" y="{_TOP - 6}" fill="{colour}" font-weight="bold">{name}</text>'


def _x(size: int, sizes: list[int]) -> int:
    span = math.log10(sizes[-1]) - math.log10(sizes[0]) or 1.0
    return round(_LEFT + 60 + (math.log10(size) - math.log10(sizes[0])) / span * (_WIDE - _LEFT - 140))


def _y(cost: float, highest: float) -> int:
    return round(_FLOOR - cost / highest * (_FLOOR - _TOP - 10))
