from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class ClinicBaseCommon(TransactionCase):
    """A clinic in Rome whose users read English."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(
                cls.env.context,
                tracking_disable=True,
                no_reset_password=True,
                lang="en_US",
                tz="Europe/Rome",
            )
        )
        cls.env.company.country_id = cls.env.ref("base.it")
        cls.env.company.partner_id.tz = "Europe/Rome"

    @classmethod
    def employee(cls):
        """A new user who works here and has no role."""
        return new_test_user(cls.env, "test_employee", groups="base.group_user")

    @classmethod
    def administrator(cls):
        """A new user who runs the site."""
        return new_test_user(
            cls.env,
            "test_runs_the_site",
            groups="clinic_base.group_clinic_administrator",
        )


class RealConnections:
    """Mixin for tests whose threads use connections of their own, as workers do."""

    def setUp(self):
        super().setUp()
        # The thread of the tests holds the lock of the registry: others would wait.
        self.patch(Registry, "_lock", DummyRLock())


@tagged("post_install", "-at_install")
class HootCase(HttpCase):
    """Runs the unit tests that an addon has in JavaScript, in the browser."""

    def run_hoot(self, suite):
        """Run one suite of HOOT; a test of it that fails, fails this one.

        :param str suite: as HOOT names it: ``@`` and the addon
        """
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            f"&id={hoot_id(suite)}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
        )


def hoot_id(name):
    """The id by which HOOT selects a suite (see ``HOOTCommon`` in ``web``)."""
    number = 0
    for char in name:
        number = ((number << 5) - number + ord(char)) & 0xFFFFFFFF
    return f"{number:08x}"
