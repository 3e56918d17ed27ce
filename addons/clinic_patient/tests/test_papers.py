import io
import re

from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from .common import ClinicPatientCommon

WORDS = "Mal di schiena, Боль в спине, bel ağrısı, 腰痛. "


class PapersCommon(ClinicPatientCommon):
    """A letterhead and a number on each page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.write(
            {
                "external_report_layout_id": cls.env.ref(
                    "web.external_layout_standard"
                ).id,
                "company_details": "<p>Letterhead of the clinic</p>",
            }
        )
        cls.anna = cls.patient(family="Çağlar", given="Анна")

    def pages(self, report, records):
        """The texts of the pages, without blanks."""
        reports = self.env["ir.actions.report"].with_context(
            force_report_rendering=True
        )
        content, _kind = reports._render_qweb_pdf(report, records.ids)
        pages = PdfFileReader(io.BytesIO(content)).pages
        return [re.sub(r"\s+", "", page.extract_text()) for page in pages]

    def check(self, pages, *words):
        """Letterhead and number on each page, and the words somewhere."""
        self.assertGreater(len(pages), 1)
        for number, text in enumerate(pages, 1):
            self.assertIn("Letterheadoftheclinic", text)
            self.assertIn(f"Page{number}/{len(pages)}", text)
        for word in words:
            self.assertIn(re.sub(r"\s+", "", word), "".join(pages))


@tagged("post_install", "-at_install")
class TestPapers(PapersCommon):
    """Papers as they are printed."""

    def test_documents(self):
        """A paper to sign, and two of them at once: a file each."""
        documents = self.env["clinic.document"].create(
            [
                {
                    "title": title,
                    "patient_id": self.anna.id,
                    "company_id": self.env.company.id,
                    "body": f"<p>{WORDS}</p>" * 60,
                }
                for title in ("Consenso informato", "知情同意书")
            ]
        )
        report = "clinic_patient.report_document"
        self.check(self.pages(report, documents[0]), "Consenso informato", "腰痛")
        pages = self.pages(report, documents)
        numbers = [re.search(r"Page(\d+)/(\d+)", text).groups() for text in pages]
        half = len(pages) // 2
        self.assertEqual(numbers[:half], numbers[half:])
        self.assertEqual(numbers[0], ("1", str(half)))
