from odoo.tests import HttpCase, tagged

from ..models import clinic_health


@tagged("post_install", "-at_install")
class TestHealth(HttpCase):
    """Anybody may ask how the site is; that costs next to nothing."""

    def test_asking_often_costs_nothing(self):
        """A second answer within seconds looks at nothing; levels are all it tells."""
        clinic_health._told.clear()
        self.addCleanup(clinic_health._told.clear)
        health = self.env["clinic.health"]
        first = health._levels()
        with self.assertQueryCount(0):
            for _time in range(50):
                self.assertEqual(health._levels(), first)
        told = self.url_open("/clinic/health").json()
        self.assertEqual(told.keys(), {"status", "checks"})
        levels = {*told["checks"].values(), told["status"]}
        self.assertLessEqual(levels, set(clinic_health.LEVELS))

    def test_an_old_answer_is_not_given(self):
        """After some seconds it is looked at again."""
        name = self.env.cr.dbname
        self.addCleanup(clinic_health._told.clear)
        old = clinic_health.clock.since_boot() - clinic_health.KEPT
        clinic_health._told[name] = (old, {"disk": "old"})
        self.assertNotEqual(self.env["clinic.health"]._levels(), {"disk": "old"})
