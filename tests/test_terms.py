"""Five languages: what stands in English in the code can be read in all of them."""

import re
from collections import Counter

import polib
import pytest

from command import place
from command.inside import terms

ADDONS = sorted(path.name for path in place.ADDONS.iterdir() if path.is_dir())
#: What is filled in later stands in a translation as in the term.
FILLED_IN = re.compile(r"%\(\w+\)[sdrf]|%[sd]|%%|\{\{.*?\}\}|\$\{[^}]*\}")
#: What a paper says when its gap stays empty: words, hence translated.
EMPTY = re.compile(r"\s*\|\|\|.*(?=\}\})")
#: Names of fields and models: `_` was called where nobody reads.
NAME = re.compile(r"[a-z]+([._][a-z]+)+")
#: `env._` that is not called where it stands.
ALIAS = re.compile(r"\benv\._(?![\w(])")
TAG = re.compile(r"</?[a-zA-Z][^>]*>")
#: Attributes of a tag that people read.
READ = re.compile(r'\b(title|placeholder|aria-label|alt|label)="[^"]*"')
#: Shorter ones may be a sign or a code in another language.
WORD = re.compile(r"[A-Za-z]{3}")
#: Letters that a translation must have; Italian and Turkish have those of English.
LETTERS = {"ru": "[а-яё]", "zh_CN": "[\u4e00-\u9fff]"}


def entries(addon, language):
    """What is translated of an addon; a term that stands twice is an error."""
    file = polib.pofile(str(place.ADDONS / addon / "i18n" / f"{language}.po"))
    return {entry.msgid: entry for entry in file}


def marks(text):
    """Placeholders and tags of a text, as often as they stand in it."""
    tags = [READ.sub(r'\1=""', tag) for tag in TAG.findall(text)]
    gaps = [EMPTY.sub(" ", gap) for gap in FILLED_IN.findall(text)]
    return Counter(gaps + tags)


def damages(entry, language):
    """What is wrong with one translation; words for a translator."""
    term, text = entry.msgid, entry.msgstr
    if not text.strip():
        yield "empty"
    if entry.fuzzy or entry.obsolete:
        yield "a guess"
    if marks(term) != marks(text):
        yield "other placeholders or tags"
    if (term[:1].isspace(), term[-1:].isspace()) != (
        text[:1].isspace(),
        text[-1:].isspace(),
    ):
        yield "other spaces at its ends"
    letters = LETTERS.get(language)
    if letters and text != term and WORD.search(term):
        if not re.search(letters, text, re.IGNORECASE):
            yield "no letter of the language"


@pytest.mark.beside
@pytest.mark.parametrize("addon", ADDONS)
def test_terms_are_words(addon):
    """OPS-04: translators get no names of fields, and nothing without words."""
    wanted = polib.pofile(str(place.ADDONS / addon / "i18n" / f"{addon}.pot"))
    names = [e.msgid for e in wanted if not e.msgid or NAME.fullmatch(e.msgid)]
    assert not names


@pytest.mark.beside
@pytest.mark.parametrize("language", terms.LANGUAGES)
@pytest.mark.parametrize("addon", ADDONS)
def test_everything_is_translated(addon, language):
    """OPS-04: each term of each addon in each language, with its placeholders."""
    wanted = polib.pofile(str(place.ADDONS / addon / "i18n" / f"{addon}.pot"))
    there = entries(addon, language)
    missing = [entry.msgid for entry in wanted if entry.msgid not in there]
    assert not missing, f"{len(missing)} terms: {missing[:20]}"
    damaged = [
        f"{entry.msgid!r}: {entry.msgstr!r}: {words}"
        for entry in there.values()
        for words in damages(entry, language)
    ]
    assert not damaged, "\n".join(damaged[:20])


@pytest.mark.beside
@pytest.mark.parametrize("addon", ADDONS)
def test_no_term_behind_another_name(addon):
    """OPS-04: `words = self.env._` would hide its terms: only `_(` is looked for."""
    hidden = [
        f"{path}:{number}"
        for path in (place.ADDONS / addon).rglob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if ALIAS.search(line)
    ]
    assert not hidden


def test_translators_see_what_the_code_says(site):
    """The files for translators hold the terms of the code: `./clinic terms`."""
    with site.env() as env:
        for addon in ADDONS:
            kept = polib.pofile(str(place.ADDONS / addon / "i18n" / f"{addon}.pot"))
            written = {entry.msgid for entry in kept}
            exported = {entry.msgid for entry in terms.template(env, addon)}
            difference = sorted(written ^ exported)
            assert not difference, f"{addon}: ./clinic terms, for {difference[:20]}"
