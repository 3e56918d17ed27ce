"""What somebody reads on a page, and which of it is English of ours."""

import re

import polib

from command import place

#: Everything that is painted, and what a reader of screens says.
SHOWN = """() => {
    const texts = [document.title];
    const hidden = ["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "TEXTAREA"];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        const painted = parent.closest("select") || parent;
        if (!hidden.includes(parent.tagName) && painted.checkVisibility()) {
            texts.push(walker.currentNode.textContent);
        }
    }
    const names = ["title", "placeholder", "aria-label", "alt", "data-tooltip"];
    for (const name of names) {
        for (const element of document.body.querySelectorAll(`[${name}]`)) {
            if (element.checkVisibility()) {
                texts.push(element.getAttribute(name));
            }
        }
    }
    return texts;
}"""
#: Where a term is not read as it stands: tags, and what is filled in.
GAP = re.compile(r"<[^>]*>|%\(\w+\)[sdrf]|%[sd]|\{\{.*?\}\}|\$\{[^}]*\}")
#: So many letters of two words or more are no chance.
LONG = 8


def pieces(term):
    """The parts of a term that stand on a page without a break."""
    return [" ".join(part.split()).strip(" .,:;·–…") for part in GAP.split(term)]


class English:
    """The English of our addons that has another translation in a language.

    :param str language: as the files of translations are called, for example ``it``
    :param allowed: words of the test's own data, which are no terms
    """

    def __init__(self, language, allowed=()):
        self.allowed = set(allowed)
        self.words, self.sentences = set(), set()
        translated = set()
        for path in place.ADDONS.glob(f"*/i18n/{language}.po"):
            for entry in polib.pofile(str(path)):
                translated.update(pieces(entry.msgstr))
                if entry.msgid != entry.msgstr:
                    self.add(entry.msgid)
        self.words -= translated
        self.sentences -= translated

    def add(self, term):
        """Take up a term: whole, and what of it is longer than chance."""
        whole = " ".join(term.split())
        if re.search("[A-Za-z]{2}", whole) and not GAP.search(term):
            self.words.add(whole)
        self.sentences.update(
            piece for piece in pieces(term) if " " in piece and len(piece) >= LONG
        )

    def on(self, page):
        """What of it a page shows; a sorted list."""
        texts = {" ".join(text.split()) for text in page.evaluate(SHOWN) if text}
        texts -= self.allowed
        found = {text for text in texts if text in self.words}
        everything = " | ".join(texts)
        found |= {
            sentence
            for sentence in self.sentences
            if sentence in everything
            and re.search(rf"(?<!\w){re.escape(sentence)}(?!\w)", everything)
        }
        return sorted(found)
