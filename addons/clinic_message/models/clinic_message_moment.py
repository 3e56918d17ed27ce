from odoo import fields, models
from odoo.tools import SQL

from ..lib.states import ANSWERS

#: Kinds whose origin says itself who may be told (``_message_is_obsolete``).
ASKS_ORIGIN = ("report_ready",)


class ClinicMessage(models.Model):
    """What is true at the moment of sending: address, permission, who may be told.

    A message may wait for days. Whatever was corrected, taken away, merged or erased
    meanwhile counts; the log keeps the address that it was sent to.
    """

    _inherit = "clinic.message"

    def _as_of_now(self, company, kind):
        """Bring the addresses of claimed messages up to date.

        :param company: res.company of all of them
        :param kind: ``clinic.message.kind`` of all of them, perhaps none
        :returns: ``{id: reason}`` of those that may not be sent
        """
        # What a colleague wrote by hand in a conversation is his to answer for.
        if not kind or not self:
            return {}
        self._name_again()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id, %(reason)s, r.address, r.provider_id
                  FROM (%(now)s) AS r
                """,
                reason=self._restraint_sql(company, kind.purpose, kind.is_urgent, "r"),
                now=self._now_sql(company, kind, self[0].channel),
            )
        )
        self._write_addresses(
            [(id_, address, provider) for id_, reason, address, provider in rows]
        )
        return {id_: reason for id_, reason, _address, _provider in rows if reason}

    def _now_sql(self, company, kind, channel):
        """Query of these messages with the address, the provider and the rights of now.

        :param str channel: of all of them
        """
        today = fields.Date.context_today(
            self.with_context(tz=self.env["res.partner"]._clinic_tz())
        )
        return SQL(
            """
            SELECT m.id, m.patient_id, m.recipient_id, m.channel, reach.address,
                   reach.allowed, (%(provider)s) AS provider_id,
                   m.recipient_id = m.patient_id
                   AND COALESCE(patient.birth_date > %(born)s, FALSE) AS is_minor,
                   person.active AND person.erased_at IS NULL
                   AND COALESCE(patient.active, TRUE)
                   AND patient.erased_at IS NULL AS is_active,
                   %(answer)s OR m.patient_id IS NULL OR m.recipient_id = m.patient_id
                   OR EXISTS (
                      SELECT FROM clinic_relationship relation
                       WHERE relation.guardian_id = m.recipient_id
                         AND relation.patient_id = m.patient_id
                         AND relation.can_book AND relation.date_start <= %(today)s
                         AND (relation.date_stop IS NULL
                              OR relation.date_stop >= %(today)s)) AS may_be_told
              FROM clinic_message m
              JOIN res_partner person ON person.id = m.recipient_id
         LEFT JOIN res_partner patient ON patient.id = m.patient_id
         LEFT JOIN LATERAL (%(address)s) AS own ON NOT m.address_is_given
        CROSS JOIN LATERAL (
                   SELECT CASE WHEN m.address_is_given THEN m.address
                               ELSE own.address END AS address,
                          COALESCE(own.allowed, TRUE) AS allowed) AS reach
             WHERE m.id = ANY(%(ids)s)
            """,
            provider=self._provider_sql(channel, company),
            address=self._address_sql(channel),
            born=self._adult_born_until(),
            answer=kind.code in (*ANSWERS, *ASKS_ORIGIN),
            today=today,
            ids=self.ids,
        )

    def _name_again(self):
        """Ask the origins for addresses that were named for one message alone."""
        for message in self.filtered("address_is_given"):
            origin = message._get_origin()
            if origin is not None and hasattr(origin, "_message_address"):
                address = origin._message_address(message)
                if address != message.address:
                    message.address = address

    def _write_addresses(self, rows):
        """Keep to where each message goes, and who carries it there.

        What another provider carries now goes back to the queue, for that one.

        :param list rows: of ``(id, address, provider id)``
        """
        rows = [row for row in rows if row[1]]
        if not rows:
            return
        changed = self.env.execute_query(
            SQL(
                """
                UPDATE clinic_message m
                   SET address = v.address,
                       provider_id = COALESCE(v.provider_id, m.provider_id),
                       state = CASE WHEN v.provider_id <> m.provider_id
                                    THEN 'queued' ELSE m.state END,
                       claim = CASE WHEN v.provider_id <> m.provider_id
                                    THEN NULL ELSE m.claim END,
                       lease_until = CASE WHEN v.provider_id <> m.provider_id
                                          THEN NULL ELSE m.lease_until END
                  FROM unnest(%(ids)s, %(addresses)s::text[], %(providers)s::int[])
                       AS v (id, address, provider_id)
                 WHERE m.id = v.id AND m.address IS DISTINCT FROM v.address
             RETURNING m.id
                """,
                ids=[row[0] for row in rows],
                addresses=[row[1] for row in rows],
                providers=[row[2] for row in rows],
            )
        )
        if changed:
            moved = self.browse(row[0] for row in changed)
            moved.invalidate_recordset()
            for state, group in moved.grouped("state").items():
                group._record_events(state, "sender", detail="address", applied=False)
            moved.filtered(lambda each: each.state == "queued").provider_id._wake()
