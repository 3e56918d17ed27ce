from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..lib import sms_text

KNOWN = "".join(sorted(sms_text.BASIC | sms_text.EXTENDED))


def cut(text):
    """Cut a text into parts as a network does, by trying every place."""
    size = 160 if sms_text.encoding(text) == "gsm7" else 70
    if sum(sms_text.units(text)) <= size:
        return [text]
    size -= 7 if size == 160 else 3
    parts, room = [""], size
    for char, places in zip(text, sms_text.units(text), strict=True):
        if places > room:
            parts.append("")
            room = size
        parts[-1] += char
        room -= places
    return parts


@tagged("post_install", "-at_install")
class TestSmsText(BaseCase):
    """MSG-04: the number of SMS parts is exact, whatever is written."""

    @settings(deadline=None, max_examples=300)
    @given(st.text(alphabet=KNOWN, max_size=700))
    def test_alphabet_of_telephones(self, text):
        self.assertEqual(sms_text.encoding(text), "gsm7")
        self.assertEqual(sms_text.segments(text), len(cut(text)))

    @settings(deadline=None, max_examples=300)
    @given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400))
    def test_any_text(self, text):
        parts = cut(text)
        self.assertEqual(sms_text.segments(text), len(parts))
        self.assertEqual("".join(parts), text)
        for part in parts if sms_text.encoding(text) == "ucs2" else ():
            self.assertLessEqual(len(part.encode("utf-16-be")), 140)

    def test_edges(self):
        for text, parts in (
            ("", 1),
            ("a" * 160, 1),
            ("a" * 161, 2),
            ("a" * 306, 2),
            ("a" * 307, 3),
            ("€" * 80, 1),
            ("€" * 81, 2),
            ("ж" * 70, 1),
            ("ж" * 71, 2),
            ("ж" * 134, 2),
            ("ж" * 135, 3),
            # 76 escapes fill 152 of 153 places: none is split.
            ("€" * 152, 2),
            ("€" * 153, 3),
            # 33 emojis fill 66 of 67 places.
            ("😀" * 35, 1),
            ("😀" * 66, 2),
            ("😀" * 67, 3),
        ):
            self.assertEqual(sms_text.segments(text), parts, repr(text[:3]))
