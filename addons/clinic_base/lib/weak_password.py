"""Which passwords are tried first. Plain Python, no Odoo.

A short list beats a rule of «one capital, one sign»: people answer such rules with
`Password1!`.
"""

import re
import unicodedata

#: Signs that a password has at least, of different kinds.
DISTINCT = 5
#: Words that lists of stolen passwords begin with, in the languages of the suite.
COMMON = frozenset(
    "password passwort passe motdepasse parola senha sifre parol mima admin "
    "administrator welcome benvenuto hosgeldiniz qwerty qwertz azerty asdfgh zxcvbn "
    "iloveyou letmein dragon monkey football abcdef master login clinic clinica "
    "clinique klinik klinika doctor dottore doktor hospital ospedale hastane secret "
    "segreto test demo odoo juventus galatasaray fenerbahce besiktas spartak "
    "natasha ".split()
)


def plain(text):
    """Small letters without accents and signs; digits like letters are letters."""
    text = unicodedata.normalize("NFKD", text or "").casefold()
    text = text.translate(str.maketrans("0134$5@7ı", "oieassati"))
    return re.sub(
        r"[^\w]|_", "", "".join(c for c in text if not unicodedata.combining(c))
    )


def is_weak(password, words=()):
    """Whether a password is one of those that are guessed first.

    :param str password: as it was typed
    :param words: what everybody knows of the person: names, login, e-mail
    """
    if len(set(password)) < DISTINCT:
        return True
    if _is_run(password):
        return True
    core = re.sub(r"^[\d\W_]+|[\d\W_]+$", "", password)
    cores = {plain(password), plain(core)}
    known = {plain(word) for word in words if word}
    known |= {plain((word or "").partition("@")[0]) for word in words}
    known |= {plain(part) for word in words for part in re.split(r"\W+", word or "")}
    return any(
        not word or word in COMMON or (len(word) > 2 and word in known)
        for word in cores
    )


def _is_run(password):
    """12345678, abcdefgh, 87654321: each sign is the next one of the one before."""
    steps = {ord(b) - ord(a) for a, b in zip(password, password[1:], strict=False)}
    return steps in ({1}, {-1})
