from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.models.claiming import claim_waiting

from ..lib.states import AHEAD, BLOCKING
from .clinic_appointment_allocation import SlotTaken
from .clinic_wait_list import WEEKDAYS

BATCH = 20
#: How many who wait are looked at for one time, and asked at once for it.
CANDIDATES = 200
AT_ONCE = 50

#: What the list of troubles calls this job.
JOB = "Offers of freed times"


class ClinicWaitFreed(models.Model):
    """Finding who fits a time that became free, and asking them."""

    _inherit = "clinic.wait.freed"

    @api.model
    def _cron_offer(self):
        """Scheduled action: end offers that nobody answered, and make the next ones."""
        self.env["clinic.wait.list"]._expire()
        self.env["clinic.wait.offer"]._expire()
        troubles = self.env["clinic.trouble"]
        while True:
            waiting = list(troubles._waiting(self._name, JOB))
            due = [("due", "<=", clock.now()), ("id", "not in", waiting)]
            rows = claim_waiting(self, due, BATCH)
            if not rows:
                break
            done = len(rows)
            troubles._each(rows, JOB, lambda freed: freed._offer())
            remaining = self.search_count(due)
            if not self.env["ir.cron"]._commit_progress(done, remaining=remaining):
                break

    def _offer(self):
        """Offer this time, or wait until the quiet hours end; then it is dealt with."""
        self.ensure_one()
        location = self.location_id
        quiet = self.env["clinic.message"]._quiet_until(
            location.company_id, "care", location.tz
        )
        if quiet:
            self.due = quiet
            return
        first = max(
            self.start,
            clock.now() + timedelta(minutes=location.wait_notice_minutes),
        )
        if first < self.stop:
            self._offer_from(first)
        self.unlink()

    def _offer_from(self, first):
        """Hold times from here on for those who fit, in their order.

        :param datetime first: naive UTC, the earliest start
        """
        candidates = self._candidates()
        known = self._offered_before(candidates)
        slots, taken, held = {}, [], {}
        together = self.location_id.wait_offer_mode == "all"
        for entry in candidates:
            key = (entry.service_id.id, entry.appointment_id.regime or "private")
            if key not in slots:
                slots[key] = self._free_times(*key, first)
            for slot in slots[key]:
                start = slot["start"]
                if (entry.id, start) in known or not entry._wants(
                    start, self.location_id
                ):
                    continue
                offers = held.get((*key, start))
                if together and offers and len(offers) < AT_ONCE:
                    offer = offers[0]._also_for(entry)
                elif any(start < end and begin < slot["stop"] for begin, end in taken):
                    continue
                else:
                    offer = self._hold_for(entry, slot, key[1])
                if not offer:
                    continue
                held.setdefault((*key, start), []).append(offer)
                taken.append((start, slot["stop"]))
                break

    def _free_times(self, service_id, regime, first):
        slots = self.env["clinic.slot"].with_context(
            allowed_company_ids=self.location_id.company_id.ids
        )
        return slots.search_slots(
            service_id,
            first,
            self.stop,
            practitioner_ids=self.practitioner_id.ids,
            location_ids=self.location_id.ids,
            regime=regime,
        )

    def _hold_for(self, entry, slot, regime):
        """Keep a free time for a patient and ask; nothing when somebody was faster."""
        location = self.location_id
        now = clock.now()
        expires = now + timedelta(minutes=location.wait_answer_minutes)
        expires = min(expires, slot["start"])
        try:
            hold = self.env["clinic.appointment"]._book(
                {
                    "service_id": entry.service_id.id,
                    "practitioner_id": slot["practitioner_id"],
                    "location_id": location.id,
                    "start": slot["start"],
                    "stop": slot["stop"],
                    "price": slot["price"],
                    "regime": regime,
                    "state": "held",
                    "hold_expires_at": expires,
                    "channel": "desk",
                }
            )
        except SlotTaken:
            return self.env["clinic.wait.offer"]
        offer = self.env["clinic.wait.offer"]._make(entry, hold, expires)
        if not offer:
            hold.write({"state": "expired"})
        return offer

    def _candidates(self):
        """Who waits for a service that is offered here, in the order of their turns.

        :returns: ``clinic.wait.list``
        """
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT w.id
                  FROM clinic_wait_list w
                  JOIN clinic_location l ON l.id = %(location)s
                   AND l.company_id = w.company_id
             LEFT JOIN clinic_appointment v ON v.id = w.appointment_id
            CROSS JOIN LATERAL (
                       SELECT %(start)s::timestamp AT TIME ZONE 'UTC'
                              AT TIME ZONE l.tz AS begins,
                              %(stop)s::timestamp AT TIME ZONE 'UTC'
                              AT TIME ZONE l.tz AS ends) AS local
                 WHERE w.state = 'waiting'
                   AND w.patient_id IS DISTINCT FROM %(patient)s
                   AND w.date_from <= local.ends::date
                   AND (w.date_until IS NULL OR w.date_until >= local.begins::date)
                   AND (ARRAY[%(days)s])[extract(isodow FROM local.begins)::int]
                   AND (w.kind = 'new' OR (v.start > %(start)s
                        AND v.state IN %(ahead)s))
                   AND EXISTS (SELECT FROM clinic_offer o
                                WHERE o.active AND o.service_id = w.service_id
                                  AND o.practitioner_id = %(practitioner)s
                                  AND o.location_id = %(location)s)
                   AND (NOT EXISTS (SELECT FROM clinic_wait_list_practitioner_rel r
                                     WHERE r.wait_id = w.id)
                        OR EXISTS (SELECT FROM clinic_wait_list_practitioner_rel r
                                    WHERE r.wait_id = w.id
                                      AND r.practitioner_id = %(practitioner)s))
                   AND (NOT EXISTS (SELECT FROM clinic_wait_list_location_rel r
                                     WHERE r.wait_id = w.id)
                        OR EXISTS (SELECT FROM clinic_wait_list_location_rel r
                                    WHERE r.wait_id = w.id
                                      AND r.location_id = %(location)s))
                   AND NOT EXISTS (SELECT FROM clinic_appointment busy
                                    WHERE busy.patient_id = w.patient_id
                                      AND busy.state IN %(blocking)s
                                      AND busy.id IS DISTINCT FROM w.appointment_id
                                      AND busy.start < %(stop)s
                                      AND busy.stop > %(start)s)
                 ORDER BY w.priority DESC, w.waiting_since, w.id LIMIT %(limit)s
                   FOR NO KEY UPDATE OF w SKIP LOCKED
                """,
                location=self.location_id.id,
                practitioner=self.practitioner_id.id,
                patient=self.patient_id.id or None,
                start=self.start,
                stop=self.stop,
                days=SQL(", ").join(SQL.identifier("w", day) for day in WEEKDAYS),
                blocking=BLOCKING,
                ahead=AHEAD,
                limit=CANDIDATES,
            )
        )
        return self.env["clinic.wait.list"].browse(row[0] for row in rows)

    def _offered_before(self, candidates):
        """Which starts with this practitioner each of them was asked about already.

        :returns: set of ``(clinic.wait.list id, start)``
        """
        offers = self.env["clinic.wait.offer"].search(
            [
                ("wait_id", "in", candidates.ids),
                ("practitioner_id", "=", self.practitioner_id.id),
                ("start", ">=", self.start),
                ("start", "<", self.stop),
            ]
        )
        return {(offer.wait_id.id, offer.start) for offer in offers}
