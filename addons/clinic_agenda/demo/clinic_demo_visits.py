from collections import defaultdict
from datetime import date, timedelta

from odoo import fields, models

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import OURS

from ..lib.states import BLOCKING
from . import story

PAST_DAYS = 30
FUTURE_DAYS = 14

#: Who comes for what: children to the paediatrician, women to the gynaecologist.
NEEDS = {
    "child": lambda person: person.clinic_age < 16,
    "woman": lambda person: person.sex == "female" and person.clinic_age >= 16,
    "adult": lambda person: person.clinic_age >= 16,
}


class ClinicDemo(models.AbstractModel):
    """Schedules of eight weeks, a month of visits behind and two weeks ahead."""

    _inherit = "clinic.demo"

    def _make_schedules(self, staff, chance):
        """Mornings and afternoons, spread over the locations, for eight weeks and on.

        Most work at the weekend as well, so that the demo has visits on whatever day
        it is looked at.
        """
        first = date.today() - timedelta(days=PAST_DAYS + 5)
        for number, practitioner in enumerate(staff):
            places = practitioner.offer_ids.location_id
            for position, place in enumerate(places):
                rooms = place.room_ids
                blocks = []
                for weekday in range(7):
                    if weekday % len(places) != position:
                        continue
                    if weekday > 4 and number % 3 == 2:
                        continue
                    morning = {
                        "weekday": str(weekday),
                        "hour_from": 8.5 + number % 2 * 0.5,
                        "hour_to": 13,
                        "room_id": rooms[number % len(rooms)].id
                        if number % 3
                        else False,
                        "regime": "public" if (number + weekday) % 7 == 0 else "any",
                    }
                    blocks.append(morning)
                    if (number + weekday) % 3:
                        blocks.append(
                            {
                                **morning,
                                "hour_from": 14,
                                "hour_to": 18.5,
                                "break_from": 16,
                                "break_to": 16.25,
                                "regime": "any",
                                "online_share": chance.choice([100, 100, 60]),
                            }
                        )
                self.env["clinic.schedule"].create(
                    {
                        "practitioner_id": practitioner.id,
                        "location_id": place.id,
                        "date_from": first,
                        "block_ids": [(0, 0, block) for block in blocks],
                    }
                )
        self.env["clinic.schedule.exception"].create(
            {
                "name": "Congress in Lisbon",
                "practitioner_id": staff[3].id,
                "date_from": date.today() + timedelta(days=8),
                "date_to": date.today() + timedelta(days=10),
            }
        )
        past = staff._openings(first, date.today() - timedelta(days=1))
        today = fields.Datetime.to_datetime(fields.Date.today())
        self.env["clinic.session"].create(
            [
                {"practitioner_id": practitioner_id, **item._asdict()}
                for practitioner_id, items in past.items()
                for item in items
                if item.start < today
            ]
        )

    def _make_visits(self, patients, chance):
        now = clock.now()
        sessions = self.env["clinic.session"].search(
            [("start", "<", now + timedelta(days=FUTURE_DAYS))], order="start"
        )
        offers = (
            self.env["clinic.offer"]
            .search([("active", "=", True)])
            .grouped(lambda offer: (offer.practitioner_id, offer.location_id))
        )
        pools = {
            (country, need): people.filtered(fits)
            for country, people in patients.grouped("country_id").items()
            for need, fits in NEEDS.items()
        }
        devices = (
            self.env["clinic.equipment"]
            .search([("active", "=", True)])
            .grouped("location_id")
        )
        busy = defaultdict(list)
        vals_list = []
        for session in sessions:
            moment = session.start
            fullness = 0.85 if session.start < now else 0.6
            while True:
                offer = chance.choice(
                    offers[session.practitioner_id, session.location_id]
                )
                service = offer.service_id
                stop = moment + timedelta(minutes=service.duration)
                end = stop + timedelta(minutes=service.buffer_after)
                if end > session.stop:
                    break
                patient = chance.choice(
                    pools[session.location_id.country_id, _who_needs(service)]
                )
                needed = [patient] + list(session.room_id)
                if service.equipment_category_ids:
                    needed += list(devices[session.location_id])
                free = not any(
                    first < end and last > moment
                    for resource in needed
                    for first, last in busy[resource]
                )
                if free and chance.random() < fullness:
                    for resource in needed:
                        busy[resource].append((moment, end))
                    vals = self._visit_vals(
                        session, service, patient, moment, stop, chance
                    )
                    if service.equipment_category_ids and vals["state"] in BLOCKING:
                        vals["equipment_ids"] = [
                            (6, 0, devices[session.location_id].ids)
                        ]
                    vals_list.append(vals)
                moment = end
        # sudo: clinic.appointment - what already happened is entered as superuser only
        visits = self.env["clinic.appointment"].sudo()
        visits = visits.with_context(clinic_history=OURS)
        for offset in range(0, len(vals_list), 500):
            batch = vals_list[offset : offset + 500]
            with self.env.cr.savepoint():
                visits.create(batch)

    def _visit_vals(self, session, service, patient, moment, stop, chance):
        now = clock.now()
        if stop < now - timedelta(hours=12):
            state = chance.choices(
                ["closed", "done", "no_show", "cancelled"], [70, 14, 7, 9]
            )[0]
        elif stop < now:
            state = chance.choices(["done", "closed", "no_show"], [50, 40, 10])[0]
        elif moment < now:
            state = "in_room"
        elif moment < now + timedelta(minutes=45):
            state = chance.choice(["arrived", "confirmed", "booked"])
        else:
            state = chance.choices(
                ["confirmed", "booked", "rescheduled", "cancelled"], [42, 46, 5, 7]
            )[0]
        vals = {
            "practitioner_id": session.practitioner_id.id,
            "location_id": session.location_id.id,
            "service_id": service.id,
            "patient_id": patient.id,
            "start": moment,
            "stop": stop,
            "room_id": session.room_id.id if state in BLOCKING else False,
            "state": state,
            "regime": "public" if session.regime == "public" else "private",
            "channel": chance.choices(
                ["desk", "phone", "website", "portal"], [30, 35, 22, 13]
            )[0],
            "visit_type": chance.choices(["first", "repeat"], [45, 55])[0],
        }
        if state == "cancelled":
            reason = chance.choice(story.CANCEL_REASONS)
            by = chance.choice(["patient", "patient", "clinic"])
            vals["cancelled_by"] = by
            vals["cancel_reason"] = reason if by == "patient" else story.CLINIC_REASON
        return vals


def _who_needs(service):
    if service.specialty_id.name == "Paediatrics" or "Child" in service.name:
        return "child"
    return "woman" if service.specialty_id.name == "Gynaecology" else "adult"
