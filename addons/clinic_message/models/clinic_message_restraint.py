from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock


class ClinicMessage(models.Model):
    """When a message is not sent: the person's will, caps, quiet hours.

    The same expression is asked when a message is queued and again right before it
    leaves, so that what changed meanwhile counts.
    """

    _inherit = "clinic.message"

    @api.model
    def _restraint_sql(self, company, purpose, urgent, alias="m"):
        """Return an SQL expression for the reason to hold a row back, or NULL.

        :param company: res.company, whose caps hold
        :param str purpose: of the kind
        :param bool urgent: asked for by the person, or too important to be capped
        :param str alias: of rows with ``id, patient_id, recipient_id, channel,
            address, allowed, is_active, is_minor, may_be_told``
        """
        row = SQL.identifier(alias)
        marketing = purpose == "marketing"
        asked = purpose == "service"
        cap, days = company.clinic_message_cap, company.clinic_message_cap_days
        parts = [
            SQL("WHEN NOT %s.is_active THEN 'archived'", row),
            SQL("WHEN NOT %s.may_be_told THEN 'recipient'", row),
            SQL("WHEN %s.address IS NULL THEN 'no_address'", row),
            SQL("WHEN NOT %s.allowed THEN 'permission'", row),
        ]
        if marketing:
            parts.append(SQL("WHEN %s.is_minor THEN 'minor'", row))
        if not asked:
            parts.append(
                SQL(
                    """
                    WHEN EXISTS (
                        SELECT FROM clinic_message_optout o
                         WHERE o.address = %(row)s.address AND o.ended_at IS NULL
                           AND (o.channel IS NULL OR o.channel = %(row)s.channel)
                           AND o.purpose IN %(purposes)s) THEN 'optout'
                    """,
                    row=row,
                    purposes=("marketing", "care") if marketing else ("care",),
                )
            )
        if marketing:
            kind = self.env["clinic.consent.kind"]._by_code("marketing")
            parts.append(
                SQL(
                    """
                    WHEN COALESCE((
                        SELECT c.decision FROM clinic_consent c
                         WHERE c.patient_id = %(row)s.patient_id
                           AND c.kind_id = %(kind)s AND c.set_aside IS NOT TRUE
                         ORDER BY c.date DESC, c.id DESC LIMIT 1), '') <> 'given'
                    THEN 'consent'
                    """,
                    row=row,
                    kind=kind.id or 0,
                )
            )
            if cap and not urgent:
                parts.append(
                    SQL(
                        """
                        WHEN (SELECT COUNT(*) FROM clinic_message x
                               WHERE x.recipient_id = %(row)s.recipient_id
                                 AND x.purpose = 'marketing' AND x.direction = 'out'
                                 AND x.queued_at > %(since)s
                                 AND x.state NOT IN ('suppressed', 'cancelled',
                                                     'failed', 'bounced', 'expired')
                                 AND x.previous_id IS NULL
                                 AND x.id < COALESCE(%(row)s.id, 2147483647)
                             ) >= %(cap)s THEN 'cap'
                        """,
                        row=row,
                        since=clock.now() - timedelta(days=days),
                        cap=cap,
                    )
                )
        return SQL("CASE %s END", SQL(" ").join(parts))

    @api.model
    def _quiet_until(self, company, purpose, zone, now=None):
        """Return when the quiet hours that hold now end, or ``None``.

        :param company: res.company
        :param str purpose: of the kind
        :param str zone: of whoever would be woken up
        :param datetime now: naive UTC
        :returns: naive UTC; the first moment after the quiet hours, whatever the clocks
            do in that night
        """
        if purpose == "service":
            return None
        name = "marketing" if purpose == "marketing" else "care"
        start = company[f"clinic_quiet_{name}_start"]
        end = company[f"clinic_quiet_{name}_end"]
        if start == end:
            return None
        moment = (now or clock.now()).replace(tzinfo=timezone.utc)
        local = moment.astimezone(ZoneInfo(zone or "UTC"))
        hour = local.hour + local.minute / 60
        inside = start <= hour < end if start < end else hour >= start or hour < end
        if not inside:
            return None
        day = local.date()
        if hour >= end:
            day += timedelta(days=1)
        whole, minutes = divmod(round(end * 60), 60)
        first = datetime(
            day.year, day.month, day.day, whole % 24, minutes, tzinfo=local.tzinfo
        )
        result = first.astimezone(timezone.utc).replace(tzinfo=None)
        # In the night of the change an hour may not exist: never point to the past.
        return max(result, moment.replace(tzinfo=None) + timedelta(minutes=1))

    @api.model
    def _hold_back_optout(self, address, channel, purpose):
        """Hold back what waits for an address that was just put on the list.

        Blocks until a sender that is in the middle of sending to it has finished.
        """
        purposes = ("marketing", "care") if purpose == "care" else ("marketing",)
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE clinic_message
                   SET state = 'suppressed', suppress_reason = 'optout',
                       wait_reason = NULL, lease_until = NULL, claim = NULL
                 WHERE address = %(address)s AND direction = 'out'
                   AND state IN ('queued', 'claimed') AND tried_at IS NULL
                   AND purpose IN %(purposes)s AND %(channel)s
             RETURNING id
                """,
                address=address,
                purposes=purposes,
                channel=SQL("channel = %s", channel) if channel else SQL("TRUE"),
            )
        )
        held = self.browse(row[0] for row in rows)
        held.invalidate_recordset()
        held._record_events("suppressed", "patient", detail="optout")
        for message in held:
            message._apart("_after_state", "queued")
        return held
