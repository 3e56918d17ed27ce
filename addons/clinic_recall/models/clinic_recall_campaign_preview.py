import ast
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.clinic_agenda.lib.states import PLANNED
from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_message.lib.states import GONE

#: Kinds of messages after which somebody is left alone for a while.
CONTACTS = ("recall", "recall_campaign", "news")


class ClinicRecallCampaign(models.Model):
    """Who would get it and who would not, before anything is sent."""

    _inherit = "clinic.recall.campaign"

    def _extra_domain(self):
        """The extra condition as a domain.

        :raises ValidationError: it is not one
        """
        try:
            return Domain(ast.literal_eval((self.domain or "[]").strip()))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            raise ValidationError(
                self.env._("The condition cannot be read: build it with the editor.")
            ) from None

    def _patients_query(self):
        """The patients of segment and condition, with the rights of the responsible
        and of who asks.

        :raises AccessError: one of the two may not read what is asked for
        """
        self.ensure_one()
        domain = Domain("is_patient", "=", True) & self._extra_domain()
        for user in (self.env.user | self.user_id)[::-1]:
            patients = self.env["res.partner"].with_user(user)
            patients.env["clinic.health.fields"]._check_may_ask(patients, domain)
            segment = self.segment_id.with_user(user)
            query = segment.env["res.partner"]._search(
                domain & segment._patients_domain()
            )
            query.select()
        return query

    def action_preview(self):
        """Work out who gets it and who does not, and why; nothing is sent.

        :raises UserError: it was started already
        """
        self.check_access("write")
        for campaign in self:
            if campaign.state != "draft":
                raise UserError(self.env._("It was started already."))
            campaign._preview()
        return self.action_open_members() if len(self) == 1 else None

    def _preview(self):
        """Fill the members anew.

        Whether the rules of messages let one through is asked of the very statement
        that writes them: they are written paused, read, and removed again before
        anybody else sees them.
        """
        query = self._patients_query()
        # sudo: members and messages are written for the one who may write the campaign
        campaign = self.sudo()
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM clinic_recall_campaign_member WHERE campaign_id = %s",
            [self.id],
        )
        self.env.cr.execute(campaign._members_sql(query))
        bulk = campaign._make_bulk("paused")
        campaign._queue(bulk)
        self.env.cr.execute(
            SQL(
                """
                UPDATE clinic_recall_campaign_member member
                   SET reason = found.reason, channel = found.channel
                  FROM (SELECT patient_id,
                               CASE WHEN bool_or(state = 'queued') THEN 'gets'
                                    ELSE MIN(suppress_reason) END AS reason,
                               MIN(channel) FILTER (WHERE state = 'queued') AS channel
                          FROM clinic_message WHERE campaign_id = %(bulk)s
                         GROUP BY patient_id) AS found
                 WHERE member.campaign_id = %(id)s
                   AND member.patient_id = found.patient_id
                """,
                bulk=bulk.id,
                id=self.id,
            )
        )
        self.env.cr.execute(
            "DELETE FROM clinic_message WHERE campaign_id = %s", [bulk.id]
        )
        self.env.invalidate_all()
        bulk.unlink()
        campaign.previewed_at = clock.now()

    def _members_sql(self, query):
        """One INSERT of all patients, with the reasons of the campaign itself."""
        now = clock.now()
        return SQL(
            """
            INSERT INTO clinic_recall_campaign_member (campaign_id, patient_id, reason)
            SELECT %(id)s, p.id, CASE
                   WHEN %(skip_booked)s AND EXISTS (
                        SELECT FROM clinic_appointment a
                         WHERE a.patient_id = p.id AND a.state IN %(planned)s
                           AND a.start > %(now)s
                           AND (%(service)s::int IS NULL
                                OR a.service_id = %(service)s::int)) THEN 'has_visit'
                   WHEN %(contacted)s > 0 AND EXISTS (
                        SELECT FROM clinic_message m
                          JOIN clinic_message_kind k ON k.id = m.kind_id
                         WHERE m.patient_id = p.id AND m.direction = 'out'
                           AND m.queued_at > %(since)s AND m.state IN %(gone)s
                           AND k.code IN %(contacts)s) THEN 'contacted'
                   ELSE 'gets' END
              FROM (%(patients)s) AS p
            """,
            id=self.id,
            skip_booked=bool(self.skip_booked),
            planned=PLANNED,
            now=now,
            service=self.service_id.id or None,
            contacted=self.skip_contacted_days,
            since=now - timedelta(days=self.skip_contacted_days),
            gone=GONE,
            contacts=CONTACTS,
            patients=query.select(),
        )
