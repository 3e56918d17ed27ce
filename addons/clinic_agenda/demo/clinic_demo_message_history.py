from odoo import models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

#: What became of messages of a channel, in turn; the clinic pays for some.
FATES = {
    "sms": (
        ["delivered"] * 13 + ["read", "replied", "failed", "expired", "sent"],
        0.04,
    ),
    "email": (["sent"] * 15 + ["replied", "bounced"], 0),
    "whatsapp": (["read"] * 12 + ["delivered"] * 6 + ["replied", "failed"], 0.06),
}


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    def _make_messages(self):
        """Besides what waits: two months of messages that were sent, for the reports,
        and a bulk sending that is over."""
        result = super()._make_messages()
        provider = {
            "sms": self.env.ref("clinic_message.demo_provider_sms").id,
            "email": self.env.ref("clinic_message.provider_odoo_mail").id,
            "whatsapp": self.env.ref("clinic_message.demo_provider_whatsapp").id,
        }
        booked = self.env.ref("clinic_agenda.kind_visit_booked")
        reminder = self.env.ref("clinic_agenda.kind_visit_reminder_24h")
        self.env.flush_all()
        for kind, days, words in (
            (booked, 9, "your visit is booked for"),
            (reminder, 1, "we expect you on"),
        ):
            for number, channel in enumerate(("email", "sms", "whatsapp")):
                self._write_history(
                    kind, channel, provider[channel], days, words, number
                )
        self._write_campaign(provider["sms"])
        self.env["clinic.message"].invalidate_model()
        return result

    def _write_history(self, kind, channel, provider, days, words, third):
        """Messages about visits of the last two months: every third one a channel.

        None of the last week: answers would be taken for answers to them.
        """
        states, cost = FATES[channel]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_message (
                       direction, channel, kind_id, purpose, company_id, patient_id,
                       recipient_id, address, lang, place, body, step, key, uuid,
                       provider_id, state, attempts, due, queued_at, sent_at,
                       delivered_at, segments, cost, failure_type)
                SELECT 'out', %(channel)s, %(kind)s, %(purpose)s, visit.company_id,
                       person.id, person.id, way.address, person.lang,
                       COALESCE(place.name->>'en_US', ''),
                       %(clinic)s || ': ' || person.given_name || ', ' || %(words)s
                       || to_char(visit.start AT TIME ZONE 'UTC'
                                  AT TIME ZONE COALESCE(place.tz, 'UTC'),
                                  ' FMDD FMMonth, HH24:MI.'),
                       'demo', 'demo:' || %(kind)s || ':' || visit.id,
                       gen_random_uuid()::text, %(provider)s, fate.state, 1,
                       at.moment, at.moment, at.moment,
                       CASE WHEN fate.state IN ('delivered', 'read', 'replied')
                            THEN at.moment + interval '5 seconds' END,
                       1, %(cost)s,
                       CASE fate.state WHEN 'failed' THEN 'invalid_number'
                                       WHEN 'bounced' THEN '5.1.1' END
                  FROM clinic_appointment visit
                  JOIN res_partner person ON person.id = visit.patient_id
                  JOIN clinic_location place ON place.id = visit.location_id
            CROSS JOIN LATERAL (SELECT visit.start - %(days)s * interval '1 day'
                                       AS moment) at
            CROSS JOIN LATERAL (
                       SELECT (%(states)s::text[])[1 + visit.id / 3 %% %(many)s]
                              AS state) fate
            CROSS JOIN LATERAL (
                       SELECT CASE WHEN %(channel)s = 'email'
                                   THEN person.email_normalized
                                   ELSE (SELECT phone.e164 FROM clinic_phone phone
                                          WHERE phone.partner_id = person.id
                                          ORDER BY phone.id LIMIT 1) END AS address) way
                 WHERE visit.start > %(now)s - interval '60 days'
                   AND visit.start < %(now)s - interval '9 days'
                   AND visit.id %% 3 = %(third)s AND way.address IS NOT NULL
                   AND person.given_name IS NOT NULL
                    ON CONFLICT DO NOTHING
                """,
                channel=channel,
                kind=kind.id,
                purpose=kind.purpose,
                clinic=self.env.company.name,
                words=words,
                provider=provider,
                cost=cost,
                days=days,
                states=states,
                many=len(states),
                third=third,
                now=clock.now(),
            )
        )

    def _write_campaign(self, provider):
        """A sending about the flu season, three weeks ago."""
        template = self.env.ref("clinic_message.library_season_flu")
        campaign = self.env["clinic.message.campaign"].create(
            {
                "name": "Flu season",
                "theme": "tip",
                "template_id": template.id,
                "segment_id": self.env["clinic.segment"].search([], limit=1).id,
                "user_id": self.env.ref("base.user_admin").id,
                "state": "running",
            }
        )
        states, cost = FATES["sms"]
        states = [*states, "suppressed", "suppressed"]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_message (
                       direction, channel, kind_id, purpose, company_id, patient_id,
                       recipient_id, address, lang, body, step, key, uuid, template_id,
                       campaign_id, provider_id, state, suppress_reason, attempts, due,
                       queued_at, sent_at, segments, cost)
                SELECT 'out', 'sms', %(kind)s, 'marketing', %(company)s, person.id,
                       person.id, phone.e164, person.lang,
                       replace(%(body)s, '{first_name}', person.given_name), 'demo',
                       'demo:flu:' || person.id, gen_random_uuid()::text, %(template)s,
                       %(campaign)s, %(provider)s, fate.state,
                       CASE WHEN fate.state = 'suppressed' THEN 'consent' END, 1,
                       at.moment, at.moment,
                       CASE WHEN fate.state <> 'suppressed' THEN at.moment END, 2,
                       CASE WHEN fate.state <> 'suppressed' THEN 2 * %(cost)s END
                  FROM res_partner person
                  JOIN LATERAL (SELECT e164 FROM clinic_phone
                                 WHERE partner_id = person.id ORDER BY id LIMIT 1) phone
                    ON phone.e164 IS NOT NULL
            CROSS JOIN LATERAL (
                       SELECT (%(states)s::text[])[1 + person.id / 5 %% %(many)s]
                              AS state) fate
            CROSS JOIN LATERAL (SELECT %(now)s - interval '21 days'
                                       + person.id %% 40 * interval '1 minute'
                                       AS moment) at
                 WHERE person.is_patient AND person.active
                   AND person.given_name IS NOT NULL AND person.id %% 5 = 0
                 LIMIT 160
                """,
                kind=campaign.kind_id.id,
                company=self.env.company.id,
                body=template._example(lang="en_US")[1].replace(
                    "‹Given name of who gets the message›", "{first_name}"
                ),
                template=template.id,
                campaign=campaign.id,
                provider=provider,
                states=states,
                many=len(states),
                cost=cost,
                now=clock.now(),
            )
        )
