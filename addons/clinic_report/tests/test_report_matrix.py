from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_agenda.tests import test_access_matrix as matrix

REPORT = ("clinic_report",)


class ReportMatrix(matrix.MatrixCommon):
    """The matrix of the agenda over the models and routes of this addon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(matrix, "CLINIC_MODULES", REPORT))
        cls.report = cls.env["clinic.diagnostic.report"].create(
            {
                "patient_id": cls.victim.id,
                "kind_id": cls.env["clinic.report.kind"]
                .create({"name": f"{matrix.MARKER} test", "release_policy": "at_once"})
                .id,
                "conclusion": f"{matrix.MARKER} is healthy",
            }
        )
        cls.report._add_version(
            f"{matrix.MARKER}.pdf", b"%PDF-1.4 " + matrix.MARKER.encode()
        )
        cls.report._complete("final")
        cls.env["clinic.report.link"]._issue(cls.report.current_version_id)
        cls.env["clinic.report.access"]._log("view", cls.report)
        cls.roots |= {"clinic.diagnostic.report": cls.report}
        cls.numbers |= {
            "report_id": cls.report,
            "version_id": cls.report.current_version_id,
        }
        cls.env.flush_all()


@tagged("post_install", "-at_install")
class TestReportModels(ReportMatrix):
    """Model × persona, generated from the registry."""

    def test_strangers_see_no_record_of_another_patient(self):
        """S1: every model of reports."""
        matrix.TestModelMatrix.test_strangers_see_no_record_of_another_patient(self)
        for name in ("clinic.diagnostic.report.version", "clinic.report.access"):
            self.assertTrue(self.records_of_victim(name), name)


@tagged("post_install", "-at_install")
class TestReportMethods(ReportMatrix):
    """Every public method, called by portal users over RPC."""

    methods_of = matrix.TestMethodMatrix.methods_of
    all_models = matrix.TestMethodMatrix.all_models
    call = matrix.TestMethodMatrix.call
    records_or_victim = matrix.TestMethodMatrix.records_or_victim
    plausible = matrix.TestMethodMatrix.plausible
    fingerprint = matrix.TestMethodMatrix.fingerprint

    def test_portal_users_get_nothing_from_any_public_method(self):
        """S2: the answer holds nothing of the victim and nothing changes."""
        before = self.report.read(["status", "delivery", "write_date"])
        test = matrix.TestMethodMatrix
        test.test_portal_users_get_nothing_from_any_public_method(self)
        self.env.invalidate_all()
        self.assertEqual(self.report.read(["status", "delivery", "write_date"]), before)

    def test_delivered_with_sudo_of_listed_plain_values_only(self):
        """S2: another system that delivers reaches no other record by its values."""
        note = self.victim.message_post(body="Note")
        for vals in (
            {"message_ids": [Command.link(note.id)]},
            {"create_uid": 1},
            {"state": "resolved"},
            {"company_id": [Command.create({"name": "x"})]},
        ):
            with self.subTest(vals=str(vals)), self.assertRaises(AccessError):
                self.env["clinic.diagnostic.report"]._deliver(
                    "lab", "1", {"patient_id": self.patient.id, **vals}, "a.pdf", b""
                )


@tagged("post_install", "-at_install")
class TestReportRoutes(ReportMatrix, HttpCase):
    """Route × persona, generated from the URL map."""

    clinic_rules = matrix.TestRouteMatrix.clinic_rules
    fill = matrix.TestRouteMatrix.fill

    def test_no_route_shows_the_victim_to_strangers(self):
        """S1: all routes, GET with the victim's ids and guessed secrets."""
        matrix.TestRouteMatrix.test_no_route_shows_the_victim_to_strangers(self)
