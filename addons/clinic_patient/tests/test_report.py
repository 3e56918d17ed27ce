import base64
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..lib.report_life import STATUSES, TRANSITIONS
from .report_common import ReportCommon, pdf


@tagged("post_install", "-at_install")
class TestReport(ReportCommon):
    """From the file to the patient: what is shown, when, and to whom it is said."""

    def test_at_once(self):
        """REP-01: a complete report is shown and announced without health data."""
        report = self.report()
        self.assertEqual((report.status, report.delivery), ("final", "ready"))
        self.assertEqual(self.readable(self.anna), report)
        mail = self.mails(report)
        self.assertEqual(mail.email_to, self.anna.email_formatted)
        self.assertEqual(mail.state, "outgoing")
        said = mail.subject + mail.body_html
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
        self.assertFalse(self.mails(report))
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
        settings.set_param("clinic_patient.report_needs_consent", "1")
        self.assertFalse(self.readable(self.anna))
        second = self.report()
        self.assertEqual(second.delivery, "desk")
        self.assertFalse(self.mails(second))
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
        self.assertEqual(len(self.mails(report)), 2)
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
        settings.set_param("clinic_patient.report_size_mb", "1")
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
        self.assertEqual(len(self.mails(first)), 1)
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
        self.assertEqual(
            set(self.mails(report).mapped("email_to")),
            {self.anna.email_formatted, father.email_formatted},
        )
        nobody = self.report(self.patient("Rossi", "Carla"))
        self.assertEqual(nobody.announcement, "nobody")
        found = nobody.search([("announcement", "=", "nobody")])
        self.assertEqual(found, nobody)

    def test_announcement_that_failed(self):
        """REP-02: who was not told is found; showing it again sends it anew."""
        report = self.report()
        self.mails(report).state = "exception"
        self.env.invalidate_all()
        self.assertEqual(report.announcement, "failed")
        found = report.search([("announcement", "in", ["failed", "nobody"])])
        self.assertEqual(found, report)
        report._publish()
        self.env.invalidate_all()
        self.assertEqual(report.announcement, "waiting")
        self.mails(report).state = "sent"
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
        cron = self.env.ref("clinic_patient.ir_cron_release_reports")
        later = ended.online_until + timedelta(hours=1)
        with freeze_time(later), self.enter_registry_test_mode():
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((due.delivery, ended.delivery), ("ready", "ended"))
        self.assertEqual(len(self.mails(due)), 1)

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


@tagged("post_install", "-at_install")
class TestReportUpload(ReportCommon):
    """Files that staff upload, and whose they are."""

    def upload(self, files, **vals):
        Attachment = self.env["ir.attachment"].with_user(self.desk)
        wizard = (
            self.env["clinic.report.upload"]
            .with_user(self.desk)
            .create(
                {
                    "kind_id": self.kind.id,
                    "file_ids": [
                        Command.link(
                            Attachment.create(
                                {
                                    "name": name,
                                    "datas": base64.b64encode(content),
                                    "res_model": "clinic.report.upload",
                                }
                            ).id
                        )
                        for name, content in files.items()
                    ],
                    **vals,
                }
            )
        )
        wizard.action_read()
        return wizard

    def test_proposals(self):
        """REP-01: the tax code or card number in a name proposes the patient."""
        verdi = self.patient(**{**self.verdi_vals(), "card_number": "A-17"})
        rossi = self.patient("Rossi", "Carla", card_number="4711")
        code = verdi.tax_code
        wizard = self.upload(
            {
                f"blood {code}.pdf": pdf("1"),
                "4711_xray.pdf": pdf("2"),
                f"{code}-4711.pdf": pdf("3"),
                "Verdi Anna.pdf": pdf("4"),
                "a-17.pdf": pdf("5"),
            }
        )
        found = {line.name: line.patient_id for line in wizard.line_ids}
        self.assertEqual(
            found,
            {
                f"blood {code}.pdf": verdi,
                "4711_xray.pdf": rossi,
                f"{code}-4711.pdf": self.Partner,
                "Verdi Anna.pdf": self.Partner,
                "a-17.pdf": verdi,
            },
        )
        self.assertFalse(self.env["clinic.diagnostic.report"].search([]))
        with self.assertRaises(UserError):
            wizard.action_upload()

    def test_several_at_once(self):
        """REP-01: several files become reports; a bad one is said and left out."""
        files = {"1.pdf": pdf("1"), "2.png": b"no picture", "3.pdf": pdf("3")}
        wizard = self.upload(files, patient_id=self.anna.id)
        temporary = wizard.file_ids
        bad = wizard.line_ids.filtered("problem")
        self.assertEqual(bad.name, "2.png")
        wizard.action_upload()
        reports = self.env["clinic.diagnostic.report"].search([])
        self.assertEqual(reports.patient_id, self.anna)
        self.assertEqual(len(reports), 2)
        self.assertEqual(set(reports.mapped("delivery")), {"ready"})
        self.assertEqual(len(temporary.exists()), 1, "only the bad file is left")
        failure = self.env["clinic.report.access"].search([("outcome", "=", "refused")])
        self.assertEqual((failure.file_name, failure.reason), ("2.png", "bad_file"))
        self.assertEqual(failure.user_id, self.desk)

    def test_replace(self):
        """REP-02: the corrected file replaces the old one, on the same report."""
        report = self.report()
        self.upload({"new.pdf": pdf("New")}, report_id=report.id)
        self.assertEqual((report.status, report.version_count), ("amended", 2))
        self.upload({"new.html": b"<html>"}, report_id=report.id)
        self.assertEqual(report.version_count, 2)

    def test_files_of_something_else_stay(self):
        """S1: a file that hangs on another record is not removed by an upload."""
        file = self.env["ir.attachment"].create(
            {
                "name": "card.pdf",
                "raw": pdf("Other"),
                "res_model": "res.partner",
                "res_id": self.anna.id,
            }
        )
        wizard = self.upload({"1.pdf": pdf("1")}, patient_id=self.anna.id)
        wizard.file_ids = [Command.link(file.id)]
        wizard.action_read()
        wizard.action_upload()
        self.assertTrue(file.exists())

    def test_left_files_are_removed(self):
        """Files that were chosen and never uploaded do not lie about."""
        wizard = self.upload({"1.pdf": pdf()})
        file = wizard.file_ids
        with freeze_time(datetime.now() + timedelta(days=2)):
            wizard._gc_files()
        self.assertFalse(file.exists())


@tagged("post_install", "-at_install")
class TestReportAccess(ReportCommon):
    """Who sees what, and until when."""

    def test_roles(self):
        """REP-01: desk sees how far it came, doctors what it says, others nothing."""
        report = self.report()
        report.sudo().conclusion = "All values are fine"
        self.assertEqual(
            report.with_user(self.desk).read(["delivery"])[0]["id"], report.id
        )
        own = report.with_user(self.doctor)
        self.assertEqual(own.conclusion, "All values are fine")
        for role in ("manager", "chief_doctor", "administrator"):
            self.assertEqual(
                report.with_user(self.user(role)).conclusion, "All values are fine"
            )
        with self.assertRaises(AccessError):
            report.with_user(self.desk).read(["conclusion"])
        closed = [self.other_doctor, self.portal_user(self.anna), self.user()]
        closed += [
            self.user(role)
            for role in (
                "operator",
                "supervisor",
                "marketing",
                "cashier",
                "client_representative",
            )
        ]
        with mute_logger("odoo.addons.base.models.ir_rule"):
            for user in closed:
                for record in (report, report.version_ids, report.sudo().access_ids):
                    if not record:
                        continue
                    with self.subTest(user=user.login, model=record._name):
                        with self.assertRaises(AccessError):
                            record.with_user(user).read(["id"])

    def test_no_way_to_the_file(self):
        """S3: the stored file opens by its link only, for no role in another way."""
        report = self.report()
        version = report.version_ids
        file = self.env["ir.attachment"].search(
            [
                ("res_model", "=", version._name),
                ("res_id", "=", version.id),
                ("res_field", "=", "content"),
            ]
        )
        self.assertTrue(file)
        for user in (self.desk, self.doctor, self.user("administrator")):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    version.with_user(user).read(["content"])
                with self.assertRaises(AccessError):
                    file.with_user(user).read(["raw"])
        with self.assertRaises(AccessError):
            report.with_user(self.desk).action_open_file()
        self.assertIn(
            str(version.id), report.with_user(self.doctor).action_open_file()["url"]
        )

    def test_log_is_append_only(self):
        """S3: nobody changes or removes what stands in the log of accesses."""
        row = self.env["clinic.report.access"]._log("view", self.report())
        for user in (self.desk, self.doctor, self.user("administrator")):
            log = row.with_user(user)
            for change in (
                lambda log=log: log.write({"outcome": "done"}),
                log.unlink,
                lambda log=log: log.create({"action": "view"}),
            ):
                with self.assertRaises(AccessError):
                    change()
        with freeze_time(fields.Datetime.now() + timedelta(days=700)):
            row._gc_old()
            self.assertTrue(row.exists())
        with freeze_time(fields.Datetime.now() + timedelta(days=800)):
            row._gc_old()
            self.assertFalse(row.exists())

    def test_two_companies(self):
        """REP-01: staff see the reports of their own company only."""
        report = self.report()
        other = self.env["res.company"].create({"name": "Other clinic"})
        report.sudo().company_id = other
        found = self.env["clinic.diagnostic.report"].with_user(self.desk)
        self.assertFalse(found.search([]))

    def test_birthdays(self):
        """S16: at 14 the mother sees sensitive ones no more, at 18 nothing; on the
        clinic's clock, whatever zone she is in, and from the first minute."""
        child = self.patient("Verdi", "Luca", birth_date=date(2012, 7, 10))
        with freeze_time("2026-07-01 10:00:00"):
            self.relate(child, self.anna)
            plain = self.report(child)
            sensitive = self.report(child, self.sensitive)
            (plain | sensitive).sudo().online_until = "2040-01-01"
        # Midnight in Rome, in summer, is 22:00 UTC of the day before.
        for moment, expected in (
            ("2026-07-09 21:59:59", plain | sensitive),
            ("2026-07-09 22:00:01", plain),
            ("2030-07-09 21:59:59", plain),
            ("2030-07-09 22:00:01", self.env["clinic.diagnostic.report"]),
        ):
            for zone in ("Europe/Rome", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
                with self.subTest(moment, zone=zone), freeze_time(moment):
                    self.env.invalidate_all()
                    reports = plain.sudo().with_context(tz=zone)
                    self.assertEqual(reports._search_readable(self.anna), expected)
                    self.assertEqual(reports._search_readable(child), plain | sensitive)
                    wards = self.anna.with_context(tz=zone)._clinic_patients_for("read")
                    self.assertEqual(child in wards, moment < "2030-07-09 22")

    def test_sensitive_without_birth_date(self):
        """S16: when the age is not known, guardians do not see what is sensitive."""
        child = self.patient("Verdi", "Luca")
        self.relate(child, self.anna)
        plain = self.report(child)
        sensitive = self.report(child, self.sensitive)
        self.assertEqual(self.readable(self.anna), plain)
        self.assertEqual(self.readable(child), plain | sensitive)
        child.birth_date = date(2020, 1, 1)
        self.assertEqual(self.readable(self.anna), plain | sensitive)

    def test_ex_guardian_and_bookers(self):
        """S1: who may only book, or once could read, sees no report."""
        child = self.patient("Verdi", "Luca", birth_date=date(2020, 1, 1))
        relation = self.relate(child, self.anna, can_read=False)
        report = self.report(child)
        self.assertFalse(self.readable(self.anna))
        relation.can_read = True
        self.assertEqual(self.readable(self.anna), report)
        relation.write({"date_start": "2020-02-01", "date_end": "2021-01-01"})
        self.assertFalse(self.readable(self.anna))

    def test_merge_and_back(self):
        """PAT-05: reports go with a merged card, and come back."""
        report = self.report()
        secret = self.report(kind=self.sensitive)
        own_stop = secret.guardian_stop
        double = self.patient("Verdi", "Anna Maria", birth_date=date(2012, 3, 12))
        merge = self.env["clinic.merge"]._merge(self.anna, double)
        self.env.invalidate_all()
        self.assertEqual(report.patient_id, double)
        self.assertEqual(self.readable(double), report | secret)
        self.assertEqual(secret.guardian_stop, datetime(2026, 3, 11, 23))
        merge.action_undo()
        self.env.invalidate_all()
        self.assertEqual(report.patient_id, self.anna)
        self.assertFalse(self.readable(double))
        self.assertEqual(secret.guardian_stop, own_stop)
