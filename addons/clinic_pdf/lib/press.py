"""The process that sets a paper: HTML in, PDF out, and nothing else.

Started by ``paper.py`` as a script. What it needs beside the text (styles, pictures) it
asks its parent for, one line of JSON each: it opens no connection and no file by an
address that stands in the text. Imports nothing of Odoo.
"""

import base64
import json
import sys
from pathlib import Path

# Isolated from the caller's settings, this folder is not on the path by itself.
sys.path.insert(0, str(Path(__file__).parent))

import purge  # noqa: E402
from weasyprint import CSS, HTML  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402
from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: E402

#: Millimetres between the edge of the sheet and a header or footer, and to the text.
EDGE, GAP = 4, 4


class AskParent(URLFetcher):
    """Fetches by asking the parent; ``data:`` addresses hold their own answer."""

    def __init__(self, names, fonts):
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self.known, self.names, self.fonts = {}, names, fonts

    def fetch(self, url, headers=None):
        """What the parent has for an address.

        :raises ValueError: it has nothing
        """
        if url.startswith("data:"):
            return super().fetch(url, headers)
        if url not in self.known:
            self.known[url] = self.ask(url)
        if not self.known[url]:
            raise ValueError("not part of this paper")
        body, kind = self.known[url]
        return URLFetcherResponse(url, body, {"Content-Type": kind})

    def ask(self, url):
        """``(content, type)`` as the parent says it, styles cut down; or nothing."""
        say({"fetch": url})
        found = json.loads(sys.stdin.readline())
        if not found:
            return None
        body, kind = base64.b64decode(found["data"]), found["type"]
        if kind == "text/css":
            text = body.decode("utf-8", "replace")
            body = purge.purge(text, self.names, self.fonts).encode()
        return body, kind


def say(words):
    """One line to the parent."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


#: Styles of the sheet, and page numbers. Those of the paper come before these, save for
#: what is important.
STYLE = """
@page {{ size: {width}mm {height}mm; margin: {top}mm {right}mm {bottom}mm {left}mm;
  @top-center {{ content: element(clinic-header); width: 100%; height: 100%;
    vertical-align: top; padding-top: {edge}mm; text-align: left; }}
  @bottom-center {{ content: element(clinic-footer); width: 100%; height: 100%;
    vertical-align: bottom; padding-bottom: {edge}mm; text-align: left; }} }}
html, body {{ height: auto !important; overflow: visible !important; }}
body {{ margin: 0 !important; padding-top: 0 !important;
  padding-bottom: 0 !important; }}
.clinic-header {{ position: running(clinic-header); }}
.clinic-footer {{ position: running(clinic-footer); }}
.clinic-header, .clinic-footer {{ width: 100%; }}
.clinic-inset {{ margin: 0 {inset}px !important; }}
span.page::before {{ content: counter(page); }}
span.topage::before {{ content: counter(pages); }}
h1, h2, h3, h4, h5, h6 {{ bookmark-level: {level}; break-after: avoid; }}
tr {{ break-inside: avoid; }}
thead {{ display: table-header-group; }}
tfoot {{ display: table-row-group !important; }}
body, .article, .header, .footer {{ font-family: {fonts} !important; }}
"""
#: After the clinic's own: Greek and Cyrillic; what holds Chinese; whatever is there.
FONTS = ("Noto Sans", "DejaVu Sans", "Noto Sans CJK SC", "Droid Sans Fallback")


def style(sheet, top=0, bottom=0, single=True, inset=0):
    """The styles of a sheet.

    :param bool single: one paper, so that its headings may become bookmarks
    :param float inset: what the text keeps from the margins, in pixels
    """
    return CSS(
        string=STYLE.format(
            width=sheet["width"],
            height=sheet["height"],
            left=sheet["left"],
            right=sheet["right"],
            top=top,
            bottom=bottom,
            edge=EDGE,
            inset=inset,
            fonts=", ".join(f'"{name}"' for name in (sheet["font"], *FONTS))
            + ", sans-serif",
            level="inherit" if single else "none",
        )
    )


def measure(html, sheet, fetcher, fonts):
    """``(height, inset)`` of a header or footer: millimetres, pixels at its sides."""
    page = HTML(string=html, url_fetcher=fetcher).render(
        stylesheets=[style({**sheet, "height": 2000})], font_config=fonts
    )
    body = page.pages[0]._page_box.children[0].children[0]
    high = max((box.margin_height() for box in body.children), default=0)
    return high * 25.4 / 96, body.padding_left


def set_paper(paper, sheet, fetcher, fonts, single):
    """One paper, its pages set."""
    html = paper["body"]
    start = html.index(">", html.index("<body")) + 1
    frame, rest = html[:start], html[html.index("</body>") :]
    marks, edges, inset = "", {}, 0
    for name, edge in (("header", "top"), ("footer", "bottom")):
        edges[edge] = max(sheet[edge], EDGE)
        if part := paper.get(name):
            high, inset = measure(frame + part + rest, sheet, fetcher, fonts)
            edges[edge] = max(edges[edge], high + EDGE + GAP)
            inside = f'<div class="clinic-inset">{part}</div>'
            marks += f'<div class="clinic-{name}">{inside}</div>'
    return HTML(string=html[:start] + marks + html[start:], url_fetcher=fetcher).render(
        stylesheets=[style(sheet, **edges, single=single, inset=inset)],
        font_config=fonts,
        presentational_hints=True,
    )


def main():
    """Read the papers, write the PDF."""
    order = json.loads(sys.stdin.readline())
    papers, sheet = order["papers"], order["sheet"]
    names = purge.names_in(*(part for paper in papers for part in paper.values()))
    fetcher, fonts = AskParent(names, [sheet["font"]]), FontConfiguration()
    documents = [
        set_paper(paper, sheet, fetcher, fonts, len(papers) == 1) for paper in papers
    ]
    first = documents[0]
    first.metadata.title = order["title"]
    pages = [page for document in documents for page in document.pages]
    pdf = first.copy(pages).write_pdf(
        pdf_variant=order["variant"] or None, custom_metadata=False
    )
    say({"pdf": base64.b64encode(pdf).decode()})


if __name__ == "__main__":
    main()
