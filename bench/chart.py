"""The chart of docs/performance.md: an SVG, written by hand."""

import json
import math
from html import escape

WIDTH, LEFT, RIGHT, ROW = 860, 330, 110, 30


def draw(results, target):
    """Draw how much quicker the product is than the peer, and how near raw SQL."""
    content = json.loads(results.read_text())
    rows = [r for r in content["rows"] if r["note"].startswith("peer / product")]
    near = [r for r in content["rows"] if r["note"].startswith("product / raw")]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(svg(rows, near, content))


def write_table(results, page):
    """Put the figures into the page, between its two marks."""
    content = json.loads(results.read_text())
    machine = content["machine"]
    lines = [
        f"{content['date']}: {machine['cores']} cores ({machine['processor']}), load"
        f" {machine['load']}, PostgreSQL {machine['postgresql']}.",
        "",
        "| work | size | peer | raw SQL | product | ratio | target | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in content["rows"]:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:,.2f}"
        cells = [row[name] for name in ("name", "size", "peer", "raw", "product")]
        cells += [ratio, row["target"], row["verdict"]]
        lines.append("| " + " | ".join(cells) + " |")
    before, begin, rest = page.read_text().partition("<!-- figures -->\n")
    _old, end, after = rest.partition("<!-- end of figures -->")
    table = "\n".join(lines) + "\n"
    page.write_text(before + begin + table + end + after)


def svg(rows, near, content):
    """The picture."""
    lines, y = [], 60
    machine = content["machine"]
    for title, part, most in (
        ("Times quicker than the peer (OCA resource_booking)", rows, None),
        ("Times as long as the best raw SQL", near, None),
    ):
        if not part:
            continue
        lines.append(f'<text x="20" y="{y}" class="title">{escape(title)}</text>')
        y += 18
        most = max(r["ratio"] for r in part)
        for row in part:
            lines += bar(row, y, most)
            y += ROW
        y += 34
    note = f"{content['date']}, {machine['cores']} cores, PostgreSQL "
    note += machine["postgresql"]
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}"
 role="img" aria-label="Measured ratios of the clinic suite">
<style>text {{ font: 14px sans-serif; fill: #333 }} .title {{ font-weight: bold }}
.small {{ font-size: 12px; fill: #666 }} .bar {{ fill: #4a7fa5 }}
.target {{ stroke: #b3471d; stroke-width: 2 }}</style>
<rect width="{WIDTH}" height="{y}" fill="#fff"/>
<text x="20" y="28" class="small">{escape(note)}; the red line is the target</text>
{chr(10).join(lines)}
</svg>
"""


def bar(row, y, most):
    """One bar on a logarithmic scale, with its target."""
    room = WIDTH - LEFT - RIGHT
    bound = float(row["target"].partition(" ")[2])
    scale = math.log1p(max(most, bound))
    length = room * math.log1p(row["ratio"]) / scale
    mark = LEFT + room * math.log1p(bound) / scale
    name = f"{row['name']} {row['size']}".strip()
    return [
        f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end">{escape(name)}</text>',
        f'<rect x="{LEFT}" y="{y}" width="{length:.0f}" height="20" class="bar"/>',
        f'<line x1="{mark:.0f}" x2="{mark:.0f}" y1="{y - 3}" y2="{y + 23}"'
        ' class="target"/>',
        f'<text x="{LEFT + length + 8:.0f}" y="{y + 15}">{row["ratio"]:,.1f}</text>',
    ]
