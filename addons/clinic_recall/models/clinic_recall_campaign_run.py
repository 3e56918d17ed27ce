from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.clinic_agenda.lib.states import PLANNED
from odoo.addons.clinic_base.lib import clock

from ..lib import spread


class ClinicRecallCampaign(models.Model):
    """From the first message to the last."""

    _inherit = "clinic.recall.campaign"

    # ------------------------------------------------------------
    # When
    # ------------------------------------------------------------

    def _hours(self, count):
        """Local hours for so many messages, beginning now or on the first day."""
        zone = ZoneInfo(self.company_id.partner_id.tz or "UTC")
        utc = ZoneInfo("UTC")
        now = clock.now().replace(tzinfo=utc).astimezone(zone)
        here = now.replace(tzinfo=None)
        hour = here.replace(minute=0, second=0, microsecond=0)
        return spread.hours(
            max(self.date_start, here.date()),
            self._weekdays(),
            self.hour_from,
            self.hour_to,
            -(-count // self.per_hour) or 1,
            not_before=hour,
        )

    def _due_sql(self, number, patient, hours):
        """SQL of the moment of a message, in the zone of the patient.

        :param SQL number: which message it is, from 0
        :param SQL patient: id of the card
        :param list hours: of :meth:`_hours`
        """
        return SQL(
            "((%(hours)s::timestamp[])[%(number)s / %(each)s + 1]"
            " + (%(number)s %% %(each)s) * %(gap)s)"
            " AT TIME ZONE COALESCE((SELECT z.tz FROM res_partner z"
            " WHERE z.id = %(patient)s), %(zone)s) AT TIME ZONE 'UTC'",
            hours=hours,
            number=number,
            each=self.per_hour,
            gap=timedelta(hours=1) / self.per_hour,
            patient=patient,
            zone=self.company_id.partner_id.tz or "UTC",
        )

    # ------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------

    def _make_bulk(self, state):
        return self.env["clinic.message.campaign"].create(
            {
                "name": self.name,
                "kind_id": self.kind_id.id,
                "template_id": self.template_id.id,
                "channel": self.channel,
                "segment_id": self.segment_id.id,
                "company_id": self.company_id.id,
                "user_id": self.user_id.id,
                "state": state,
            }
        )

    def _queue(self, bulk):
        """Write the messages of the members who are not excluded, in one statement."""
        [[count]] = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM clinic_recall_campaign_member"
                " WHERE campaign_id = %s AND reason = 'gets'",
                self.id,
            )
        )
        if not count:
            return 0
        number = SQL("(ROW_NUMBER() OVER (ORDER BY id) - 1)")
        return self.env["clinic.message"]._queue_query(
            self.kind_id.code,
            SQL(
                """
                SELECT patient_id, origin_id, %(due)s AS due
                  FROM (SELECT patient_id, campaign_id AS origin_id,
                               %(number)s AS number
                          FROM clinic_recall_campaign_member
                         WHERE campaign_id = %(id)s AND reason = 'gets') AS member
                """,
                due=self._due_sql(
                    SQL("number"), SQL("member.patient_id"), self._hours(count)
                ),
                number=number,
                id=self.id,
            ),
            self._name,
            channel=self.channel or None,
            template=self.template_id,
            campaign=bulk,
            company=self.company_id,
            with_due=True,
        )

    def action_start(self):
        """Work out who gets it once more, and write the messages; a second click
        changes nothing.

        :raises UserError: nobody would get it
        """
        self.check_access("write")
        for campaign in self:
            campaign.lock_for_update()
            if campaign.state == "draft":
                campaign._start()

    def _start(self):
        self._preview()
        self.invalidate_recordset()
        if not self.gets_count:
            raise UserError(
                self.env._("Nobody would get it: open the preview to see why.")
            )
        # sudo: clinic.message - the right on the campaign and its patients was asked
        campaign = self.sudo()
        bulk = campaign._make_bulk("running")
        campaign.write({"state": "running", "bulk_id": bulk.id})
        campaign._queue(bulk)
        bulk._begin_sending()

    def action_pause(self):
        """Send nothing more for now."""
        self.check_access("write")
        for campaign in self.filtered(lambda each: each.state == "running"):
            # sudo: clinic.message.campaign - the right on the campaign was asked for
            campaign.sudo().bulk_id.action_pause()
            campaign._ours().state = "paused"

    def action_resume(self):
        """Go on: what waits is spread anew from now, not sent all at once."""
        self.check_access("write")
        for campaign in self.filtered(lambda each: each.state == "paused"):
            campaign.sudo()._spread_anew()
            # sudo: clinic.message.campaign - the right on the campaign was asked for
            campaign.sudo().bulk_id.action_resume()
            campaign._ours().state = "running"

    def _spread_anew(self):
        self.env.flush_all()
        [[count]] = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM clinic_message WHERE campaign_id = %s"
                " AND state = 'queued'",
                self.bulk_id.id,
            )
        )
        if not count:
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE clinic_message message
                   SET due = %(due)s,
                       expires_at = expires_at + (%(due)s - message.due)
                  FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY due, id) - 1 AS number
                          FROM clinic_message
                         WHERE campaign_id = %(bulk)s AND state = 'queued') AS line
                 WHERE line.id = message.id
                """,
                due=self._due_sql(
                    SQL("line.number"), SQL("message.patient_id"), self._hours(count)
                ),
                bulk=self.bulk_id.id,
            )
        )
        self.env["clinic.message"].invalidate_model()

    def action_stop(self):
        """Take back what was not sent yet, for good."""
        self.check_access("write")
        for campaign in self.filtered(lambda each: each.state in ("running", "paused")):
            # sudo: clinic.message.campaign - the right on the campaign was asked for
            campaign.sudo().bulk_id.action_stop()
            campaign._ours().state = "stopped"

    @api.model
    def _finish_sent(self):
        """Sendings of which nothing waits any more are done."""
        for campaign in self.search([("state", "=", "running")]):
            if not campaign.bulk_id.waiting_count:
                campaign._ours().state = "done"

    def _message_values(self, lang, message):
        """Values of the names in the texts of mass recalls.

        :param str lang: of who gets it
        :param message: ``clinic.message``
        """
        self.ensure_one()
        # sudo: clinic.recall.campaign - the text is for the patient
        campaign = self.sudo()
        link = f"{campaign.get_base_url()}/clinic/book"
        if campaign.service_id.online_bookable:
            link = f"{link}/times?service={campaign.service_id.id}"
        return {"link": link}

    def _message_is_obsolete(self, message):
        """Who booked meanwhile is not asked to.

        :param message: ``clinic.message``
        """
        # sudo: asked by the sender
        campaign = self.sudo()
        if not campaign.skip_booked:
            return False
        domain = [
            ("patient_id", "=", message.patient_id.id),
            ("state", "in", PLANNED),
            ("start", ">", clock.now()),
        ]
        if campaign.service_id:
            domain.append(("service_id", "=", campaign.service_id.id))
        return bool(campaign.env["clinic.appointment"].search_count(domain, limit=1))

    # ------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------

    def action_open_members(self):
        """Who gets it, and who does not and why."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_recall_campaign_member_action"
            ),
            domain=[("campaign_id", "=", self.id)],
        )

    def action_open_results(self):
        """What came of it, one line a patient."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_recall_campaign_result_action"
            ),
            domain=[("campaign_id", "=", self.id)],
            context={},
        )

    def action_open_funnel(self):
        """How many were written to, reached, booked, came."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_recall_campaign_funnel_action"
            ),
            domain=[("campaign_id", "=", self.id)],
        )

    def action_open_messages(self):
        """The messages, one line a recipient."""
        self.ensure_one()
        return self.bulk_id.action_open_messages()
