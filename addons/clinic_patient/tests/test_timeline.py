from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ROLES, ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestTimeline(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.patient()
        cls.anna.message_post(body="Called, comes on Monday", message_type="comment")
        cls.document = cls.env["ir.attachment"].create(
            {
                "name": "Referral.pdf",
                "raw": b"x",
                "res_model": "res.partner",
                "res_id": cls.anna.id,
            }
        )
        cls.anna.activity_schedule(summary="Call back")
        cls.child = cls.patient("Verdi", "Luca")
        cls.relate(cls.child, cls.anna)

    def test_everything_in_one_line(self):
        """PAT-06: notes, documents, tasks and family, the latest first, with counts."""
        page = self.anna.timeline()
        counts = {kind["name"]: kind["count"] for kind in page["kinds"]}
        for name in ("message", "document", "task", "family"):
            self.assertEqual(counts[name], 1, name)
        moments = [item["moment"] for item in page["items"]]
        self.assertEqual(moments, sorted(moments, reverse=True))
        titles = {item["kind"]: item["title"] for item in page["items"]}
        self.assertEqual(titles["document"], "Referral.pdf")
        self.assertEqual(titles["task"], "Call back")
        self.assertIn("Luca", titles["family"])
        texts = [item.get("text") for item in page["items"]]
        self.assertIn("Called, comes on Monday", texts)
        self.assertEqual(self.anna.document_count, 1)

    def test_by_kind(self):
        """PAT-06: filtered by kind."""
        items = self.anna.timeline(["document", "task"])["items"]
        self.assertEqual({item["kind"] for item in items}, {"document", "task"})
        for kind in self.anna.timeline()["kinds"]:
            items = self.anna.timeline([kind["name"]])["items"]
            self.assertEqual(
                [item["kind"] for item in items], [kind["name"]] * kind["count"]
            )
        self.assertFalse(self.anna.timeline(["no such kind"])["items"])

    def test_pages(self):
        """PAT-06: page by page nothing is lost and nothing comes twice, also of one
        moment."""
        for number in range(23):
            self.anna.message_post(body=f"Note {number}", message_type="comment")
        self.env.cr.execute(
            "UPDATE mail_message SET date = '2026-01-01' WHERE model = 'res.partner'"
            " AND res_id = %s AND id %% 2 = 0",
            [self.anna.id],
        )
        whole = [item["key"] for item in self.anna.timeline(limit=200)["items"]]
        self.assertEqual(len(whole), len(set(whole)))
        pages, cursor = [], None
        while True:
            page = self.anna.timeline(before=cursor, limit=7)
            pages += [item["key"] for item in page["items"]]
            cursor = page["cursor"]
            if not cursor:
                break
        self.assertEqual(pages, whole)

    def test_few_statements(self):
        """PAT-06: what a page costs does not grow with the history."""
        for number in range(30):
            self.anna.message_post(body=f"Note {number}", message_type="comment")
        self.env.flush_all()
        self.anna.timeline()
        self.env.invalidate_all()
        few = self.queries(lambda: self.anna.timeline(limit=5))
        self.env.invalidate_all()
        many = self.queries(lambda: self.anna.timeline(limit=40))
        self.assertLessEqual(many, few + 8)

    def queries(self, work):
        before = self.env.cr.sql_log_count
        work()
        return self.env.cr.sql_log_count - before

    def test_by_role(self):
        """OPS-01, PAT-06: the timeline is for the staff of the clinic."""
        portal = self.portal_user(self.anna)
        for role in (*ROLES, None):
            user = self.user(role) if role else portal
            card = self.anna.with_user(user)
            with self.subTest(role or "portal"), mute_logger("odoo.models"):
                if role in (None, "client_representative"):
                    with self.assertRaises(AccessError):
                        card.timeline()
                else:
                    self.assertGreaterEqual(len(card.timeline()["items"]), 4)
