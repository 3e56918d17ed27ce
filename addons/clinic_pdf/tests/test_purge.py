from odoo.tests import BaseCase, tagged

from ..lib import purge

SHEET = """
@charset "utf-8"; @import url("/elsewhere.css");
/* a comment with .braces { } */
.used, .unused > a, td.used:not(.unused) { color: red; content: "}" }
.unused.used { color: blue }
body { font-family: Mine, sans-serif }
#there .used { top: 0 } #elsewhere { top: 1 }
.w-50\\% { width: 50% }
@media print { .used { top: 2 } .unused { top: 3 } }
@media (min-width: 900px) { .used { top: 4 } }
@font-face { font-family: "Mine"; src: url(a.eot); src: url(a.eot) format("eot"),
  url(a.woff) format("woff"), url(a.svg#x) format("svg"); font-weight: 400 }
@font-face { font-family: "Mine"; src: url(b.woff); font-weight: 900 }
@font-face { font-family: "Other"; src: url(c.woff) }
"""


@tagged("post_install", "-at_install")
class TestPurge(BaseCase):
    """What is left of a style sheet for a paper."""

    def test_purge(self):
        """Rules that may match stay, others go; fonts that are used stay."""
        page = '<p class="used w-50%" id=\'there\'><i class="a b"></i></p>'
        names = purge.names_in(page, None)
        self.assertEqual(names, {"used", "w-50%", "there", "a", "b"})
        left = purge.purge(SHEET, names)
        for words in ("red", 'content: "}"', "top: 0", "50%", "top: 2", "a.woff"):
            self.assertIn(words, left)
        self.assertIn("td.used:not(.unused)", left)
        for words in ("blue", "unused >", "top: 1", "top: 3", "top: 4", "elsewhere"):
            self.assertNotIn(words, left)
        for words in (".eot", ".svg", "b.woff", "c.woff"):
            self.assertNotIn(words, left)

    def test_broken_sheets(self):
        """A sheet that ends in the middle breaks nothing."""
        for text in ("", "{", "}", "a {", "a { b: c } }", "/* ", "@media print {"):
            with self.subTest(text):
                purge.purge(text, set())
