from odoo import fields, models
from odoo.tools import SQL

from .journey_domain import read_domain


class ClinicJourneyNode(models.Model):
    """What a step does, for all who are there at once."""

    _inherit = "clinic.journey.node"

    def _run(self, entries):
        """Do what this step does, once for each entry.

        :param entries: clinic.journey.entry that are here; this transaction has them
        :returns: those that go on by *then*; the others go by *otherwise*
        """
        self.ensure_one()
        method = getattr(self, f"_run_{self.kind}", None)
        result = method(entries) if method else None
        return entries if result is None else result

    def _run_condition(self, entries):
        if self.condition == "domain":
            Partner = self.env["res.partner"].with_user(self.journey_id.owner_id)
            fitting = Partner.search(
                [*read_domain(self, self.domain), ("id", "in", entries.patient_id.ids)]
            )
            return entries.filtered(lambda entry: entry.patient_id.id in fitting._ids)
        ids = entries._that_have(
            self.condition, self.message_node_id, int(self.watched_percent or 0)
        )
        return entries.filtered(lambda entry: entry.id in ids)

    def _run_message(self, entries):
        journey = self.journey_id
        self.env["clinic.message"]._queue_query(
            "journey_care" if journey.purpose == "care" else "journey_news",
            SQL(
                "SELECT patient_id, id AS origin_id FROM clinic_journey_entry"
                " WHERE id = ANY(%s)",
                entries.ids,
            ),
            "clinic.journey.entry",
            step=f"node-{self.id}",
            channel=self.channel or None,
            template=self.template_id,
            company=journey.company_id,
        )

    _run_video = _run_message

    def _run_task(self, entries):
        today = fields.Date.context_today(self)
        # sudo: mail.activity - the owner of the journey plans for others
        self.env["mail.activity"].sudo().create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": entry.patient_id.id,
                    "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                    "summary": self.task_summary,
                    "date_deadline": fields.Date.add(today, days=self.task_days),
                    "user_id": (
                        self.task_user_id
                        or entry.patient_id.responsible_id
                        or self.journey_id.owner_id
                    ).id,
                }
                for entry in entries
            ]
        )

    def _run_tag(self, entries):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO res_partner_res_partner_category_rel
                       (partner_id, category_id)
                SELECT DISTINCT patient_id, %s FROM clinic_journey_entry
                 WHERE id = ANY(%s)
                    ON CONFLICT DO NOTHING
                """,
                self.tag_id.id,
                entries.ids,
            )
        )
        entries.patient_id.invalidate_recordset(["category_id"])

    def _run_deal(self, entries):
        # A move writes chatter and asks rules of each deal: one after another.
        for entry in entries:
            self.env["crm.lead"]._apply_rule(
                self.rule_id.key, entry.patient_id, self.journey_id.name
            )

    def _run_goal(self, entries):
        entries._leave("goal")

    def _run_exit(self, entries):
        entries._leave("done")
