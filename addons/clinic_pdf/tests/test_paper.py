import io
import re
import socket

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from ..lib import paper

#: A word of each script that the suite speaks.
WORDS = ("Impianto", "Зубной", "Diş şığüİ", "种植牙", "Ωμέγα")
SHEET = {
    **{"width": 210, "height": 297, "font": "Lato"},
    **{"left": 0, "right": 0, "top": 40, "bottom": 20},
}


def plain(text):
    return re.sub(r"\s+", "", text)


@tagged("post_install", "-at_install")
class TestPaper(TransactionCase):
    """A paper by Odoo's own call: headers, numbers, fonts; nothing from outside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.write(
            {
                "external_report_layout_id": cls.env.ref(
                    "web.external_layout_standard"
                ).id,
                "company_details": "<p>Clinic of the test</p>",
                "report_footer": "<p>Footer of the test</p>",
            }
        )
        cls.view = cls.env["ir.ui.view"].create(
            {
                "type": "qweb",
                "name": "Paper of the test",
                "key": "clinic_pdf.paper_of_the_test",
                "arch": """<t t-name="clinic_pdf.paper_of_the_test">
  <t t-call="web.html_container"><t t-foreach="docs" t-as="o">
    <t t-call="web.external_layout"><div class="page">
      <h2>Paper of <t t-out="o.name"/></h2>
      <table class="table"><tbody><tr t-foreach="range(60)" t-as="n"><td>
        <t t-out="n"/> <t t-out="o.comment"/></td></tr></tbody></table>
    </div></t></t></t></t>""",
            }
        )
        cls.report = cls.env["ir.actions.report"].create(
            {
                "name": "Paper of the test",
                "model": "res.partner",
                "report_type": "qweb-pdf",
                "report_name": cls.view.key,
            }
        )
        cls.partners = cls.env["res.partner"].create(
            [{"name": name, "comment": " ".join(WORDS)} for name in ("Anna", "Bruno")]
        )

    def printed(self, partners, **context):
        """The PDF of these partners, read."""
        report = self.env["ir.actions.report"].with_context(
            force_report_rendering=True, **context
        )
        content, kind = report._render_qweb_pdf(self.report.id, partners.ids)
        self.assertEqual(kind, "pdf")
        return content, PdfFileReader(io.BytesIO(content))

    def fonts(self, reader):
        """``{name: whether it is embedded}`` of every page."""
        found = {}
        for page in reader.pages:
            for font in page["/Resources"]["/Font"].values():
                font = font.get_object()
                for inner in font.get("/DescendantFonts", [font]):
                    inner = inner.get_object()
                    described = inner["/FontDescriptor"].get_object()
                    found[inner["/BaseFont"]] = any(
                        name in described for name in ("/FontFile2", "/FontFile3")
                    )
        return found

    def test_headers_numbers_fonts(self):
        """Each page has its header and number; each script a font of its own."""
        content, reader = self.printed(self.partners[0])
        pages = [plain(page.extract_text()) for page in reader.pages]
        self.assertGreater(len(pages), 1)
        for number, text in enumerate(pages, 1):
            self.assertIn(plain("Clinic of the test"), text)
            self.assertIn(plain("Footer of the test"), text)
            self.assertIn(f"Page{number}/{len(pages)}", text)
            self.assertIn("".join(map(plain, WORDS)), text)
        fonts = self.fonts(reader)
        self.assertGreaterEqual(len(fonts), 2)
        self.assertEqual(set(fonts.values()), {True}, fonts)
        # What PDF/A asks for and names.
        metadata = reader.trailer["/Root"]["/Metadata"].get_object().get_data()
        self.assertIn(b'pdfaid:part="3"', metadata)
        self.assertIn(b'pdfaid:conformance="U"', metadata)
        self.assertIn("/OutputIntents", reader.trailer["/Root"])
        self.assertNotIn(b"/JavaScript", content)

    def test_several(self):
        """Several papers in one file: each counts its own pages."""
        _content, reader = self.printed(self.partners)
        pages = [plain(page.extract_text()) for page in reader.pages]
        half = len(pages) // 2
        for number, text in enumerate(pages):
            name = "Anna" if number < half else "Bruno"
            self.assertIn(f"Page{number % half + 1}/{half}", text)
            if not number % half:
                self.assertIn(f"Paperof{name}", text)

    def test_several_that_are_kept(self):
        """Papers that are kept as files are one file each."""
        self.report.attachment = "'%s.pdf' % object.name"
        self.printed(self.partners)
        for partner in self.partners:
            kept = self.report.retrieve_attachment(partner)
            reader = PdfFileReader(io.BytesIO(kept.raw))
            self.assertIn(
                f"Paperof{partner.name}", plain(reader.pages[0].extract_text())
            )

    def test_nothing_from_outside(self):
        """Addresses in a text lead nowhere: no connection, no file of the server."""
        with socket.socket() as trap:
            trap.bind(("127.0.0.1", 0))
            trap.listen()
            trap.settimeout(0.2)
            asked = []

            def fetch(url):
                asked.append(url)
                return self.report._paper_resource(url)

            inside = f"http://127.0.0.1:{trap.getsockname()[1]}"
            body = f"""<html><head><link rel="stylesheet" href="{inside}/x.css"/>
              <style>@import url("{inside}/y.css");
                p {{ background: url(file:///etc/passwd) }}</style></head>
              <body><p>text</p><img src="{inside}/z.png"/>
              <img src="file:///etc/passwd"/><object data="/etc/passwd"></object>
              <iframe src="{inside}/frame"></iframe>
              <a rel="attachment" href="file:///etc/passwd">file</a></body></html>"""
            pdf = paper.make([{"body": body}], SHEET, fetch)
            self.assertNotIn(b"root:", pdf)
            self.assertIn(f"{inside}/z.png", asked)
            self.assertIn("file:///etc/passwd", asked)
            with self.assertRaises(TimeoutError):
                trap.accept()

    def test_resources(self):
        """Files of addons and pictures that one may read; nothing else."""
        resource = self.env["ir.actions.report"]._paper_resource
        self.assertTrue(resource("/web/static/img/logo.png"))
        for url in (
            "/web/static/../../../odoo.conf",
            "/etc/passwd",
            "//elsewhere/web/static/img/logo.png",
            "http://elsewhere/web/static/img/logo.png",
            "ftp://localhost/x",
            "/web/session/logout",
        ):
            self.assertFalse(resource(url), url)
        secret = self.env["ir.attachment"].create(
            {"name": "secret", "raw": b"x", "res_model": "res.users", "res_id": 2}
        )
        portal = self.env["ir.actions.report"].with_user(
            self.env.ref("base.public_user")
        )
        self.assertFalse(portal._paper_resource(f"/web/content/{secret.id}"))
        self.assertTrue(resource(f"/web/content/{secret.id}"))

    def test_too_long(self):
        """What takes too long ends, and is said."""
        body = "<html><body>" + "<p>x</p>" * 20000 + "</body></html>"
        with self.assertRaises(paper.NotSet):
            paper.make([{"body": body}], SHEET, lambda url: None, seconds=0.5)

    @mute_logger("odoo.addons.clinic_pdf.models.ir_actions_report")
    def test_failure_is_said(self):
        """A paper that cannot be set says so; a setting that is none is such."""
        self.env["ir.config_parameter"].set_param("clinic_pdf.variant", "pdf/none")
        with self.assertRaisesRegex(UserError, "PDF could not be made"):
            self.printed(self.partners[0])

    def test_wkhtmltopdf_is_a_setting(self):
        """Odoo's own program is asked again when the setting says so."""
        reports = self.env["ir.actions.report"]
        self.assertEqual(reports.get_wkhtmltopdf_state(), "ok")
        self.assertTrue(reports._sets_papers())
        self.env["ir.config_parameter"].set_param("clinic_pdf.engine", "wkhtmltopdf")
        self.assertFalse(reports._sets_papers())
