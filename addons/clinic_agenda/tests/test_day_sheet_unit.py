from odoo.addons.clinic_base.tests.common import HootCase


class TestDaySheetUnit(HootCase):
    def test_geometry(self):
        """AGD-03 Minutes and pixels, lanes, snapping and legality, in the browser."""
        self.run_hoot("@clinic_agenda")
