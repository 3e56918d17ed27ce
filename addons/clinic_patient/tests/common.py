from datetime import date

from odoo import Command
from odoo.tests import tagged

from odoo.addons.clinic_base.tests.common import ClinicBaseCommon
from odoo.addons.mail.tests.common import mail_new_test_user

from ..lib import codice_fiscale

ROLES = (
    "administrator",
    "manager",
    "chief_doctor",
    "practitioner",
    "receptionist",
    "coordinator",
    "operator",
    "supervisor",
    "marketing",
    "cashier",
    "client_representative",
)


def group_of(role):
    """The external id of a role's group."""
    room = "clinic_base" if role == "administrator" else "clinic_patient"
    return f"{room}.group_clinic_{role}"


def make_code(family, given, born, sex, place="H501"):
    """Return the codice fiscale that a person with these data gets in Rome."""
    head = (
        codice_fiscale.family_code(family)
        + codice_fiscale.given_code(given)
        + f"{born.year % 100:02}"
        + "ABCDEHLMPRST"[born.month - 1]
        + f"{born.day + (40 if sex == 'female' else 0):02}"
        + place
    )
    return codice_fiscale.base(head + "A")


@tagged("post_install", "-at_install")
class ClinicPatientCommon(ClinicBaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Partner = cls.env["res.partner"]
        cls.Phone = cls.env["clinic.phone"]
        cls.Relationship = cls.env["clinic.relationship"]

    @classmethod
    def patient(cls, family="Verdi", given="Anna", **vals):
        return cls.Partner.create(
            {"is_patient": True, "family_name": family, "given_name": given, **vals}
        )

    @classmethod
    def write_facts(cls, patient, **values):
        """Facts as a job would write them."""
        cls.env.cr.execute(
            "INSERT INTO clinic_patient_facts (id, visit_count, visit_value,"
            " last_visit_date) VALUES (%s, %s, %s, %s)",
            [
                patient.id,
                values.get("visit_count"),
                values.get("visit_value"),
                values.get("last_visit_date"),
            ],
        )
        cls.env.invalidate_all()

    @classmethod
    def verdi_vals(cls, **vals):
        """Return the data of a woman whose tax code agrees with them."""
        born = date(1980, 3, 12)
        return {
            "family_name": "Verdi",
            "given_name": "Anna",
            "birth_date": born,
            "sex": "female",
            "tax_code": make_code("Verdi", "Anna", born, "female"),
            **vals,
        }

    @classmethod
    def user(cls, *roles, **vals):
        """Return a new user with these roles of the clinic; none: no role at all."""
        groups = [group_of(role) for role in roles]
        login = "test_" + ("_".join(roles) or "plain")
        return mail_new_test_user(
            cls.env, login, groups=",".join(groups or ["base.group_user"]), **vals
        )

    @classmethod
    def portal_user(cls, partner):
        return cls.env["res.users"].create(
            {
                "login": f"test_portal_{partner.id}",
                "partner_id": partner.id,
                "group_ids": [Command.set([cls.env.ref("base.group_portal").id])],
            }
        )

    @classmethod
    def relate(cls, ward, guardian, kind="parent", **vals):
        return cls.Relationship.create(
            {"patient_id": ward.id, "guardian_id": guardian.id, "kind": kind, **vals}
        )

    def print_papers(self):
        """Print as a site does; Odoo's tests stop at HTML otherwise."""
        reports = self.registry["ir.actions.report"]
        render = reports._render_qweb_pdf

        def forced(reports, *args, **options):
            forcing = reports.with_context(force_report_rendering=True)
            return render(forcing, *args, **options)

        self.patch(reports, "_render_qweb_pdf", forced)
