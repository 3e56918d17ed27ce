import csv
import io
import json
import zipfile

from odoo import http
from odoo.tests import BaseCase, HttpCase, tagged

from ..lib import spreadsheet_text

RISKY = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", " =1+1", "\ufeff=1+1")


@tagged("post_install", "-at_install")
class TestSpreadsheetText(BaseCase):
    def test_texts(self):
        """S10: what a program could run begins with an apostrophe."""
        for text in (*RISKY, "\0=1+1"):
            with self.subTest(text=text):
                self.assertEqual(spreadsheet_text.for_csv(text), f"'{text}")
        for text in ("", "Verdi", "1-1", "a=b", "'=1"):
            self.assertEqual(spreadsheet_text.for_csv(text), text)
        self.assertEqual(spreadsheet_text.for_xlsx("a\0b\x1fc\td"), "abc\td")
        self.assertEqual(
            spreadsheet_text.clean_json([{"title": "=1", "value": 3, "is_bold": True}]),
            [{"title": "'=1", "value": 3, "is_bold": True}],
        )


@tagged("post_install", "-at_install")
class TestSafeExport(HttpCase):
    def setUp(self):
        super().setUp()
        self.cards = self.env["res.partner"].create(
            [{"name": text.strip() or text, "comment": text} for text in RISKY]
            + [{"name": "https://example.com", "comment": "Verdi"}]
        )
        for card, text in zip(self.cards, RISKY, strict=False):
            # As an import or another program may have left it.
            self.env.cr.execute(
                "UPDATE res_partner SET street = %s WHERE id = %s", [text, card.id]
            )
        self.env.invalidate_all()
        self.authenticate("admin", "admin")

    def export(self, kind, **more):
        response = self.url_open(
            f"/web/export/{kind}",
            data={
                "data": json.dumps(
                    {
                        "model": "res.partner",
                        "fields": [
                            {"name": "street", "label": "=Street", "type": "char"},
                            {"name": "name", "label": "Name", "type": "char"},
                        ],
                        "ids": self.cards.ids,
                        "domain": [],
                        "import_compat": False,
                        "context": {},
                        **more,
                    }
                ),
                "csrf_token": self.csrf_token(),
            },
        )
        self.assertEqual(response.status_code, 200)
        return response.content

    def csrf_token(self):
        return http.Request.csrf_token(self)

    def assert_runs_nothing(self, content):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            sheet = file.read("xl/worksheets/sheet1.xml").decode()
            texts = file.read("xl/sharedStrings.xml").decode()
            links = [name for name in file.namelist() if "_rels/sheet" in name]
        self.assertNotIn("<f>", sheet)
        self.assertFalse(links)
        return texts

    def test_xlsx(self):
        """PAT-09, S10: no cell of an exported list is a formula or a link."""
        texts = self.assert_runs_nothing(self.export("xlsx"))
        self.assertIn("=1+1", texts)

    def test_xlsx_of_groups(self):
        """PAT-09, S10: neither is the title of a group."""
        content = self.export("xlsx", groupby=["street"])
        self.assertIn("=1+1", self.assert_runs_nothing(content))

    def test_csv(self):
        """PAT-09, S10: cells of a CSV file that could run begin with an apostrophe."""
        text = self.export("csv").decode()
        for row in csv.reader(io.StringIO(text, newline="")):
            for cell in row:
                self.assertFalse(spreadsheet_text.is_risky(cell), cell)

    def test_pivot(self):
        """PAT-09, S10: nor is a title of a pivot table."""
        titles = [{"title": text, "width": 1, "height": 1} for text in RISKY]
        response = self.url_open(
            "/web/pivot/export_xlsx",
            data={
                "data": json.dumps(
                    {
                        "title": "Contacts",
                        "model": "res.partner",
                        "measure_count": 1,
                        "col_group_headers": [titles],
                        "measure_headers": [{"title": "=M", "is_bold": True}],
                        "rows": [
                            {
                                "title": text,
                                "indent": 0,
                                "values": [{"value": "=2", "is_bold": False}],
                            }
                            for text in RISKY
                        ],
                    }
                ),
                "csrf_token": self.csrf_token(),
            },
        )
        self.assertEqual(response.status_code, 200)
        self.assert_runs_nothing(response.content)
