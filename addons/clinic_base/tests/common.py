from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import TransactionCase, new_test_user, tagged


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
