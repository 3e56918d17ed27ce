from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_message.lib.states import GONE

#: Recalls that are written to in one transaction.
BATCH = 1000
#: The kind of message.
KIND = "recall"
#: For how long after an attempt its messages are looked at, in days.
FOLLOWED_DAYS = 14


class ClinicRecall(models.Model):
    """The attempts that are messages: written for all at once, each step once."""

    _inherit = "clinic.recall"

    def action_send_message(self):
        """Write to these patients now, whatever the plan says."""
        self._check_workable()
        self.check_access("write")
        # sudo: clinic.recall - the right to change them was asked for
        self.sudo()._write_to_patients()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The message is on its way to %(count)s patients. Whoever cannot "
                    "be written to is to be called today.",
                    count=len(self),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _send_due(self, limit=BATCH):
        """Write to the patients whose next attempt is a message and due.

        :returns: number of recalls that were written to
        """
        Rule = self.env["clinic.recall.rule"]
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id FROM clinic_recall c
                  JOIN clinic_recall_rule r ON r.id = c.rule_id AND r.active
                  LEFT JOIN clinic_location place ON place.id = c.location_id
                 WHERE c.state IN ('due', 'overdue') AND c.next_action = 'message'
                   AND NOT c.on_hold AND c.next_attempt_on <= %s
                 ORDER BY c.id LIMIT %s FOR UPDATE OF c SKIP LOCKED
                """,
                Rule._today_sql("place"),
                limit,
            )
        )
        recalls = self.browse(row[0] for row in rows)
        recalls._write_to_patients()
        return len(recalls)

    def _write_to_patients(self):
        """Queue one message for each of these recalls and write the attempts down.

        The step of a message is the number of the attempt: a repeat finds it there.
        """
        Message = self.env["clinic.message"]
        for (company, location, count), recalls in self.grouped(
            lambda recall: (recall.company_id, recall.location_id, recall.attempt_count)
        ).items():
            step = str(count + 1)
            Message._queue_query(
                KIND,
                SQL(
                    "SELECT patient_id, id AS origin_id FROM clinic_recall"
                    " WHERE id = ANY(%s)",
                    recalls.ids,
                ),
                self._name,
                step=step,
                location=location or None,
                zone=location.tz or None,
                company=company or None,
            )
            recalls._note_message(step)
        self._follow_messages(SQL("a.recall_id = ANY(%s)", self.ids))

    def _note_message(self, step):
        """One attempt for each of these recalls, in two statements."""
        Rule = self.env["clinic.recall.rule"]
        now = clock.now()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_recall_attempt (
                       recall_id, patient_id, date, kind, user_id, result, step,
                       create_uid, create_date, write_uid, write_date)
                SELECT id, patient_id, %(now)s, 'message', %(uid)s, 'queued', %(step)s,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM clinic_recall WHERE id = ANY(%(ids)s)
                """,
                now=now,
                uid=self.env.uid,
                step=step,
                ids=self.ids,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE clinic_recall c
                   SET last_attempt_on = today, last_result = 'queued',
                       attempt_count = c.attempt_count + 1,
                       steps_done = c.steps_done + 1, later_on = NULL,
                       contacted_on = COALESCE(c.contacted_on, today)
                  FROM (SELECT d.id, %(today)s AS today FROM clinic_recall d
                          LEFT JOIN clinic_location place ON place.id = d.location_id
                         WHERE d.id = ANY(%(ids)s)) AS day
                 WHERE c.id = day.id
                """,
                today=Rule._today_sql("place"),
                ids=self.ids,
            )
        )
        self.env["clinic.recall.attempt"].invalidate_model()
        self.invalidate_model()

    @api.model
    def _follow_messages(self, scope=None):
        """Bring the attempts up to what became of their messages, in one statement.

        Whoever none of the messages could go to is to be called today.

        :param SQL scope: condition on ``clinic_recall_attempt a``
        """
        self.env.flush_all()
        Rule = self.env["clinic.recall.rule"]
        since = fields.Datetime.subtract(clock.now(), days=FOLLOWED_DAYS)
        rows = self.env.execute_query(
            SQL(
                """
                WITH told AS (
                     SELECT a.id, a.recall_id, a.step, a.result AS old,
                            CASE WHEN bool_or(m.state IN %(gone)s) THEN 'sent'
                                 WHEN bool_or(m.state IN ('queued', 'claimed'))
                                 THEN 'queued' ELSE 'not_sent' END AS result,
                            bool_or(m.state = 'replied') AS replied
                       FROM clinic_recall_attempt a
                       LEFT JOIN clinic_message m ON m.res_model = 'clinic.recall'
                            AND m.res_id = a.recall_id AND m.step = a.step
                            AND m.direction = 'out'
                      WHERE a.kind = 'message' AND a.step IS NOT NULL
                        AND a.date >= %(since)s AND %(scope)s
                      GROUP BY a.id),
                     noted AS (
                     UPDATE clinic_recall_attempt a SET result = told.result
                       FROM told WHERE told.id = a.id AND a.result <> told.result)
                UPDATE clinic_recall c
                   SET last_result = told.result,
                       reached_on = CASE WHEN told.replied
                           THEN COALESCE(c.reached_on, day.today) ELSE c.reached_on END,
                       later_on = CASE
                           WHEN told.result = 'not_sent' AND told.old <> 'not_sent'
                           THEN day.today ELSE c.later_on END
                  FROM told, LATERAL (
                       SELECT %(today)s AS today FROM clinic_recall d
                         LEFT JOIN clinic_location place ON place.id = d.location_id
                        WHERE d.id = told.recall_id) AS day
                 WHERE c.id = told.recall_id AND c.state <> 'closed'
                   AND told.step = c.attempt_count::varchar
                   AND (told.result <> told.old
                        OR (told.replied AND c.reached_on IS NULL))
             RETURNING c.id
                """,
                gone=GONE,
                since=since,
                scope=scope or SQL("TRUE"),
                today=Rule._today_sql("place"),
            )
        )
        self.env["clinic.recall.attempt"].invalidate_model()
        self.invalidate_model()
        ids = [row[0] for row in rows]
        if scope is not None or ids:
            extra = SQL(
                "c.id IN (SELECT a.recall_id FROM clinic_recall_attempt a WHERE %s)",
                scope or SQL("FALSE"),
            )
            self._refresh(SQL("(c.id = ANY(%s) OR %s)", ids, extra))

    # ------------------------------------------------------------
    # What the messages say
    # ------------------------------------------------------------

    def _message_values(self, lang, message):
        """Values of the names in the texts of recalls.

        :param str lang: of who gets it
        :param message: ``clinic.message``
        """
        self.ensure_one()
        # sudo: clinic.recall - the text is for the patient
        recall = self.sudo().with_context(lang=lang)
        link = f"{recall.get_base_url()}/clinic/book"
        if recall.service_id.online_bookable:
            link = f"{link}/times?service={recall.service_id.id}"
        return {
            "service": recall.service_id.name or "",
            "practitioner": recall.practitioner_id.name or "",
            "location": recall.location_id.name or "",
            "link": link,
        }

    def _message_is_obsolete(self, message):
        """Who booked or declined meanwhile is not written to.

        :param message: ``clinic.message``
        """
        # sudo: clinic.recall - asked by the sender
        return self.sudo().state in ("booked", "declined", "closed")


class ClinicMessageKind(models.Model):
    """The names that texts of recalls may use."""

    _inherit = "clinic.message.kind"

    def _placeholders(self):
        names = super()._placeholders()
        if self.code in (KIND, "recall_campaign"):
            names |= {"link": self.env._("Address where a visit is booked")}
        if self.code == KIND:
            names |= {
                "service": self.env._("What is to be booked"),
                "practitioner": self.env._("Practitioner of the last visit"),
                "location": self.env._("Place of the last visit"),
            }
        return names


class ClinicMessage(models.Model):
    """What patients answer to a recall."""

    _inherit = "clinic.message"

    def _after_inbound(self, keyword):
        """A refusal ends the recall for now; a yes is a call to make today."""
        handled = super()._after_inbound(keyword)
        answered = self.reply_to_id
        if handled or answered.res_model != "clinic.recall" or not self.patient_id:
            return handled
        # sudo: clinic.recall - the patient answered to it
        recall = self.env["clinic.recall"].sudo().browse(answered.res_id).exists()
        if not recall or recall.state in ("booked", "closed"):
            return handled
        # CANCEL may mean a visit: that is asked in the call.
        if keyword == "no":
            recall._attempted("declined", kind="message")
            return True
        recall._attempted("later", kind="message", later_on=recall._today())
        return handled
