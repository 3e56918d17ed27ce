from unittest.mock import patch

from odoo import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_agenda.tests import test_access_matrix as matrix
from odoo.addons.clinic_agenda.tests.common import NOW

RECORD = ("clinic_record",)


class RecordMatrix(matrix.MatrixCommon):
    """The matrix of the agenda over the models and routes of this addon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(matrix, "CLINIC_MODULES", RECORD))
        cls.env["ir.config_parameter"].set_param("clinic_record.portal_encounters", "1")
        ill = cls.env["clinic.condition"].create({"code": "J00.98", "name": "Cold"})
        cls.encounter = cls.env["clinic.encounter"].create(
            {
                "patient_id": cls.victim.id,
                "complaint": f"{matrix.MARKER} coughs",
                "plan": f"{matrix.MARKER} rests",
                "diagnosis_ids": [
                    Command.create(
                        {"condition_id": ill.id, "note": f"{matrix.MARKER} since May"}
                    )
                ],
                "medication_ids": [
                    Command.create({"medicine": f"{matrix.MARKER} drops"})
                ],
            }
        )
        cls.encounter.write({"state": "signed", "signed_on": NOW})
        cls.encounter.amendment_ids = [
            Command.create({"text": f"{matrix.MARKER} is better"})
        ]
        firm = cls.env["res.partner"].create({"name": "Acme", "is_company": True})
        person = cls.env["clinic.checkup.person"].create(
            {
                "campaign_id": cls.env["clinic.checkup.campaign"]
                .create({"name": "Spring", "firm_id": firm.id})
                .id,
                "patient_id": cls.victim.id,
                "examined_on": NOW.date(),
            }
        )
        cls.env["clinic.checkup.finding"].create(
            {"person_id": person.id, "condition_id": ill.id}
        )
        cls.roots |= {
            "clinic.encounter": cls.encounter,
            "clinic.checkup.person": person,
        }
        cls.numbers |= {"encounter_id": cls.encounter}
        cls.env.flush_all()


@tagged("post_install", "-at_install")
class TestRecordModels(RecordMatrix):
    """Model × persona, generated from the registry."""

    def test_strangers_see_no_record_of_another_patient(self):
        """S1: every model of the medical record and of check-ups."""
        matrix.TestModelMatrix.test_strangers_see_no_record_of_another_patient(self)
        for name in (
            *("clinic.encounter.diagnosis", "clinic.encounter.amendment"),
            *("clinic.medication.request", "clinic.checkup.finding"),
        ):
            self.assertTrue(self.records_of_victim(name), name)


@tagged("post_install", "-at_install")
class TestRecordMethods(RecordMatrix):
    """Every public method, called by portal users over RPC."""

    methods_of = matrix.TestMethodMatrix.methods_of
    all_models = matrix.TestMethodMatrix.all_models
    call = matrix.TestMethodMatrix.call
    records_or_victim = matrix.TestMethodMatrix.records_or_victim
    plausible = matrix.TestMethodMatrix.plausible
    fingerprint = matrix.TestMethodMatrix.fingerprint

    def test_portal_users_get_nothing_from_any_public_method(self):
        """S2: the answer holds nothing of the victim and nothing changes."""
        before = self.encounter.read(["state", "complaint", "write_date"])
        test = matrix.TestMethodMatrix
        test.test_portal_users_get_nothing_from_any_public_method(self)
        self.env.invalidate_all()
        self.assertEqual(
            self.encounter.read(["state", "complaint", "write_date"]), before
        )


@tagged("post_install", "-at_install")
class TestRecordRoutes(RecordMatrix, HttpCase):
    """Route × persona, generated from the URL map."""

    clinic_rules = matrix.TestRouteMatrix.clinic_rules
    fill = matrix.TestRouteMatrix.fill

    def test_no_route_shows_the_victim_to_strangers(self):
        """S1: all routes, GET with the victim's ids."""
        matrix.TestRouteMatrix.test_no_route_shows_the_victim_to_strangers(self)
        login = self.personas["patient"].login
        self.authenticate(login, login)
        page = self.url_open(f"/my/encounters/{self.encounter.id}")
        self.assertIn(matrix.MARKER, page.text)
