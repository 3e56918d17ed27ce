from odoo.tests import HttpCase, tagged

#: The suite of this addon's unit tests in HOOT.
SUITE = "@clinic_agenda"


def hoot_id(name):
    """The id by which HOOT selects a suite (see ``HOOTCommon`` in ``web``)."""
    number = 0
    for char in name:
        number = ((number << 5) - number + ord(char)) & 0xFFFFFFFF
    return f"{number:08x}"


@tagged("post_install", "-at_install")
class TestDaySheetUnit(HttpCase):
    def test_geometry(self):
        """AGD-03 Minutes and pixels, lanes, snapping and legality, in the browser."""
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            f"&id={hoot_id(SUITE)}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
        )
