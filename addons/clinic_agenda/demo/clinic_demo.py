import base64
import random
from collections import defaultdict
from datetime import date, timedelta

from stdnum.it import codicefiscale

from odoo import api, fields, models
from odoo.tools import file_open

from odoo.addons.clinic_patient.lib import codice_fiscale

from ..lib.states import BLOCKING
from . import story

#: The same clinic on every machine, relative to the day it is loaded.
SEED = 20261121
PATIENTS = 2000
PAST_DAYS = 30
FUTURE_DAYS = 14


#: Who comes for what: children to the paediatrician, women to the gynaecologist.
NEEDS = {
    "child": lambda person: person.age < 16,
    "woman": lambda person: person.sex == "female" and person.age >= 16,
    "adult": lambda person: person.age >= 16,
}


class ClinicDemo(models.AbstractModel):
    """Loads the demo clinic; called once by the demo data, by nothing else."""

    _name = "clinic.demo"
    _description = "Demo clinic"

    @api.model
    def _load(self):
        """Make the whole clinic: places, people, schedules, visits of six weeks."""
        self = self.with_context(
            tracking_disable=True,
            mail_create_nolog=True,
            mail_notrack=True,
            no_reset_password=True,
        )
        if self.env["clinic.location"].search_count([]):
            return
        chance = random.Random(SEED)
        self._settle_company()
        self._keep_messages()
        locations = self._make_locations()
        services = self._make_services(locations)
        staff = self._make_practitioners(locations, services)
        self._link_users(staff, locations)
        patients = self._make_patients(chance)
        self._make_schedules(staff, chance)
        self._make_visits(patients, chance)
        self._link_portal_patient(patients)
        self._make_duplicates(patients)
        self._make_care_plans(patients)
        self._make_reports(patients)
        self._make_encounters()
        self._make_documents()
        self._make_rights(patients)
        self._make_check_ups()
        self._make_referrals()
        self._make_segments(chance)
        self._make_messages()
        self._make_waiting()
        self._make_desk()

    def _settle_company(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env.company.write(
            {
                "name": "Aurora Clinic",
                "country_id": self.env.ref("base.it").id,
                "currency_id": euro.id,
                "email": "hello@aurora-clinic.example",
            }
        )
        _name, tz, _country, city, street, _rooms = story.LOCATIONS[0]
        self.env.company.write(
            {"street": street, "street2": False, "city": city, "state_id": False}
        )
        self.env.company.write({"zip": "00100", "phone": "+44 20 7946 0000"})
        self.env.company.partner_id.tz = tz
        with file_open("clinic_agenda/demo/aurora.png", "rb") as picture:
            logo = base64.b64encode(picture.read())
        self.env.company.logo = logo
        website = self.env["website"].search([], order="id", limit=1)
        website.write({"name": self.env.company.name, "logo": logo})

    def _keep_messages(self):
        """The demo sends nothing: codes and mails stay in the lists of Outgoing."""
        for job in (
            "sms.ir_cron_sms_scheduler_action",
            "mail.ir_cron_mail_scheduler_action",
        ):
            self.env.ref(job).active = False

    def _make_locations(self):
        locations = self.env["clinic.location"]
        for name, tz, country, city, street, rooms in story.LOCATIONS:
            address = self.env["res.partner"].create(
                {
                    "name": name,
                    # An address of its own, not its company's.
                    "type": "other",
                    "street": street,
                    "city": city,
                    "country_id": self.env.ref(f"base.{country}").id,
                    "parent_id": self.env.company.partner_id.id,
                }
            )
            location = locations.create(
                {
                    "name": name,
                    "tz": tz,
                    "country_id": self.env.ref(f"base.{country}").id,
                    "partner_id": address.id,
                    "phone": f"+44 20 7946 000{len(locations) + 1}",
                    "color": len(locations) + 2,
                    "sequence": len(locations),
                }
            )
            self.env["clinic.room"].create(
                [
                    {
                        "name": f"Room {number + 1}",
                        "location_id": location.id,
                        "sequence": number,
                    }
                    for number in range(rooms)
                ]
            )
            locations |= location
        ultrasound = self.env["clinic.equipment.category"].create(
            {"name": "Ultrasound scanner"}
        )
        self.env["clinic.equipment"].create(
            [
                {
                    "name": f"Ultrasound scanner {location.name}",
                    "category_id": ultrasound.id,
                    "location_id": location.id,
                }
                for location in locations
            ]
        )
        year = date.today().year
        for country in locations.country_id:
            for number in (year, year + 1):
                self.env["clinic.public.holiday"].load_year(country.id, number)
        self.env["clinic.coverage"].create(
            [
                {
                    "name": name,
                    "kind": kind,
                    "payment": payment,
                    "online_bookable": online,
                }
                for name, kind, payment, online in story.COVERAGES
            ]
        )
        return locations

    def _make_services(self, locations):
        category = self.env["clinic.equipment.category"].search([], limit=1)
        services = defaultdict(lambda: self.env["product.template"])
        for name, (icon, color, synonyms) in story.SPECIALTIES.items():
            specialty = self.env["clinic.specialty"].create(
                {"name": name, "icon": icon, "color": color, "synonyms": synonyms}
            )
            services[name] = self.env["product.template"].create(
                [
                    {
                        "name": service,
                        "type": "service",
                        "is_healthcare_service": True,
                        "specialty_id": specialty.id,
                        "duration": minutes,
                        "list_price": price,
                        "synonyms": words,
                        "buffer_after": extras.get("after", 0),
                        "room_required": extras.get("room", False),
                        "online_discount": extras.get("discount", 0),
                        "equipment_category_ids": category.ids
                        if extras.get("device")
                        else [],
                        "preparation": "<p>Please bring the reports of earlier "
                        "examinations and the list of your medicines.</p>",
                    }
                    for service, minutes, price, words, extras in story.SERVICES[name]
                ]
            )
        return services

    def _make_practitioners(self, locations, services):
        staff = self.env["clinic.practitioner"]
        for number, (title, name, specialty, places, online) in enumerate(
            story.PRACTITIONERS
        ):
            practitioner = staff.create(
                {
                    "title": title,
                    "name": name,
                    "specialty_ids": services[specialty].specialty_id.ids,
                    "color": number,
                    "sequence": number,
                    "online_bookable": online,
                    "biography": f"<p>{name} works in {specialty.lower()} and likes to "
                    "explain things in plain words.</p>",
                }
            )
            self.env["clinic.offer"].create(
                [
                    {
                        "practitioner_id": practitioner.id,
                        "service_id": service.id,
                        "location_id": locations[place].id,
                        "own_price": title == "Prof.",
                        "price": service.list_price * 1.5 if title == "Prof." else 0,
                    }
                    for service in services[specialty]
                    for place in places
                ]
            )
            staff |= practitioner
        return staff

    def _link_users(self, staff, locations):
        doctor = self.env.ref("clinic_agenda.demo_user_practitioner")
        staff[0].write({"user_id": doctor.id, "name": doctor.name})
        # The second receptionist works in London only.
        self.env.ref(
            "clinic_agenda.demo_user_receptionist_london"
        ).clinic_location_ids = locations[2]

    # Patients

    def _make_patients(self, chance):
        """Families of one to five who share a number; a quarter of them British."""
        vals_list, families = [], []
        numbers = iter(self._phone_numbers())
        today = date.today()
        while len(vals_list) < PATIENTS:
            british = chance.random() < 0.25
            members = self._make_family(chance, british, today, next(numbers))
            members = members[: PATIENTS - len(vals_list)]
            families.append(range(len(vals_list), len(vals_list) + len(members)))
            vals_list += members
        patients = self.env["res.partner"].create(vals_list)
        self._make_relationships(patients, families)
        return patients

    def _phone_numbers(self):
        for prefix in story.PHONE_PREFIXES:
            for number in range(1000):
                yield f"{prefix}0{number:03d}"

    def _make_family(self, chance, british, today, number):
        family = chance.choice(
            story.BRITISH_FAMILY_NAMES if british else story.FAMILY_NAMES
        )
        women = story.BRITISH_WOMEN.split() if british else story.WOMEN
        men = story.BRITISH_MEN.split() if british else story.MEN
        size = chance.choices([1, 2, 3, 4, 5], [35, 25, 18, 16, 6])[0]
        country = self.env.ref("base.uk" if british else "base.it")
        city = "London" if british else chance.choice(["Roma", "Milano"])
        source = chance.choice(
            ["Website", "A friend", "General practitioner", "Poster"]
        )
        members, used = [], set()
        for position in range(size):
            adult = position < 2
            sex = chance.choice(["female", "male"])
            given = chance.choice(
                [
                    name
                    for name in (women if sex == "female" else men)
                    if name not in used
                ]
            )
            used.add(given)
            age = chance.randint(24, 84) if adult else chance.randint(0, 17)
            born = today - timedelta(days=age * 365 + chance.randint(0, 364))
            members.append(
                {
                    "is_patient": True,
                    "family_name": family,
                    "given_name": given,
                    "sex": sex,
                    "birth_date": born,
                    "tax_code": False
                    if british
                    else _tax_code(family, given, born, sex, chance),
                    "phone_ids": [(0, 0, {"number": number, "is_preferred": True})],
                    "email": f"{given}.{family}@mail.example".lower()
                    .replace("'", "")
                    .replace(" ", "")
                    if adult
                    else False,
                    "city": city,
                    "country_id": country.id,
                    "lang": "en_US",
                    "tz": "Europe/London" if british else "Europe/Rome",
                    "occupation": chance.choice(story.OCCUPATIONS) if adult else False,
                    "source_detail": source,
                }
            )
        return members

    def _make_relationships(self, patients, families):
        today = date.today()
        vals_list = []
        for members in families:
            people = [patients[number] for number in members]
            adults = [person for person in people if person.age >= 18][:2]
            if len(adults) == 2:
                vals_list.append(_bond(adults[0], adults[1], "spouse", None))
            for child in people:
                if child.age >= 18 or not adults:
                    continue
                grown_up = child.birth_date.replace(day=1).replace(
                    year=child.birth_date.year + 18
                )
                for parent in adults:
                    vals_list.append(
                        _bond(child, parent, "parent", max(grown_up, today))
                    )
        self.env["clinic.relationship"].create(vals_list)

    # Schedules and visits

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
        now = fields.Datetime.now()
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
        visits = self.env["clinic.appointment"].sudo()
        visits = visits.with_context(clinic_history=True)
        for offset in range(0, len(vals_list), 500):
            batch = vals_list[offset : offset + 500]
            with self.env.cr.savepoint():
                visits.create(batch)

    def _visit_vals(self, session, service, patient, moment, stop, chance):
        now = fields.Datetime.now()
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
            vals |= {
                "cancel_reason": chance.choice(story.CANCEL_REASONS),
                "cancelled_by": chance.choice(["patient", "patient", "clinic"]),
            }
        return vals

    def _link_portal_patient(self, patients):
        """The portal log-in is a parent of a family, with visits past and to come."""
        guardians = (
            self.env["clinic.relationship"]
            .search([("kind", "=", "parent"), ("patient_id", "in", patients.ids)])
            .guardian_id
        )
        upcoming = self.env["clinic.appointment"]._read_group(
            [
                ("patient_id", "in", guardians.ids),
                ("start", ">", fields.Datetime.now() + timedelta(days=2)),
                ("state", "in", ("booked", "confirmed")),
            ],
            ["patient_id"],
            ["__count"],
        )
        patient = upcoming[0][0] if upcoming else guardians[0]
        user = self.env["res.users"].create(
            {
                "name": patient.name,
                "login": "patient",
                "password": "patient",
                "partner_id": patient.id,
                "group_ids": [(6, 0, [self.env.ref("base.group_portal").id])],
            }
        )
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": "clinic_agenda.demo_user_patient",
                    "record": user,
                    # No file names it: an update of the addon would remove it.
                    "noupdate": True,
                }
            ]
        )


def _who_needs(service):
    if service.specialty_id.name == "Paediatrics" or "Child" in service.name:
        return "child"
    return "woman" if service.specialty_id.name == "Gynaecology" else "adult"


def _bond(patient, guardian, kind, until):
    return {
        "patient_id": patient.id,
        "guardian_id": guardian.id,
        "kind": kind,
        "can_book": True,
        "can_read": True,
        "can_sign": kind == "parent",
        "date_end": until,
    }


def _tax_code(family, given, born, sex, chance):
    """A codice fiscale that agrees with the person, born in an invented town code."""
    day = born.day + (40 if sex == "female" else 0)
    head = (
        codice_fiscale.family_code(family)
        + codice_fiscale.given_code(given)
        + f"{born.year % 100:02d}{'ABCDEHLMPRST'[born.month - 1]}{day:02d}"
        + f"{chance.choice('ABCDEFGHIL')}{chance.randint(100, 999)}"
    )
    return head + codicefiscale.calc_check_digit(head)
