from collections import namedtuple
from unittest.mock import patch

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

    def test_the_room_on_the_disk_counts_not_its_share(self):
        """Twelve gigabytes free on a large disk are no trouble; half a one is."""
        usage = namedtuple("usage", "total used free")
        giga = clinic_health.GIGABYTE
        for free, level in ((12, "good"), (4, "warning"), (0.5, "bad")):
            told = usage(1000 * giga, (1000 - free) * giga, free * giga)
            with patch.object(clinic_health.shutil, "disk_usage", return_value=told):
                check = self.env["clinic.health"]._check_disk()
            self.assertEqual(check.level, level)
            self.assertIn(f"{free:.1f} GB", check.words)
