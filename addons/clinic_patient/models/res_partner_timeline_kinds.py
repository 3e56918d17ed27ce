from odoo import fields, models
from odoo.tools import SQL, html2plaintext

from ..lib.roles import STAFF_GROUPS
from .res_partner_timeline import TimelineKind

#: Characters of a message that are shown.
EXCERPT = 280


class ResPartner(models.Model):
    """What the card itself puts on the timeline: messages, documents, tasks, family."""

    _inherit = "res.partner"

    document_count = fields.Integer(
        string="Documents", compute="_compute_document_count", groups=STAFF_GROUPS
    )

    def _compute_document_count(self):
        # sudo: ir.attachment - who reads a card reads the names of its documents
        counts = dict(
            self.env["ir.attachment"]
            .sudo()
            ._read_group(
                [
                    ("res_model", "=", "res.partner"),
                    ("res_id", "in", self.ids),
                    ("res_field", "=", False),
                ],
                ["res_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.document_count = counts.get(partner._origin.id, 0)

    def action_open_documents(self):
        """Open the documents of this patient."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Documents of %(name)s", name=self.name),
            "res_model": "ir.attachment",
            "view_mode": "kanban,list",
            "views": [(False, "kanban"), (False, "list")],
            "domain": [("res_model", "=", "res.partner"), ("res_id", "=", self.id)],
        }

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        here = [("model", "=", "res.partner"), ("res_id", "=", self.id)]
        # sudo: mail.message, mail.activity, ir.attachment - they are read by whoever
        # reads the record they hang on, and the reader of this card was checked. Odoo
        # finds that out row by row, which takes seconds for thousands of messages.
        messages = self.env["mail.message"].sudo()
        tasks = self.env["mail.activity"].sudo()
        files = self.env["ir.attachment"].sudo()
        kinds += [
            TimelineKind(
                "message",
                self.env._("Notes and messages"),
                "fa-comment",
                "info",
                messages._search(
                    here
                    + [
                        (
                            "message_type",
                            "not in",
                            ("notification", "user_notification"),
                        )
                    ]
                ),
                SQL.identifier("mail_message", "date"),
                self._describe_messages,
            ),
            TimelineKind(
                "change",
                self.env._("Changes of the card"),
                "fa-pencil",
                "secondary",
                messages._search(here + [("message_type", "=", "notification")]),
                SQL.identifier("mail_message", "date"),
                self._describe_messages,
            ),
            TimelineKind(
                "document",
                self.env._("Documents"),
                "fa-file-text-o",
                "warning",
                files._search(
                    [
                        ("res_model", "=", "res.partner"),
                        ("res_id", "=", self.id),
                        ("res_field", "=", False),
                    ]
                ),
                SQL.identifier("ir_attachment", "create_date"),
                self._describe_documents,
            ),
            TimelineKind(
                "task",
                self.env._("Tasks"),
                "fa-clock-o",
                "danger",
                tasks._search(
                    [("res_model", "=", "res.partner"), ("res_id", "=", self.id)]
                ),
                SQL.identifier("mail_activity", "date_deadline"),
                self._describe_tasks,
            ),
        ]
        relations = self.env["clinic.relationship"]
        if relations.has_access("read"):
            kinds.append(
                TimelineKind(
                    "family",
                    self.env._("Family and guardians"),
                    "fa-users",
                    "success",
                    relations._search(
                        [
                            "|",
                            ("patient_id", "=", self.id),
                            ("guardian_id", "=", self.id),
                        ]
                    ),
                    SQL.identifier("clinic_relationship", "date_start"),
                    self._describe_relations,
                )
            )
        return kinds

    def _describe_messages(self, ids):
        # sudo: mail.message - see _timeline_kinds
        messages = self.env["mail.message"].sudo().browse(ids)
        described = {}
        for message in messages:
            text = html2plaintext(message.body or "").strip()
            changes = "; ".join(
                f"{value.field_id.field_description}"
                for value in message.tracking_value_ids._filter_has_field_access(
                    self.env
                )
            )
            described[message.id] = {
                "title": message.subject
                or (message.subtype_id.name if not text else False)
                or self.env._("Message"),
                "text": (text or changes)[:EXCERPT],
                "author": message.author_id.name or message.email_from,
                "badge": self.env._("Internal note")
                if message.is_internal or message.subtype_id.internal
                else False,
                "badge_color": "secondary",
            }
        return described

    def _describe_documents(self, ids):
        # sudo: ir.attachment - see _timeline_kinds; the file itself is opened by a
        # route that checks the rights again
        return {
            document.id: {
                "title": document.name,
                "author": document.create_uid.name,
                "url": f"/web/content/{document.id}?download=true",
            }
            for document in self.env["ir.attachment"].sudo().browse(ids)
        }

    def _describe_tasks(self, ids):
        # sudo: mail.activity - see _timeline_kinds
        return {
            task.id: {
                "title": task.summary or task.activity_type_id.name,
                "text": html2plaintext(task.note or "").strip()[:EXCERPT],
                "author": task.user_id.name,
                "when": fields.Date.to_string(task.date_deadline),
            }
            for task in self.env["mail.activity"].sudo().browse(ids)
        }

    def _describe_relations(self, ids):
        described = {}
        for relation in self.env["clinic.relationship"].browse(ids):
            other = (
                relation.guardian_id
                if relation.patient_id == self
                else relation.patient_id
            )
            described[relation.id] = {
                "title": relation.display_name
                if relation.patient_id == self
                else self.env._("Acts for %(name)s", name=other.name),
                "when": fields.Date.to_string(relation.date_start),
                "open": {"model": "res.partner", "id": other.id},
            }
        return described
