from datetime import date, timedelta

from stdnum.it import codicefiscale

from odoo import models

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_patient.lib import codice_fiscale

from . import story

PATIENTS = 2000


class ClinicDemo(models.AbstractModel):
    """The patients of the demo clinic: families, and who logs in to the portal."""

    _inherit = "clinic.demo"

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
            adults = [person for person in people if person.clinic_age >= 18][:2]
            if len(adults) == 2:
                vals_list.append(_bond(adults[0], adults[1], "spouse", None))
            for child in people:
                if child.clinic_age >= 18 or not adults:
                    continue
                grown_up = child.birth_date.replace(day=1).replace(
                    year=child.birth_date.year + 18
                )
                for parent in adults:
                    vals_list.append(
                        _bond(child, parent, "parent", max(grown_up, today))
                    )
        self.env["clinic.relationship"].create(vals_list)

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
                ("start", ">", clock.now() + timedelta(days=2)),
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
