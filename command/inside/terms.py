"""Write the terms of our addons anew, and keep what is translated of them.

Run with Odoo's options, `--`, the database's name, the folder of the addons and their
names. Each addon's `.pot` is what Odoo exports. Each `.po` holds the terms of its
`.pot` that have a translation in any of our addons: a term that has moved to another
addon takes its translation along. Prints a line for each file.
"""

import io
import sys
from pathlib import Path

import polib

import odoo
from odoo.modules.registry import Registry
from odoo.tools.translate import trans_export

#: The languages of the suite besides English.
LANGUAGES = ("it", "ru", "tr", "zh_CN")
#: What changes with each export and says nothing.
DATES = ("POT-Creation-Date", "PO-Revision-Date")


def template(env, addon):
    """The terms of an addon as Odoo exports them."""
    written = io.BytesIO()
    trans_export(False, [addon], written, "po", env)
    found = polib.pofile(written.getvalue().decode())
    for name in DATES:
        found.metadata.pop(name, None)
    return found


def translated(file):
    """``{term: translation}`` of a file that may not be there."""
    if not file.exists():
        return {}
    return {
        entry.msgid: entry.msgstr
        for entry in polib.pofile(str(file))
        if entry.msgstr and not entry.fuzzy and not entry.obsolete
    }


def filled(terms, language, *sources):
    """A file of these terms with the first translation that one of the sources has."""
    file = polib.POFile(wrapwidth=terms.wrapwidth)
    file.header = terms.header
    file.metadata = {**terms.metadata, "Language": language}
    for entry in terms:
        for source in sources:
            if entry.msgid in source:
                file.append(
                    polib.POEntry(
                        msgid=entry.msgid,
                        msgstr=source[entry.msgid],
                        comment=entry.comment,
                        tcomment=entry.tcomment,
                        occurrences=entry.occurrences,
                        flags=entry.flags,
                    )
                )
                break
    return file


def main():
    """Write the files of all addons named on the command line."""
    arguments, (name, addons, *names) = split(sys.argv[1:])
    odoo.tools.config.parse_config([*arguments, "-d", name])
    folder = Path(addons)
    with Registry(name).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        templates = {addon: template(env, addon) for addon in names}
    own = {
        (addon, language): translated(folder / addon / "i18n" / f"{language}.po")
        for addon in names
        for language in LANGUAGES
    }
    for addon, terms in templates.items():
        place = folder / addon / "i18n"
        place.mkdir(exist_ok=True)
        terms.save(str(place / f"{addon}.pot"))
        for language in LANGUAGES:
            others = [own[other, language] for other in names if other != addon]
            file = filled(terms, language, own[addon, language], *others)
            file.save(str(place / f"{language}.po"))
            print(f"{addon} {language}: {len(file)} of {len(terms)}")


def split(words):
    """Odoo's options, and what stands after `--`."""
    at = words.index("--")
    return words[:at], words[at + 1 :]


if __name__ == "__main__":
    main()
