"""Words by which patients answer, in the languages the suite is shipped in."""

import re
import unicodedata

WORDS = {
    "confirm": "confirm confirmed conferma confermo confermato подтверждаю "
    "подтвердить onayla onay onayliyorum 确认",
    "yes": "yes y ok okay si sì да evet tamam 是 好 好的 可以",
    "no": "no нет hayir 不 否 不要",
    "cancel": "cancel annulla annullo disdici disdico отмена отменить отменяю "
    "vazgec vazgectim 取消",
    "move": "move change reschedule sposta spostare cambia перенести перенос "
    "degistir ertele 改期 改时间",
    "stop": "stop stopall unsubscribe end quit basta cancellami стоп отписка "
    "iptal dur ret td 退订 停止",
    "start": "start unstop subscribe inizia старт basla 开始 恢复订阅",
    "help": "help info aiuto помощь yardim 帮助",
}

#: A message that holds more words is read by a person.
MOST_WORDS = 3

#: Turkish letters that have no decomposition.
PLAIN = str.maketrans({"ı": "i", "ø": "o", "ł": "l"})


def plain(text):
    """The text in small letters, without accents and punctuation.

    >>> plain("İPTAL!"), plain(" Sì. ")
    ('iptal', 'si')
    """
    split = unicodedata.normalize("NFKD", (text or "").casefold()).translate(PLAIN)
    kept = "".join(
        char if char.isalnum() else " "
        for char in split
        if not unicodedata.combining(char)
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


MEANING = {
    plain(word): meaning for meaning, words in WORDS.items() for word in words.split()
}


def keyword(text):
    """What a short answer means, or ``None`` when a person is to read it.

    >>> keyword("Yes, please"), keyword("СТОП"), keyword("iptal"), keyword("退订")
    ('yes', 'stop', 'stop', 'stop')
    >>> keyword("yes no"), keyword("Can I come on Tuesday with my dog?")
    (None, None)
    """
    words = plain(text).split()
    if not words or len(words) > MOST_WORDS:
        return None
    meanings = {MEANING[word] for word in words if word in MEANING}
    if "stop" in meanings:
        return "stop"
    if meanings == {"yes", "confirm"}:
        return "confirm"
    return meanings.pop() if len(meanings) == 1 else None


def number(text):
    """The number that an answer consists of, or ``None``.

    >>> number(" 2. "), number("2 or 3")
    (2, None)
    """
    found = re.fullmatch(r"[1-9]", plain(text))
    return int(found.group()) if found else None
