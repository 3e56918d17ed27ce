"""Dates on pages and papers: what tests of every room ask of them."""

import re

LANGUAGES = ("en_US", "it_IT", "ru_RU", "tr_TR", "zh_CN")
#: A day in figures, as one reader takes for December and another for January.
FIGURES = re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}[./-]\d{1,2}[./-]\d")


def words_of(page):
    """What somebody reads of a page; not what stands in addresses and scripts."""
    body = page.find(".//body") if page.tag != "body" else page
    for part in body.xpath(".//script|.//style|.//input|.//template"):
        part.drop_tree()
    return " ".join(body.text_content().split())
