"""Styles of a site, cut down to what a paper uses. Plain Python.

A bundle holds thousands of rules for screens; reading them takes longer than setting
the paper. What no class or id of the paper can match is left out; which of the rest
matches is the press's business.
"""

import re

CLASS = re.compile(r"\.((?:[\w-]|\\.|[^\x00-\x7f])+)")
ID = re.compile(r"#([\w-]+)")
NOT = re.compile(r":(?:not|is|where)\((?:[^()]|\([^()]*\))*\)")
NAMES = re.compile(r"""\b(class|id)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
#: A whole comment or text in quotes: braces in it are no braces.
SKIPPED = re.compile(r"""/\*.*?\*/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.S)
#: Kinds of a font that the press reads, of the faces that papers use.
OLD_FORMAT = re.compile(r"url\([^)]*\.(?:eot|svg)[^)]*\)\s*(?:format\([^)]*\))?\s*,?")
WEIGHT = re.compile(r"font-weight\s*:\s*([\w ]+)")
FAMILY = re.compile(r"font-family\s*:\s*[\"']?([^;\"'}]+)")
WEIGHTS = {"400", "700", "normal", "bold"}


def names_in(*pages):
    """The classes and ids in pages of HTML."""
    found = set()
    for page in pages:
        for _kind, double, single in NAMES.findall(page or ""):
            found.update((double or single).split())
    return found


def rules(css):
    """``(what stands before the braces, what stands in them)`` of each rule.

    A rule without braces (``@import``, ``@charset``) has ``None`` in them.
    """
    plain = SKIPPED.sub(lambda found: " " * len(found[0]), css)
    start = depth = 0
    opened = None
    for found in re.finditer(r"[{};]", plain):
        sign, at = found[0], found.start()
        if sign == "{":
            if not depth:
                opened = at
            depth += 1
        elif sign == "}":
            depth = max(0, depth - 1)
            if not depth and opened is not None:
                yield css[start:opened].strip(), css[opened + 1 : at]
                start, opened = at + 1, None
        elif not depth:
            yield css[start:at].strip(), None
            start = at + 1


def fits(selector, names):
    """Whether something of these names may match the selector."""
    bare = NOT.sub("", selector)
    wanted = {re.sub(r"\\(.)", r"\1", name) for name in CLASS.findall(bare)}
    return (wanted | set(ID.findall(bare))) <= names


def purge(css, names, fonts=()):
    """The rules that a paper with these names may use.

    :param str css: a style sheet
    :param set names: classes and ids of the paper
    :param fonts: families that are used anyway
    """
    kept, faces = [], []
    for head, body in rules(css):
        if body is None:
            # Nothing is imported: bundles hold what they need.
            continue
        head = re.sub(r"/\*.*?\*/", "", head, flags=re.S).strip()
        if head.startswith("@font-face"):
            faces.append(body)
        elif head.startswith(("@media", "@supports")):
            if head.startswith("@media") and re.search(r"screen|\(", head):
                continue
            inner = purge(body, names)
            kept.append(f"{head}{{{inner}}}" if inner else "")
        elif head.startswith("@page"):
            kept.append(f"{head}{{{body}}}")
        elif not head.startswith("@"):
            selectors = [s for s in _split(head) if fits(s, names)]
            if selectors:
                kept.append(f"{','.join(selectors)}{{{body}}}")
    text = "\n".join(filter(None, kept))
    used = {font.lower() for font in fonts}
    for face in faces:
        family = (FAMILY.search(face) or ["", ""])[1].strip()
        weight = (WEIGHT.search(face) or ["", "400"])[1].strip()
        if weight in WEIGHTS and (family.lower() in used or family in text):
            face = re.sub(r",\s*(?=;|$)", "", OLD_FORMAT.sub("", face))
            face = re.sub(r"src:\s*;", "", face)
            text = f"@font-face{{{face}}}\n{text}"
    return text


def _split(head):
    """The selectors of a list; commas in brackets part nothing."""
    return re.split(r",(?![^(\[]*[)\]])", head)
