from odoo.tests import TransactionCase, tagged

from odoo.addons.clinic_patient.tests.file_common import pdf, picture

from ..lib import report_file


@tagged("post_install", "-at_install")
class TestReportFile(TransactionCase):
    """What a file is follows from its content."""

    def test_kinds(self):
        """REP-01: PDF, JPEG, PNG and DICOM are taken; nothing that could run is."""
        for content, expected in (
            (pdf(), report_file.PDF),
            (b"\n\n" + pdf(), report_file.PDF),
            (picture("PNG"), report_file.PNG),
            (picture("JPEG"), report_file.JPEG),
            (b"\0" * 128 + b"DICM" + b"\0" * 40, report_file.DICOM),
            (b"<html><script>1</script></html>", None),
            (b"<!DOCTYPE html><p>%PDF-1.4", None),
            (b"<svg xmlns='x'>%PDF-1.4</svg>", None),
            (b"<?xml version='1.0'?><svg/>", None),
            (b"PK\x03\x04 a zip", None),
            (b"MZ\x90 a program", None),
            (b"", None),
        ):
            with self.subTest(content[:20]):
                self.assertEqual(report_file.recognise(content), expected)

    def test_words_of_a_name(self):
        """Numbers in a file's name are found whatever stands between them."""
        self.assertEqual(
            report_file.words_of("Verdi_Anna_VRDNNA80C52H501A_blood.pdf"),
            ["VRDNNA80C52H501A"],
        )
        self.assertEqual(
            report_file.words_of("A-1203 12.pdf"), ["A-1203", "12", "1203"]
        )
        self.assertEqual(report_file.words_of(None), [])

    def test_safe_names(self):
        """S9: a name is shown and saved without paths, signs and false endings."""
        for name, expected in (
            ("../../etc/passwd", "passwd.pdf"),
            ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
            ('x" onload="1.html', "x onload=1.pdf"),
            ("<script>.svg", "script.pdf"),
            ("", "report.pdf"),
            ("result.exe", "result.pdf"),
        ):
            with self.subTest(name):
                self.assertEqual(report_file.safe_name(name, report_file.PDF), expected)
