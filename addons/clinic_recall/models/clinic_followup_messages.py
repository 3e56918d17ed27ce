from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL
from odoo.tools.misc import hash_sign

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_message.lib.channels import CHANNELS

#: The kind of message that follow-ups send; see data/clinic_followup_messages.xml.
KIND = "followup"
#: How long a patient may answer by the link of a message.
LINK_DAYS = 30
#: How long after a message an answer counts as the answer to a follow-up.
REPLY_DAYS = 14


class ClinicFollowupPlanStep(models.Model):
    """Steps that write: with which text, by which channel."""

    _inherit = "clinic.followup.plan.step"

    template_id = fields.Many2one(
        "clinic.message.template",
        string="Text",
        domain=[("kind_id.code", "=", KIND)],
        ondelete="restrict",
        index="btree_not_null",
    )
    channel = fields.Selection(CHANNELS, help="Empty: as the switchboard says.")

    @api.constrains("kind", "template_id")
    def _check_template(self):
        for step in self:
            if step.kind == "message" and not step.template_id:
                raise ValidationError(
                    self.env._("Choose the text of the step “%s”.", step.name)
                )


class ClinicFollowupStep(models.Model):
    """What leaves by itself: each message once, whoever runs the clock."""

    _inherit = "clinic.followup.step"

    template_id = fields.Many2one(
        "clinic.message.template",
        string="Text",
        domain=[("kind_id.code", "=", KIND)],
        ondelete="restrict",
        index="btree_not_null",
    )
    channel = fields.Selection(CHANNELS)

    def _send(self):
        """Queue the messages of these steps, one statement for each text and channel.

        The key of a message is its step: it cannot be written twice.
        """
        Message = self.env["clinic.message"]
        now = clock.now()
        for (template, channel, company, place), steps in self.grouped(
            lambda step: (
                step.template_id,
                step.channel,
                step.company_id,
                step.followup_id.location_id,
            )
        ).items():
            Message._queue_query(
                KIND,
                SQL(
                    "SELECT patient_id, id AS origin_id FROM clinic_followup_step"
                    " WHERE id = ANY(%s)",
                    steps.ids,
                ),
                "clinic.followup.step",
                channel=channel or None,
                template=template,
                location=place or None,
                company=company,
            )
        messages = self.filtered(lambda step: step.kind == "message")
        messages._ours().write({"state": "done", "done_on": now, "result": "sent"})
        messages._mark_told()
        messages.followup_id._finish_if_over()

    def _mark_told(self):
        """Say of these steps whether their message is told, by whichever attempt."""
        if not self:
            return
        self.flush_recordset()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE clinic_followup_step step
                   SET result = CASE WHEN fate.told THEN 'sent' ELSE 'suppressed' END
                  FROM (SELECT one.id, EXISTS (
                               SELECT FROM clinic_message message
                                WHERE message.res_model = 'clinic.followup.step'
                                  AND message.res_id = one.id AND %(told)s) AS told
                          FROM clinic_followup_step one WHERE one.id = ANY(%(ids)s)
                       ) AS fate
                 WHERE step.id = fate.id AND step.result IN ('sent', 'suppressed')
                """,
                told=self.env["clinic.message"]._told_sql("message"),
                ids=self.ids,
            )
        )
        self.invalidate_recordset(["result"])

    def _message_values(self, lang, message):
        """What stands behind the names in the texts; nothing about health."""
        self.ensure_one()
        base = self.get_base_url()
        return {
            "location": self.followup_id.location_id.name or message.company_id.name,
            "booking_link": f"{base}/clinic/book",
            "answer_link": f"{base}{self._answer_path()}"
            if self.questionnaire_id
            else f"{base}/my",
        }

    def _answered_by_link(self, given):
        """The patient answered by the link of a message, whole or not at all.

        :param dict given: ``{question id: answer}``
        :raises UserError: an answer is missing, makes no sense, or is given already
        """
        self.ensure_one()
        self.env["clinic.followup.answer"]._record(self, given, "link")
        if self.state == "open":
            self._finish("answered")
            self._ours().done_by_id = False
        else:
            self._ours().result = "answered"
        followup = self.followup_id
        if not followup.replied_on:
            followup._ours().replied_on = clock.now()

    def _answer_path(self):
        """The signed path by which whoever got the message answers once."""
        self.ensure_one()
        token = hash_sign(
            self.env(su=True),
            "clinic.followup.answer",
            self.id,
            expiration_hours=24 * LINK_DAYS,
        )
        return f"/clinic/answer/{token}"


class ClinicMessageKind(models.Model):
    """Names that texts of follow-ups may use."""

    _inherit = "clinic.message.kind"

    def _placeholders(self):
        names = super()._placeholders()
        if self.code == KIND:
            names |= {
                "location": self.env._("Name of the place the patient was at"),
                "booking_link": self.env._("Address where a visit is booked"),
                "answer_link": self.env._("Address of the questions of this step"),
            }
        return names


class ClinicMessage(models.Model):
    """Answers of patients who are followed up."""

    _inherit = "clinic.message"

    def _after_inbound(self, keyword):
        handled = super()._after_inbound(keyword)
        if self.patient_id:
            # sudo: clinic.followup - follows from what the patient wrote
            self.env["clinic.followup"].sudo()._patient_replied(self.patient_id)
        return handled

    def _after_state(self, old_state):
        result = super()._after_state(old_state)
        if self.res_model == "clinic.followup.step":
            # sudo: clinic.followup.step - follows from what the provider says
            step = self.env["clinic.followup.step"].sudo().browse(self.res_id)
            step.exists().filtered(lambda one: one.kind == "message")._mark_told()
        return result


class ClinicFollowup(models.Model):
    """What an answer means for the follow-ups of a patient."""

    _inherit = "clinic.followup"

    @api.model
    def _patient_replied(self, patient):
        """The patient wrote: note it on follow-ups that wrote before, stop some."""
        since = fields.Datetime.subtract(clock.now(), days=REPLY_DAYS)
        messages = self.env["clinic.message"]
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT m.res_id FROM clinic_message m"
                " WHERE m.patient_id = %s AND m.res_model = 'clinic.followup.step'"
                " AND m.queued_at >= %s AND %s",
                patient.id,
                since,
                messages._told_sql("m"),
            )
        )
        steps = self.env["clinic.followup.step"].browse(row[0] for row in rows)
        followups = steps.exists().followup_id
        followups.filtered(lambda one: not one.replied_on)._ours().write(
            {"replied_on": clock.now()}
        )
        followups.filtered("plan_id.stop_on_reply")._stop("reply")
