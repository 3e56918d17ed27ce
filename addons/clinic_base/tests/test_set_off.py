from odoo.tests import TransactionCase, new_test_user, tagged

JOB = "base.autovacuum_job"
OTHER = "sms.ir_cron_sms_scheduler_action"


@tagged("post_install", "-at_install")
class TestSetOff(TransactionCase):
    """Work that a user causes begins with the end of the transaction, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.job, cls.other = cls.env.ref(JOB), cls.env.ref(OTHER)
        cls.user = new_test_user(cls.env, "set-off", groups="base.group_user")
        cls.env.cr.flush()

    def set_off(self, *xmlids):
        for xmlid in xmlids:
            self.env["ir.cron"].with_user(self.user)._set_off(xmlid)

    def count(self, job):
        """How often the job was told to begin, as of now."""
        self.env.cr.flush()
        triggers = self.env["ir.cron.trigger"]
        return triggers.search_count([("cron_id", "=", job.id)])

    def test_once_however_often_asked(self):
        before, other = self.count(self.job), self.count(self.other)
        self.set_off(JOB, OTHER, JOB, JOB)
        self.assertEqual(self.count(self.job), before + 1)
        self.assertEqual(self.count(self.other), other + 1)
        self.assertEqual(self.count(self.job), before + 1, "nothing was left over")

    def test_what_is_switched_off_or_removed(self):
        self.job.active = False
        before, other = self.count(self.job), self.count(self.other)
        self.set_off(JOB, "clinic_base.no_such_job", OTHER)
        self.assertEqual(self.count(self.job), before)
        self.assertEqual(self.count(self.other), other + 1)

    def test_undone_with_its_cause(self):
        """What a savepoint undid sets nothing off; what was asked before it does."""
        before, other = self.count(self.job), self.count(self.other)
        self.set_off(JOB)
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.set_off(OTHER)
            raise ZeroDivisionError
        self.assertEqual(self.count(self.job), before + 1)
        self.assertEqual(self.count(self.other), other)
