import base64
import random
from collections import defaultdict
from datetime import date

from odoo import api, models
from odoo.tools import file_open

from . import story

#: The same clinic on every machine, relative to the day it is loaded.
SEED = 20261121

#: What Odoo calls a company before anybody does.
NAMES_OF_ODOO = ("My Company", "YourCompany")


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
        self._make_documents()
        self._make_rights(patients)
        self._make_referrals()
        self._make_segments(chance)
        self._make_messages()
        self._make_waiting()
        self._make_desk()

    def _is_new_company(self):
        """Whether nobody has named the company yet, nor sold by it."""
        company = self.env.company
        if company.name not in NAMES_OF_ODOO:
            return False
        return not any(
            model in self.env
            and self.env[model].search_count([("company_id", "=", company.id)], limit=1)
            for model in ("account.move", "sale.order", "purchase.order")
        )

    def _settle_company(self):
        """Name the company of a new database; one that is in use stays as it is."""
        if not self._is_new_company():
            return
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
