from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .import_common import ImportCommon

LOGGER = "odoo.addons.clinic_base.models.clinic_trouble"


@tagged("post_install", "-at_install")
class TestTrouble(ImportCommon):
    """One record that fails keeps no other waiting, and somebody is told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Trouble = cls.env["clinic.trouble"]

    def make_copies(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "clinic_patient.ir_cron_access_exports"
            ).method_direct_trigger()
        self.env.invalidate_all()

    def spoil(self, export):
        """A copy whose making PostgreSQL refuses."""
        self.env.cr.execute(
            """
            CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'refused'; END $$;
            CREATE TRIGGER clinic_test_refuse BEFORE UPDATE ON clinic_access_export
            FOR EACH ROW WHEN (NEW.id = %s) EXECUTE FUNCTION pg_temp.refuse()
            """,
            [export.id],
        )

    def heal(self):
        self.env.cr.execute("DROP TRIGGER clinic_test_refuse ON clinic_access_export")

    def test_the_others_go_on(self):
        """A copy that cannot be made steps aside; it is made when it can be."""
        exports = self.env["clinic.access.export"].create(
            [{"patient_id": self.patient(given=name).id} for name in ("A", "B", "C")]
        )
        bad, good = exports[0], exports[1:]
        self.spoil(bad)
        with self.assertLogs(LOGGER, "ERROR") as logs, mute_logger("odoo.sql_db"):
            self.make_copies()
        self.assertEqual(good.mapped("state"), ["ready", "ready"])
        self.assertEqual(bad.state, "waiting")
        self.assertEqual(len(logs.output), 1)
        trouble = self.Trouble.search([("res_id", "=", bad.id)])
        self.assertEqual(
            (trouble.res_model, trouble.failures), ("clinic.access.export", 1)
        )
        self.assertGreater(trouble.next_try, fields.Datetime.now())
        self.make_copies()
        self.assertEqual(trouble.failures, 1, "it waits for its next try")
        admin = self.user("administrator")
        trouble.with_user(admin).action_try_again()
        with mute_logger(LOGGER, "odoo.sql_db"):
            self.make_copies()
        self.assertEqual(trouble.failures, 2)
        self.heal()
        trouble.with_user(admin).action_try_again()
        self.make_copies()
        self.assertEqual(bad.state, "ready")
        self.assertFalse(trouble.exists())

    def test_who_sees_them(self):
        """OPS-01: administrators; nobody writes them by hand."""
        card = self.patient()
        with mute_logger(LOGGER):
            self.Trouble._note(card, "Test", ValueError("x"))
        trouble = self.Trouble.search([("res_id", "=", card.id)])
        admin = self.user("administrator")
        self.assertEqual(trouble.with_user(admin).error, "ValueError")
        with self.assertRaises(AccessError):
            trouble.with_user(admin).write({"failures": 0})
        for role in ("manager", "receptionist"):
            with self.assertRaises(AccessError):
                trouble.with_user(self.user(role)).read(["error"])

    def test_import_that_fails(self):
        """PAT-09: an import that fails says so; the next one is done all the same."""
        first = self.checked([("Cognome", "Nome"), ("Verdi", "Anna")])
        second = self.checked([("Cognome", "Nome"), ("Rossi", "Ugo")])
        first.action_import()
        second.action_import()
        self.env.flush_all()
        self.env.cr.execute(
            """
            CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'refused'; END $$;
            CREATE TRIGGER clinic_test_refuse BEFORE UPDATE ON clinic_patient_import_row
            FOR EACH ROW WHEN (NEW.import_id = %s) EXECUTE FUNCTION pg_temp.refuse()
            """,
            [first.id],
        )
        with (
            self.assertLogs(LOGGER, "ERROR"),
            mute_logger("odoo.sql_db"),
        ):
            self.run_cron()
        self.assertEqual(first.state, "running")
        self.assertIn(str(first.id), first.notice)
        self.assertEqual(second.state, "done")
        self.env.cr.execute(
            "DROP TRIGGER clinic_test_refuse ON clinic_patient_import_row"
        )
        self.Trouble.search([("res_id", "=", first.id)]).next_try = False
        self.run_cron()
        self.assertEqual((first.state, first.notice), ("done", False))

    def test_stand_in_for_everybody(self):
        """PAT-09: thousands of "Unknown, 1970" are not compared each with each."""
        rows = [("Cognome", "Nome", "Data di nascita")]
        rows += [("Unknown", "Unknown", "01/01/1970")] * 2100
        rows += [("Bianchi", "Carla", "01/01/1970")] * 2
        job = self.checked(rows)
        self.assertEqual(job.state, "checked")
        repeated = job.row_ids.filtered(lambda row: row.state == "repeated")
        self.assertEqual(len(repeated), 1, "the one name that tells somebody")
