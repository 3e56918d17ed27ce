"""What a person wrote in an e-mail: plain text, without the letter it answers.

Mail programs add what they answer below the answer, each in its own way. What is cut
off too much is still in the clinic's letter box; what is left too much is read past.
"""

import re

from lxml import html

#: Lines that begin the quoted letter, in the languages the suite is shipped in.
QUOTED = re.compile(
    r"""
      ^\s*-{2,}\s*(original\ message|messaggio\ originale|forwarded\ message
          |messaggio\ inoltrato|исходное\ сообщение|пересылаемое\ сообщение
          |özgün\ (ileti|mesaj)|orijinal\ mesaj|原始邮件|转发的邮件)\s*-{2,}
    | ^\s*-{5,}\s*原始邮件
    | ^\s*_{20,}\s*$
    | ^.{4,200}(пишет|писал\(а\)|написал\(?а?\)?|şunları\ yazdı|yazdı|写道)\s*[:：]\s*$
    | ^\s*(from|da|от|kimden|gönderen|发件人)\s*[:：].{3,200}@
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: The same, in a line that mail programs break in two when it is long.
INTRODUCED = re.compile(
    r"^\s*(on\b.{4,200}\bwrote|il\b.{4,200}\bha scritto|le\b.{4,200}\ba écrit"
    r"|am\b.{4,200}\bschrieb.{0,80})\s*:\s*$",
    re.IGNORECASE,
)
#: Lines that begin the signature, or what telephones write below.
SIGNATURE = re.compile(
    r"^(--\s?|(sent from my|inviato da|отправлено с|iphone.?umdan gönderildi"
    r"|发自我的)\b.{0,60})$",
    re.IGNORECASE,
)
#: Elements in which mail programs put what is answered.
QUOTES = (
    "//blockquote",
    "//*[contains(concat(' ', @class, ' '), ' gmail_quote ')]",
    "//*[contains(concat(' ', @class, ' '), ' gmail_quote_container ')]",
    "//*[contains(@class, 'yahoo_quoted')]",
    "//*[contains(@class, 'moz-cite-prefix')]",
    "//*[@id='divRplyFwdMsg']/following-sibling::*",
    "//*[@id='divRplyFwdMsg' or @id='appendonsend']",
    "//*[@id='mail-editor-reference-message-container']",
)
#: Elements whose content is no text.
SILENT = "//script | //style | //head | //title | //template | //comment()"
#: Elements that end a line.
BLOCKS = "//p | //div | //li | //tr | //h1 | //h2 | //h3 | //h4 | //pre | //table"

#: What machines write into the subject when nobody reads the letter.
MACHINE = re.compile(
    r"^\s*(out of (the )?office|auto(matic)?[ -]?reply|autoreply|risposta automatica"
    r"|fuori (sede|ufficio)|автоматический ответ|автоответ|otomatik (yanıt|cevap)"
    r"|ofis dışında|自动回复|自動回覆)",
    re.IGNORECASE,
)
#: Mails longer than this are cut before they are looked at.
LONGEST = 200_000


def of_html(content):
    """The text of an HTML letter, without what is quoted, hidden or run.

    >>> of_html("<p>Yes</p><div class='gmail_quote'><p>Come?</p></div>")
    'Yes'
    >>> of_html("<style>p {}</style>a<br>b<script>x()</script>")
    'a\\nb'
    """
    try:
        tree = html.document_fromstring(content[:LONGEST])
    except (ValueError, html.etree.ParserError):
        return ""
    for element in tree.xpath(SILENT):
        drop(element)
    for path in QUOTES:
        for element in tree.xpath(path):
            drop(element)
    for element in tree.xpath("//br"):
        element.tail = "\n" + (element.tail or "")
    for element in tree.xpath(BLOCKS):
        element.tail = "\n" + (element.tail or "")
    return tidy(tree.text_content())


def drop(element):
    """Remove an element, and keep what follows it."""
    if element.getparent() is not None:
        element.drop_tree()


def tidy(text):
    """The text with single spaces and at most one empty line."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def answer(text):
    """What was written above the quoted letter and the signature.

    >>> answer("Yes\\n\\nOn Mon, 2 Mar 2026 Clinic <a@b.c> wrote:\\n> Come?")
    'Yes'
    >>> answer("> Come?\\nYes, I come")
    'Yes, I come'
    >>> answer("Да\\n\\n2 марта 2026, клиника пишет:\\n> ждём")
    'Да'
    """
    lines = (text or "")[:LONGEST].splitlines()
    kept = []
    for number, line in enumerate(lines):
        two = " ".join([line.rstrip(), *lines[number + 1 : number + 2]])
        ends = QUOTED.search(line) or INTRODUCED.search(line) or INTRODUCED.search(two)
        if ends or SIGNATURE.match(line.strip()):
            break
        kept.append(line)
    above = tidy("\n".join(each for each in kept if not each.lstrip().startswith(">")))
    if above:
        return above
    unquoted = [each for each in lines if not each.lstrip().startswith(">")]
    rest = [
        each
        for each in unquoted
        if not (QUOTED.search(each) or INTRODUCED.search(each))
    ]
    return tidy("\n".join(rest))


def is_automatic(headers, subject):
    """Whether a machine wrote the letter: an absence, a list, a receipt (RFC 3834).

    :param headers: a mapping whose ``get`` knows no capitals
    :param str subject: of the letter

    >>> is_automatic({"Auto-Submitted": "auto-replied"}, ""), is_automatic({}, "Re: Hi")
    (True, False)
    >>> is_automatic({}, "Risposta automatica: Promemoria")
    True
    """
    submitted = str(headers.get("Auto-Submitted") or "no").partition(";")[0].strip()
    precedence = str(headers.get("Precedence") or "").strip().lower()
    return (
        submitted.lower() not in ("", "no")
        or precedence in ("bulk", "list", "junk", "auto_reply")
        or any(
            headers.get(name)
            for name in ("X-Autoreply", "X-Autorespond", "List-Id", "List-Unsubscribe")
        )
        or bool(MACHINE.match(subject or ""))
    )
