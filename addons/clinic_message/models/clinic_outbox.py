from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

#: Purpose of the kinds that are said to an address.
PURPOSE = "service"


class ClinicOutbox(models.AbstractModel):
    """What the suite writes to people goes by the clinic's own messages.

    A channel that has no provider here is left to Odoo, so that codes arrive where
    nobody has set up one yet.
    """

    _inherit = "clinic.outbox"

    @api.model
    def _say(
        self,
        kind,
        channel,
        address,
        text,
        subject="",
        shown="",
        person=None,
        lang=None,
        expires_at=None,
    ):
        company = self.env.company
        provider = self._provider(channel, address, company)
        if not provider:
            return super()._say(
                kind, channel, address, text, subject, shown, person, lang, expires_at
            )
        # sudo: clinic.message - a visitor causes it, and reads nothing of it
        messages = self.env["clinic.message"].sudo()
        now = clock.now()
        messages.create(
            {
                "channel": channel,
                "kind_id": self.env["clinic.message.kind"]._by_code(kind).id,
                "purpose": PURPOSE,
                "company_id": company.id,
                "patient_id": person and person.id,
                "recipient_id": person and person.id,
                "address": address,
                "address_is_given": True,
                "lang": lang or self.env.lang,
                "subject": subject,
                "body": shown or text,
                "secret_body": shown and text,
                "is_at_once": bool(shown),
                "provider_id": provider.id,
                "due": now,
                "queued_at": now,
                "expires_at": expires_at,
            }
        )
        provider._wake()
        return None

    @api.model
    def _provider(self, channel, address, company):
        """Who carries to an address; perhaps nobody."""
        rows = self.env.execute_query(
            SQL(
                "SELECT (%s) FROM (SELECT %s AS address) AS reach",
                self.env["clinic.message"]._provider_sql(channel, company),
                address,
            )
        )
        # sudo: clinic.message.provider - whoever causes a message has it sent
        return self.env["clinic.message.provider"].sudo().browse(filter(None, rows[0]))

    @api.model
    def _tell(self, kind, record, template, person=None, address=None, step=""):
        # sudo: clinic.message, res.company - written for the clinic, whoever caused it
        company = record.sudo().company_id or self.env.company
        patient = record.sudo().patient_id
        who = person or patient or company.partner_id
        given = {}
        if address:
            given = {"addresses": {"email": address}, "channel": "email"}
            given["lang"] = record._known_lang() or None
        self.env["clinic.message"].sudo()._queue(
            kind,
            patient or who,
            origin=record,
            step=step,
            recipient=who,
            company=company,
            **given,
        )

    @api.model
    def _take_back(self, kind, records):
        self.env["clinic.message"]._cancel_of(records, [kind], "again")
        return super()._take_back(kind, records)

    @api.model
    def _reaches(self, person):
        # sudo: res.partner - whether there is a number, whoever caused the message
        return super()._reaches(person) or bool(person.sudo().phone_ids)

    @api.model
    def _came_sql(self, kind, model):
        messages = self.env["clinic.message"]
        return SQL(
            """
            %(odoo)s UNION ALL
            SELECT m.res_id, CASE
                   WHEN bool_or(m.state IN ('queued', 'claimed')) THEN 'waiting'
                   WHEN bool_or(%(told)s) THEN 'sent' ELSE 'failed' END AS word
              FROM clinic_message m
             WHERE m.res_model = %(model)s AND m.kind_id = %(kind)s
               AND m.direction = 'out' AND m.state <> 'cancelled'
               AND m.step = (SELECT last.step FROM clinic_message last
                              WHERE last.res_model = m.res_model
                                AND last.res_id = m.res_id AND last.kind_id = m.kind_id
                              ORDER BY last.id DESC LIMIT 1)
             GROUP BY m.res_id, m.recipient_id
            """,
            odoo=super()._came_sql(kind, model),
            told=messages._told_sql("m"),
            model=model,
            kind=self.env["clinic.message.kind"]._by_code(kind).id,
        )

    @api.model
    def _waiting(self, address):
        found = self.env["clinic.message"].search(
            [
                ("address", "=", address),
                ("direction", "=", "out"),
                ("state", "=", "queued"),
            ],
            order="id desc",
        )
        # sudo: clinic.message - the whole text, its secret too
        items = [each._item() for each in found.sudo()]
        texts = [f"{each.subject}\n{each.html or each.body}" for each in items if each]
        return texts + super()._waiting(address)
