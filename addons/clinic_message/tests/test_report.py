import json
from io import BytesIO

from openpyxl import load_workbook

from odoo import http
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import NOW, MessageCommon


class ReportCommon(MessageCommon):
    """Four messages to Anna: read, failed, held back, and one of news."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agree(cls.anna)
        cls.place = cls.env["res.partner"].create({"name": "Rome"})
        queue = cls.Message._queue
        cls.read = queue("test_care", cls.anna, step="1", location=cls.place)
        cls.failed = queue("test_care", cls.anna, step="2")
        cls.held = queue("test_care", cls.patient("Bruni", "Ugo"))
        cls.campaign = cls.env["clinic.message.campaign"].create({"name": "Spring"})
        cls.letter = queue("test_news", cls.anna, campaign=cls.campaign)
        cls.read._apply_state("read", "provider", price=0.25)
        cls.failed._apply_state("failed", "provider", detail="5.1.1", price=0.05)
        cls.letter._apply_state("sent", "sender", price=0.05)
        cls.env.flush_all()
        cls.report = cls.env["clinic.message.report"]
        cls.desk = new_test_user(
            cls.env, "desk", groups="clinic_patient.group_clinic_receptionist"
        )
        cls.marketing = new_test_user(
            cls.env, "marketing", groups="clinic_patient.group_clinic_marketing"
        )
        cls.manager = new_test_user(
            cls.env, "manager", groups="clinic_patient.group_clinic_manager"
        )


@tagged("post_install", "-at_install")
class TestReport(ReportCommon):
    """How messages do, for who may read them."""

    def test_rates_and_costs(self):
        """MSG-08: by kind, purpose, channel, provider, status, campaign, location and
        period: how much was sent and delivered, and what it cost."""
        of_kind = dict.fromkeys(("sent", "delivered", "failed", "held"))
        fields = [*of_kind, "delivery_rate", "sent_rate", "cost"]
        ((_kind, *values),) = self.report._read_group(
            [("kind_id", "=", self.kind.id), ("date", ">=", NOW)],
            ["kind_id"],
            [f"{name}:{'avg' if 'rate' in name else 'sum'}" for name in fields],
        )
        row = dict(zip(fields, values, strict=True))
        self.assertEqual([row[name] for name in of_kind], [1, 1, 1, 1])
        self.assertEqual((row["delivery_rate"], row["sent_rate"]), (50.0, 50.0))
        self.assertAlmostEqual(row["cost"], 0.30)
        for by, value in (
            ("purpose", "marketing"),
            ("campaign_id", self.campaign),
            ("provider_id", self.mail_provider),
            ("state", "sent"),
            ("channel", "email"),
        ):
            with self.subTest(by=by):
                found = dict(
                    self.report._read_group(
                        [("id", "=", self.letter.id)], [by], ["cost:sum"]
                    )
                )
                self.assertAlmostEqual(found[value], 0.05)
        placed = self.report.search([("place", "=", "Rome")])
        self.assertEqual(placed.ids, self.read.ids)
        self.assertFalse(self.report.search([("date", "<", NOW)]))

    def test_a_report_has_the_rights_of_the_log(self):
        mine = [("id", "in", (self.read | self.letter).ids)]
        self.assertEqual(
            self.report.with_user(self.desk).search(mine).ids,
            (self.letter | self.read).ids,
        )
        self.assertEqual(
            self.report.with_user(self.marketing).search(mine).ids, self.letter.ids
        )
        portal = new_test_user(self.env, "portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.report.with_user(portal).search([])
        other = self.env["res.company"].create({"name": "Another clinic"})
        self.read.company_id = other
        self.env.flush_all()
        self.assertNotIn(self.read.id, self.report.with_user(self.desk).search([]).ids)

    def test_money_is_for_who_may_see_it(self):
        """The log and its report: costs are shown to the cashier and the manager."""
        for model, line in (
            (self.Message, self.read),
            (self.report, self.report.browse(self.read.id)),
        ):
            with self.subTest(model=model._name):
                self.assertNotIn("cost", model.with_user(self.desk).fields_get())
                self.assertIn("cost", model.with_user(self.manager).fields_get())
                with self.assertRaises(AccessError):
                    line.with_user(self.desk).read(["cost"])
                with self.assertRaises(AccessError):
                    model.with_user(self.desk)._read_group([], [], ["cost:sum"])
                self.assertAlmostEqual(line.with_user(self.manager).cost, 0.25)


@tagged("post_install", "-at_install")
class TestReportFile(ReportCommon, HttpCase):
    """The report as a file, by the export of Odoo."""

    def test_the_report_as_a_spreadsheet(self):
        """MSG-08: XLSX of the list, with numbers as numbers."""
        names = ("date", "channel", "kind_id", "state", "sent", "delivered", "cost")
        self.manager.group_ids |= self.env.ref("base.group_allow_export")
        self.authenticate("manager", "manager")
        answer = self.url_open(
            "/web/export/xlsx",
            {
                "data": json.dumps(
                    {
                        "model": "clinic.message.report",
                        "fields": [
                            {
                                "name": name,
                                "label": name,
                                "type": self.report._fields[name].type,
                            }
                            for name in names
                        ],
                        "ids": self.read.ids,
                        "domain": [],
                        "groupby": [],
                        "import_compat": False,
                    }
                ),
                "csrf_token": http.Request.csrf_token(self),
            },
        )
        sheet = load_workbook(BytesIO(answer.content)).active
        head, row = list(sheet.iter_rows(values_only=True))
        self.assertEqual(head, names)
        self.assertEqual(row[1:], ("E-mail", "Test of care", "Read", 1, 1, 0.25))
