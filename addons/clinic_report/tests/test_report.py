from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.clinic_patient.tests.file_common import pdf

from ..lib.report_life import STATUSES, TRANSITIONS
from .report_common import ReportCommon


@tagged("post_install", "-at_install")
class TestReport(ReportCommon):
    """From the file to the patient: what is shown, when, and to whom it is said."""

    def test_at_once(self):
        """REP-01: a complete report is shown and announced without health data."""
        report = self.report()
        self.assertEqual((report.status, report.delivery), ("final", "ready"))
        self.assertEqual(self.readable(self.anna), report)
        (said,) = self.waiting("anna@example.com")
        for secret in ("Blood", "Verdi", report.name):
            self.assertNotIn(secret, said)
        self.assertIn("/my/reports", said)
        self.assertEqual(report.announcement, "waiting")

    def test_after_review(self):
        """REP-01: nothing is shown before the doctor has read it."""
        report = self.report(kind=self.reviewed)
        self.assertEqual(report.delivery, "review")
        self.assertFalse(self.readable(self.anna))
        self.assertEqual(report.activity_ids.user_id, self.doctor)
        with self.assertRaises(AccessError):
            report.action_review()
        report.with_user(self.doctor).action_review()
        self.assertEqual(report.delivery, "ready")
        self.assertFalse(report.activity_ids)
        self.assertEqual(self.readable(self.anna), report)

    def test_after_days(self):
        """REP-01: shown when its day has come, or earlier by the doctor's review."""
        report = self.report(kind=self.slow)
        early = self.report(kind=self.slow)
        self.assertEqual(report.delivery, "scheduled")
        early.with_user(self.doctor).action_review()
        self.assertEqual(self.readable(self.anna), early)
        jobs = self.env["clinic.diagnostic.report"]
        with freeze_time(report.release_on - timedelta(minutes=1)):
            self.assertFalse(jobs.search(jobs._due_domain()))
        with freeze_time(report.release_on + timedelta(minutes=1)):
            jobs.search(jobs._due_domain())._release_due()
            self.assertEqual(self.readable(self.anna), report | early)

    def test_never_online(self):
        """REP-01: what is given in person only is not online, whatever else is set."""
        report = self.report(kind=self.never)
        self.assertEqual(report.delivery, "desk")
        report.with_user(self.doctor).action_review()
        report.action_make_available()
        self.assertFalse(report.issued)
        self.assertFalse(self.readable(self.anna))
        self.assertFalse(self.told(report))
        report.action_hand_over()
        self.assertEqual(report.delivery, "handed_over")
        shown = self.report()
        self.kind.never_online = True
        self.assertFalse(self.readable(self.anna), "also when the kind changes later")
        self.assertEqual(shown.delivery, "desk")

    def test_days_online(self):
        """REP-01: after 45 days it is not online; staff may make it available again."""
        report = self.report()
        self.assertEqual(report.online_until - report.issued, timedelta(days=45))
        with freeze_time(report.online_until + timedelta(seconds=1)):
            self.assertFalse(self.readable(self.anna))
            report.search(report._over_domain())._end_online()
            self.assertEqual(report.delivery, "ended")
            report.action_make_available()
            self.assertEqual(self.readable(self.anna), report)
            self.assertEqual(report.delivery, "ready")

    def test_consent(self):
        """Where the law wants consent, no report is online without one."""
        report = self.report()
        settings = self.env["ir.config_parameter"]
        settings.set_param("clinic_report.report_needs_consent", "1")
        self.assertFalse(self.readable(self.anna))
        second = self.report()
        self.assertEqual(second.delivery, "desk")
        self.assertFalse(self.told(second))
        consents = self.env["clinic.consent"]
        consents._decide(self.anna, "online_reports", "given", "paper")
        self.assertEqual(self.readable(self.anna), report)
        second.action_make_available()
        self.assertEqual(second.delivery, "ready")
        self.assertEqual(self.readable(self.anna), report | second)

    def test_versions(self):
        """REP-01: a correction is a new version and unread; the same file is none."""
        report = self.report()
        report._was_read()
        self.assertEqual(report.delivery, "read")
        report._add_version("again.pdf", pdf("Report"))
        self.assertEqual(report.version_count, 1)
        report._add_version("new.pdf", pdf("Corrected"))
        self.assertEqual((report.status, report.delivery), ("amended", "ready"))
        self.assertEqual(report.version_ids.mapped("number"), [2, 1])
        self.assertEqual(report.current_version_id._read_content(), pdf("Corrected"))
        self.assertEqual(len(self.waiting()), 1, "told once of what is newest")
        third = self.report(kind=self.reviewed)
        third.with_user(self.doctor).action_review()
        third._add_version("new.pdf", pdf("Corrected"))
        self.assertEqual(third.delivery, "review", "nobody has read the correction")
        self.assertNotIn(third, self.readable(self.anna))

    def test_withdrawn_and_back(self):
        """REP-02: withdrawn with a reason, not seen at once, available again."""
        report = self.report()
        with self.assertRaises(UserError):
            report._withdraw("  ")
        wizard = report.env["clinic.report.withdrawal"].with_context(
            **report.action_withdraw()["context"]
        )
        wizard.create({"reason": "Wrong sample"}).action_withdraw()
        self.assertEqual(report.withdrawal_reason, "Wrong sample")
        self.assertFalse(self.readable(self.anna))
        report.action_make_available()
        self.assertEqual((report.status, report.delivery), ("final", "ready"))
        self.assertEqual(self.readable(self.anna), report)

    def test_every_transition(self):
        """REP-01: no status is reached except from those the table names."""
        names = [status for status, _words in STATUSES]
        for old in names:
            for new in names:
                report = self.registered()
                report.sudo().status = old
                with self.subTest(old=old, new=new):
                    if new == old or new in TRANSITIONS[old]:
                        report._enter(new)
                        self.assertEqual(report.status, new)
                    else:
                        with self.assertRaises(UserError):
                            report._enter(new)

    def test_steps_are_not_written_from_outside(self):
        """REP-01: over RPC nobody sets what only a step of the report sets."""
        report = self.report(kind=self.reviewed)
        for vals in (
            {"status": "amended"},
            {"issued": fields.Datetime.now()},
            {"reviewed_on": fields.Datetime.now()},
            {"online_until": "2999-01-01"},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                report.write(vals)
        born = self.registered(status="final", issued="2026-01-01", external_id="x")
        self.assertEqual(
            (born.status, born.issued, born.external_id), ("registered", False, False)
        )

    def test_wrong_patient(self):
        """REP-01: a report that was shown is withdrawn, not given to another."""
        report = self.report()
        other = self.patient("Neri", "Carlo")
        with self.assertRaises(UserError):
            report.patient_id = other
        waiting = self.report(kind=self.reviewed)
        waiting.patient_id = other
        self.assertEqual(waiting.patient_id, other)
        with self.assertRaises(ValidationError):
            waiting.patient_id = self.env.company.partner_id
            waiting.flush_recordset()

    def test_bad_files(self):
        """REP-01: what is no report is refused in words, and nothing changes."""
        report = self.registered()
        settings = self.env["ir.config_parameter"]
        settings.set_param("clinic_report.report_size_mb", "1")
        for content in (b"<html></html>", b"", pdf() + b" " * 1024 * 1024):
            with self.assertRaises(ValidationError):
                report._add_version("x.pdf", content)
        self.assertFalse(report.version_ids)
        with self.assertRaises(UserError):
            report.action_complete()

    def test_delivered_again(self):
        """REP-01: another system may send a report as often as it likes."""
        reports = self.env["clinic.diagnostic.report"]
        vals = {"patient_id": self.anna.id, "kind_id": self.kind.id}
        for _time in range(3):
            first = reports._deliver("h2o", "77", vals, "a.pdf", pdf("One"))
        self.assertEqual(len(self.told(first)), 1)
        again = reports._deliver("h2o", "77", vals, "a.pdf", pdf("Two"))
        self.assertEqual(again, first)
        self.assertEqual((first.status, first.version_count), ("amended", 2))
        other = reports._deliver("lab", "77", vals, "a.pdf", pdf("One"), "preliminary")
        self.assertNotEqual(other, first)
        self.assertEqual(other.delivery, "preparing")
        self.assertEqual(self.readable(self.anna), first)

    def test_damaged_file(self):
        """REP-01: a file that is not what arrived is not given out."""
        version = self.report().current_version_id
        version.sudo().sha256 = "0" * 64
        with self.assertRaises(UserError):
            version._read_content()

    def test_guardian_is_told(self):
        """REP-01: for a child the parents are told, each by an own mail."""
        child = self.patient("Verdi", "Luca", birth_date=date(2020, 1, 1))
        father = self.patient("Verdi", "Paolo", email="paolo@example.com")
        self.relate(child, self.anna)
        self.relate(child, father)
        report = self.report(child)
        self.assertEqual(len(self.told(report)), 2)
        for address in ("anna@example.com", "paolo@example.com"):
            self.assertEqual(len(self.waiting(address)), 1)
        nobody = self.report(self.patient("Rossi", "Carla"))
        self.assertEqual(nobody.announcement, "nobody")
        found = nobody.search([("announcement", "=", "nobody")])
        self.assertEqual(found, nobody)

    def message(self, report):
        return self.env["clinic.message"].search(
            [("res_model", "=", report._name), ("res_id", "=", report.id)], limit=1
        )

    def test_who_reads_is_told_though_he_books_nothing(self):
        """REP-01: a guardian who may read hears of the report, until that ends."""
        child = self.patient("Verdi", "Luca", birth_date=date(2020, 1, 1))
        relation = self.relate(child, self.anna, can_book=False)
        message = self.message(self.report(child))
        self.assertFalse(message._as_of_now(message.company_id, message.kind_id))
        self.assertFalse(message._is_obsolete())
        relation.can_read = False
        self.assertTrue(message._is_obsolete())

    def test_no_e_mail_but_a_telephone(self):
        """REP-02: who has no e-mail address is told on the telephone."""
        self.env["clinic.message.provider"].create(
            {"name": "SMS", "channel": "sms", "kind": "odoo_sms"}
        )
        carla = self.patient("Rossi", "Carla", phone="333 7654321")
        self.assertEqual(self.message(self.report(carla)).channel, "sms")

    def test_announcement_that_failed(self):
        """REP-02: who was not told is found; showing it again sends it anew."""
        report = self.report()
        self.message(report)._end("failed", "mail_smtp")
        self.env.invalidate_all()
        self.assertEqual(report.announcement, "failed")
        found = report.search([("announcement", "in", ["failed", "nobody"])])
        self.assertEqual(found, report)
        report._publish()
        self.env.invalidate_all()
        self.assertEqual(report.announcement, "waiting")
        self.message(report)._hear(
            self.message(report).provider_id,
            None,
            "sent",
            uuid=self.message(report).uuid,
        )
        self.env.invalidate_all()
        self.assertEqual(report.search([("announcement", "=", "sent")]), report)

    def test_not_read(self):
        """REP-02: after seven days a task, once; earlier when it needs attention."""
        jobs = self.env["clinic.diagnostic.report"]
        calm, urgent, read = self.report(), self.report(), self.report()
        urgent.sudo().is_abnormal = True
        read._was_read()

        def remind(days):
            with freeze_time(calm.issued + timedelta(days=days, minutes=1)):
                jobs.search(jobs._unread_domain())._remind_unread()
            return (calm | urgent | read).filtered("activity_ids")

        self.assertFalse(remind(2))
        self.assertEqual(remind(3), urgent)
        self.assertEqual(remind(7), calm | urgent)
        remind(8)
        self.assertEqual(len((calm | urgent).activity_ids), 2)
        self.assertEqual((calm | urgent).activity_ids.user_id, self.doctor)
        calm._was_read()
        self.assertFalse(calm.activity_ids, "the task ends when it is read")

    def test_job(self):
        """REP-01, REP-02: one job shows, ends and reminds; again changes nothing."""
        due, ended = self.report(kind=self.slow), self.report()
        cron = self.env.ref("clinic_report.ir_cron_release_reports")
        later = ended.online_until + timedelta(hours=1)
        with freeze_time(later), self.enter_registry_test_mode():
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((due.delivery, ended.delivery), ("ready", "ended"))
        self.assertEqual(len(self.told(due)), 1)

    def test_timeline(self):
        """REP-02: reports stand on the card's timeline, for who may see them."""
        report = self.report()

        def kinds(user):
            page = self.anna.with_user(user).timeline()
            return [item["title"] for item in page["items"] if item["kind"] == "report"]

        self.assertEqual(kinds(self.doctor), [report.display_name])
        self.assertEqual(kinds(self.other_doctor), [])
        self.assertEqual(kinds(self.user("marketing")), [])
        self.assertEqual(self.anna.with_user(self.desk).report_count, 1)

    def test_panel(self):
        """REP-02: the panel counts what waits, of what the reader may see."""
        self.report(kind=self.reviewed)
        self.report(self.patient("Rossi", "Carla"))
        self.report(kind=self.never)
        self.env["clinic.report.access"]._log("upload", reason="bad_file")
        reports = self.env["clinic.diagnostic.report"]

        def tiles(user):
            found = reports.with_user(user).retrieve_dashboard()
            return {tile["name"]: tile["count"] for tile in found}

        self.assertEqual(
            tiles(self.desk),
            {
                "review": 1,
                "ready": 1,
                "late": 0,
                "untold": 1,
                "desk": 1,
                "failures": 1,
            },
        )
        self.assertEqual(tiles(self.user("chief_doctor"))["ready"], 1)
        self.assertFalse(any(tiles(self.other_doctor).values()))
        with self.assertRaises(AccessError):
            tiles(self.user("marketing"))
