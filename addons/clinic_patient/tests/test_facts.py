from contextlib import ExitStack

from odoo import api
from odoo.tests import tagged

from odoo.addons.clinic_base.tests.common import RealConnections

from .common import ClinicPatientCommon

#: No card has this id.
NOBODY = -7


@tagged("post_install", "-at_install")
class TestChange(RealConnections, ClinicPatientCommon):
    def test_two_at_once(self):
        """PAT-08: what happens to one patient twice at the same moment neither waits
        nor fails, and both are known afterwards."""
        self.addCleanup(self.forget)
        with ExitStack() as stack:
            first, second = (
                stack.enter_context(self.registry.cursor()) for _each in range(2)
            )
            for cursor in (first, second):
                # The snapshot is taken before the other one writes.
                cursor.execute("SELECT 1")
                cursor.execute("SET LOCAL lock_timeout = '1s'")
            for cursor in (first, second):
                env = api.Environment(cursor, self.env.uid, {})
                env["clinic.patient.change"]._append([NOBODY])
            second.commit()
            first.commit()
            with self.registry.cursor() as third:
                third.execute(
                    "SELECT COUNT(*) FROM clinic_patient_change WHERE partner_id = %s",
                    [NOBODY],
                )
                self.assertEqual(third.fetchone(), (2,))

    def forget(self):
        with self.registry.cursor() as cursor:
            cursor.execute(
                "DELETE FROM clinic_patient_change WHERE partner_id = %s", [NOBODY]
            )

    def test_cards_without_facts(self):
        """PAT-01: a card without visits has zeros, and no row of facts."""
        card = self.patient()
        self.env["clinic.patient.facts"]._work_out(card.ids)
        self.assertFalse(card.facts_id)
        self.assertEqual((card.visit_count, card.lifetime_value), (0, 0.0))
        self.assertFalse(card.days_since_visit)
        found = self.Partner.search([("visit_count", "=", 0), ("id", "=", card.id)])
        self.assertEqual(found, card)
