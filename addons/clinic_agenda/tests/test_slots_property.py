import random
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.clinic_base.lib.ours import OURS

from ..models.clinic_appointment_allocation import SlotTaken
from . import oracle
from .common import AgendaCommon

#: Two days before Rome's spring change, ten before Santiago's autumn change at
#: midnight; the second period has Rome's autumn and Santiago's spring around it.
CLOCKS = [
    (datetime(2026, 3, 27, 5, 30), 10),
    (datetime(2026, 9, 4, 5, 30), 5),
    (datetime(2026, 10, 23, 5, 30), 6),
]
WORLDS = 24
QUERIES = 14


@tagged("post_install", "-at_install", "slow")
class TestSlotsProperty(AgendaCommon):
    """The search equals a brute-force oracle on more than a thousand random cases."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("clinic_agenda.horizon_days", 12)
        cls.santiago = cls.env["clinic.location"].create(
            {"name": "Santiago", "tz": "America/Santiago", "notice_minutes": 90}
        )
        cls.rome.write({"notice_minutes": 45, "horizon_days": 4})
        cls.categories = cls.env["clinic.equipment.category"].create(
            [{"name": "Ultrasound"}, {"name": "Laser"}]
        )
        cls.rooms = cls.env["clinic.room"].create(
            [
                {"name": f"Room {number}", "location_id": place.id, "sequence": order}
                for place in (cls.rome, cls.santiago)
                for number, order in ((1, 20), (2, 10), (3, 20))
            ]
        )
        cls.devices = cls.env["clinic.equipment"].create(
            [
                {
                    "name": f"Device {index}",
                    "category_id": cls.categories[index % 2].id,
                    "location_id": cls.rooms[index % 6].location_id.id,
                    "room_id": cls.rooms[index % 6].id if index % 3 else False,
                }
                for index in range(8)
            ]
        )
        cls.patients = cls.env["res.partner"].browse()
        for number in range(30):
            cls.patients |= cls.make_patient("Random", f"Patient{number}")
        cls.places = cls.rome | cls.santiago
        cls.staff = cls.anna | cls.bruno

    def test_search_equals_brute_force(self):
        """AGD-02 AGD-04 AGD-13: practitioner, room, equipment, buffers, regime, share,
        notice, horizon and both changes of the clock, against minute-by-minute sets."""
        compared = found = 0
        for world in range(WORLDS * len(CLOCKS)):
            clock, days = CLOCKS[world % len(CLOCKS)]
            chance = random.Random(world)
            with freeze_time(clock), self.env.cr.savepoint() as savepoint:
                self._make_world(chance, clock, days)
                sessions = self._read_sessions()
                self._check_openings(world, clock, sessions)
                day = self._read_day(clock)
                for number in range(QUERIES):
                    query = self._make_query(chance, clock, days)
                    expected = day.slots(
                        query,
                        sessions,
                        self._offers_of(query),
                        self._service_values,
                        self._rooms_values,
                        self._devices_values,
                    )
                    self.assertEqual(
                        self._search(query),
                        expected,
                        f"world {world}, query {number}: {query}",
                    )
                    self._check_shapes(query, expected)
                    compared += 1
                    found += len(expected)
                savepoint.close(rollback=True)
            self.env.invalidate_all()
        self.assertGreaterEqual(compared, 1000)
        self.assertGreater(found, 5000, "the worlds must not be empty")

    def _check_shapes(self, query, expected):
        """Limit and first-per-offer are the same answer cut differently."""
        self.assertEqual(self._search(query, limit=3), expected[:3])
        firsts = {}
        for slot in expected:
            firsts.setdefault(slot[2:4], slot)
        self.assertEqual(
            self._search(query, method="first_slots"),
            sorted(firsts.values(), key=lambda slot: (slot[0], *slot[2:4])),
        )

    # The world

    def _make_world(self, chance, clock, days):
        self.service.write(
            {
                "duration": chance.choice([10, 15, 20, 25, 45, 90]),
                "slot_step": chance.choice([0, 0, 5, 15, 30]),
                "buffer_before": chance.choice([0, 0, 5, 10, 40]),
                "buffer_after": chance.choice([0, 0, 5, 15]),
                "room_required": chance.random() < 0.4,
                "equipment_category_ids": [
                    (
                        6,
                        0,
                        [
                            category.id
                            for category in self.categories
                            if chance.random() < 0.3
                        ],
                    )
                ],
            }
        )
        self.env["clinic.offer"].search([("service_id", "=", self.service.id)]).unlink()
        self.env["clinic.offer"].create(
            [
                {
                    "practitioner_id": practitioner.id,
                    "service_id": self.service.id,
                    "location_id": place.id,
                    "duration": chance.choice([0, 0, 0, 35]),
                    "online_bookable": chance.random() < 0.9,
                    "room_ids": [
                        (
                            6,
                            0,
                            [
                                room.id
                                for room in self.rooms
                                if room.location_id == place and chance.random() < 0.3
                            ],
                        )
                    ],
                }
                for practitioner in self.staff
                for place in self.places
                if chance.random() < 0.85
            ]
        )
        other = self.make_service("Other", duration=20)
        self.rules = []
        for practitioner in self.staff:
            # Nights, where the clocks change, at one place and office hours at the
            # other: the two never overlap, whatever the season.
            rome_hours, santiago_hours = chance.choice(
                [
                    ((0, 2, 3, 8.5, 9.25, 12), (10, 12.5, 14, 17)),
                    ((9, 11.5, 13, 17), (18, 20, 21.5, 23, 24)),
                ]
            )
            for place, hours in (
                (self.rome, rome_hours),
                (self.santiago, santiago_hours),
            ):
                blocks = []
                for weekday in range(7):
                    if chance.random() < 0.25:
                        continue
                    start, stop = sorted(chance.sample(hours, 2))
                    if place == self.santiago and 24 in hours and chance.random() < 0.3:
                        start, stop = 0, chance.choice([0.5, 2])
                    rooms = self.rooms.filtered(
                        lambda room, place=place: room.location_id == place
                    )
                    block = {
                        "weekday": str(weekday),
                        "week_parity": chance.choice(["all", "all", "odd", "even"]),
                        "hour_from": start,
                        "hour_to": stop,
                        "regime": chance.choice(["any", "any", "public", "private"]),
                        "online_share": chance.choice([100, 100, 0, 30, 60]),
                        "room_id": chance.choice([False, False, *rooms.ids]),
                        "service_ids": [
                            (
                                6,
                                0,
                                chance.choice([[], [], [self.service.id], [other.id]]),
                            )
                        ],
                    }
                    if stop - start > 3 and chance.random() < 0.5:
                        block |= {"break_from": start + 1, "break_to": start + 1.75}
                    blocks.append(block)
                if blocks:
                    self.open_week(practitioner, place, blocks)
        leave_day = clock.date() + timedelta(days=chance.randrange(days))
        self.env["clinic.schedule.exception"].create(
            {
                "name": "Away",
                "kind": "leave",
                "practitioner_id": chance.choice(self.staff).id,
                "date_from": leave_day,
                "date_to": leave_day + timedelta(days=chance.randrange(2)),
                "all_day": chance.random() < 0.5,
                "hour_from": 9,
                "hour_to": 22,
            }
        )
        self._make_visits(chance, days)

    def _make_visits(self, chance, days):
        sessions = self.env["clinic.session"].search([])
        self.visits = []
        visits = self.env["clinic.appointment"].with_context(clinic_history=OURS)
        for number in range(30):
            if not sessions:
                break
            session = chance.choice(sessions)
            room = chance.choice([session.room_id, self.env["clinic.room"]])
            start = session.start + timedelta(minutes=5 * chance.randrange(-6, 40))
            devices = self.devices.filtered(
                lambda device, place=session.location_id, room=room: (
                    device.location_id == place
                    and device.room_id in (room, self.env["clinic.room"])
                )
            )
            state = chance.choice(
                ["booked", "booked", "confirmed", "done", "held", "held", "cancelled"]
            )
            vals = {
                "practitioner_id": session.practitioner_id.id,
                "location_id": session.location_id.id,
                "service_id": self.service.id,
                "room_id": room.id,
                "equipment_ids": [(6, 0, devices[: chance.randrange(3)].ids)],
                "patient_id": self.patients[number].id,
                "start": start,
                "stop": start + timedelta(minutes=chance.choice([10, 20, 45, 150])),
                "buffer_before": chance.choice([0, 0, 10, 60]),
                "buffer_after": chance.choice([0, 0, 15]),
                "state": state,
                "channel": chance.choice(["desk", "website", "portal"]),
            }
            if state == "held":
                vals["hold_expires_at"] = self._clock_now() + timedelta(
                    minutes=chance.choice([-1, 0, 10])
                )
            if chance.random() < 0.1 and state == "booked":
                vals |= {"overbooked": True, "overbook_reason": "Urgent"}
            try:
                visits.create(vals)
            except SlotTaken:
                continue

    def _clock_now(self):
        return datetime.now().replace(microsecond=0)

    def _make_query(self, chance, clock, days):
        start = clock.replace(hour=0, minute=0) + timedelta(
            minutes=5 * chance.randrange(0, days * 288)
        )
        return {
            "from": start,
            "to": start + timedelta(minutes=chance.choice([30, 600, 1440, 4320])),
            "regime": chance.choice([None, None, "public", "private"]),
            "online": chance.random() < 0.5,
            "staff": chance.choice([None, None, self.anna.ids, self.bruno.ids]),
            "places": chance.choice([None, None, self.rome.ids, self.santiago.ids]),
        }

    def _search(self, query, method="search_slots", **extra):
        slots = getattr(self.env["clinic.slot"], method)(
            self.service.id,
            query["from"],
            query["to"],
            practitioner_ids=query["staff"],
            location_ids=query["places"],
            regime=query["regime"],
            online=query["online"],
            **extra,
        )
        return [
            (
                slot["start"],
                slot["stop"],
                slot["practitioner_id"],
                slot["location_id"],
                slot["room_id"],
            )
            for slot in slots
        ]

    # What the oracle is told

    def _read_sessions(self):
        self.env.flush_all()
        return [
            {
                "practitioner": session.practitioner_id.id,
                "location": session.location_id.id,
                "room": session.room_id.id,
                "start": session.start,
                "stop": session.stop,
                "regime": session.regime,
                "share": session.online_share,
                "services": session.block_id.service_ids.ids,
            }
            for session in self.env["clinic.session"].search([])
        ]

    def _read_day(self, clock):
        day = oracle.Day(clock)
        for visit in self.env["clinic.appointment"].search([]):
            day.add_visit(
                {
                    "state": visit.state,
                    "expires": visit.hold_expires_at,
                    "start": visit.start,
                    "stop": visit.stop,
                    "before": visit.buffer_before,
                    "after": visit.buffer_after,
                    "practitioner": visit.practitioner_id.id,
                    "room": visit.room_id.id,
                    "devices": visit.equipment_ids.ids,
                    "channel": visit.channel,
                }
            )
        service = self.service
        self._service_values = {
            "id": service.id,
            "duration": service.duration,
            "step": service.slot_step,
            "before": service.buffer_before,
            "after": service.buffer_after,
            "room_required": service.room_required,
            "categories": service.equipment_category_ids.ids,
        }
        self._rooms_values = [
            {"id": room.id, "sequence": room.sequence, "location": room.location_id.id}
            for room in self.rooms
        ]
        self._devices_values = [
            {
                "id": device.id,
                "category": device.category_id.id,
                "location": device.location_id.id,
                "room": device.room_id.id or None,
            }
            for device in self.devices
        ]
        return day

    def _offers_of(self, query):
        offers = self.env["clinic.offer"].search([("service_id", "=", self.service.id)])
        return [
            {
                "practitioner": offer.practitioner_id.id,
                "location": offer.location_id.id,
                "duration": offer.duration,
                "rooms": offer.room_ids.ids,
                "notice_minutes": offer.location_id.notice_minutes,
                "horizon_days": offer.location_id.horizon_days,
            }
            for offer in offers
            if (query["staff"] is None or offer.practitioner_id.id in query["staff"])
            and (query["places"] is None or offer.location_id.id in query["places"])
            and (offer.online_bookable or not query["online"])
        ]

    def _check_openings(self, world, clock, sessions):
        """Sessions equal the wall clock read minute by minute."""
        first = datetime.combine(clock.date(), datetime.min.time())
        last = first + timedelta(days=4)
        leaves = [
            (
                leave.practitioner_id.id,
                leave.date_from,
                leave.date_to,
                0 if leave.all_day else leave.hour_from,
                24 if leave.all_day else leave.hour_to,
            )
            for leave in self.env["clinic.schedule.exception"].search([])
        ]
        expected = []
        for block in self.env["clinic.schedule.block"].search([]):
            schedule = block.schedule_id
            rule = {
                "weekday": int(block.weekday),
                "parities": ("odd", "even")
                if block.week_parity == "all"
                else (block.week_parity,),
                "hours": (block.hour_from, block.hour_to),
                "break": (block.break_from, block.break_to),
                "from": schedule.date_from,
                "leaves": [
                    leave for leave in leaves if leave[0] == schedule.practitioner_id.id
                ],
            }

            def is_open(day, hour, rule=rule):  # pylint: disable=dangerous-default-value
                if day.weekday() != rule["weekday"] or day < rule["from"]:
                    return False
                parity = "odd" if day.isocalendar().week % 2 else "even"
                return (
                    parity in rule["parities"]
                    and rule["hours"][0] <= hour < rule["hours"][1]
                    and not rule["break"][0] <= hour < rule["break"][1]
                    and not any(
                        first <= day <= last and start <= hour < stop
                        for _who, first, last, start, stop in rule["leaves"]
                    )
                )

            expected += [
                (schedule.practitioner_id.id, start, stop)
                for start, stop in oracle.open_runs(
                    first, last, schedule.location_id.tz, is_open
                )
                if first < start and stop < last
            ]
        actual = [
            (session["practitioner"], session["start"], session["stop"])
            for session in sessions
            if first < session["start"] and session["stop"] < last
        ]
        self.assertEqual(sorted(actual), sorted(expected), f"world {world}")
