from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import hmac

from odoo.addons.clinic_base.lib.ours import Said
from odoo.addons.clinic_patient.lib import duplicate_rules

from ..lib.states import BLOCKING, BLOCKING_SQL
from .clinic_appointment_allocation import SlotTaken
from .clinic_appointment_contact import STAFF


class ClinicAppointment(models.Model):
    """Whether the person who booked is who the card says, and at one place at a time.

    A guest with the name, the birth date and the proved phone of a card is probably
    that patient: the visit joins the card, what was typed stays here, and staff say
    whether it is the same person.
    """

    _inherit = "clinic.appointment"

    identity_to_confirm = fields.Boolean(
        string="Identity to confirm",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="Somebody with this name, birth date and phone booked on the website. "
        "It is probably this patient: ask for a document, then confirm.",
    )
    guest_card = fields.Json(
        string="As the guest wrote it",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="Kept until somebody has confirmed who it is.",
    )
    person_key = fields.Char(
        string="Person who booked",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="A keyed digest of name, birth date and proved phone of a guest.",
    )

    # Two requests at the same moment see no card of each other's, so the patient's own
    # constraint does not hold for them.
    _person_busy = models.Constraint(
        "EXCLUDE USING gist (person_key WITH =, tsrange(start, stop) WITH &&)"
        f" WHERE (person_key IS NOT NULL AND state IN {BLOCKING_SQL})",
        "The patient already has a visit at this time.",
    )
    _identity_open = models.Index("(start) WHERE identity_to_confirm")

    def _identity_vals(self, card, phone, to_confirm):
        """What a visit keeps of the guest who booked it.

        :param dict card: fields of a card as typed and checked
        :param str phone: the proved number, E.164
        :param bool to_confirm: whether the visit joins a card by likeness
        """
        key = duplicate_rules.name_key(card["family_name"], card["given_name"])
        person = "|".join(
            (duplicate_rules.key_words(key), str(card["birth_date"]), phone)
        )
        typed = dict(card, birth_date=str(card["birth_date"]), phone=phone)
        return {
            "identity_to_confirm": to_confirm,
            "guest_card": typed if to_confirm else False,
            # sudo: ir.config_parameter - the key is the secret of the database
            "person_key": hmac(self.env(su=True), "clinic.appointment:person", person)[
                :32
            ],
        }

    def _prepare_change(self, vals):
        """Whoever says whose visit it is has answered the question who it is."""
        prepared = super()._prepare_change(vals)
        if "patient_id" in vals:
            prepared.setdefault("identity_to_confirm", False)
            prepared.setdefault("guest_card", False)
        return prepared

    def write(self, vals):
        """A visit that goes to another patient is no visit of the guest any more."""
        result = super().write(vals)
        if "patient_id" in vals and "person_key" not in vals:
            # sudo: clinic.appointment - the mark of the guest is for the system alone
            self.sudo().filtered("person_key").write({"person_key": False})
        return result

    def _newly_claimed(self, vals):
        """The time that a change takes of patients, as :meth:`_check_patients` asks."""
        claimed = []
        for visit in self:
            before = visit._snapshot()
            changed = before | vals
            if visit.state not in BLOCKING or any(
                changed[name] != before[name]
                for name in ("patient_id", "start", "stop", "service_id")
            ):
                claimed.append(dict(changed, id=visit.id))
        return claimed

    def _check_patients(self, bookings):
        """Refuse a service that is not for the patient, and two places at one time.

        Exceptions are an overbooking: they need the right and a reason.

        :param list bookings: dicts of complete values
        :raises SlotTaken: another card of the same person has a visit then
        :raises ValidationError: the service is not for this age or sex
        """
        bookings = [
            vals
            for vals in bookings
            if vals.get("patient_id")
            and vals.get("state", "booked") in BLOCKING
            and not vals.get("overbooked")
        ]
        if not bookings or self._is_history():
            return
        self._check_suits(bookings)
        self._check_person_free(bookings)

    def _asked(self, bookings):
        return SQL(", ").join(
            SQL(
                "(%s::int, %s::int, %s::int, %s::timestamp, %s::timestamp)",
                vals.get("id") or 0,
                vals["patient_id"],
                vals["service_id"],
                fields.Datetime.to_datetime(vals["start"]),
                fields.Datetime.to_datetime(vals["stop"]),
            )
            for vals in bookings
        )

    def _check_suits(self, bookings):
        self.env["res.partner"].flush_model(["birth_date", "sex"])
        self.env["product.template"].flush_model(["age_from", "age_to", "for_sex"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT asked.service_id, p.birth_date, p.sex, asked.start::date
                  FROM (VALUES %s) asked(id, patient_id, service_id, start, stop)
                  JOIN product_template t ON t.id = asked.service_id
                  JOIN res_partner p ON p.id = asked.patient_id
                 WHERE t.age_from > 0 OR t.age_to > 0 OR t.for_sex IS NOT NULL
                """,
                self._asked(bookings),
            )
        )
        services = self.env["product.template"]
        for service_id, born, sex, day in rows:
            problem = services.browse(service_id)._person_problem(born, sex, day)[1]
            if problem:
                raise ValidationError(problem)

    def _check_person_free(self, bookings):
        """The patient's constraint, over all cards that are probably one person.

        The same name and birth date and a phone in common; pairs of cards that staff
        found to be two people are two people. A number that a log-in wrote on its own
        card and did not prove makes no likeness. Only staff hear of the other card:
        whose it is does not concern who resembles it.
        """
        user = self.env.user
        staff = user._is_internal()
        proved = (
            SQL("TRUE")
            if staff or user._is_public()
            else SQL("own.verified_on IS NOT NULL")
        )
        self.env["res.partner"]._flush_for_duplicates()
        self.env["clinic.duplicate"].flush_model(["first_id", "second_id", "state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT 1
                  FROM (VALUES %(asked)s) asked(id, patient_id, service_id, start, stop)
                  JOIN res_partner p ON p.id = asked.patient_id
                  JOIN clinic_phone own ON own.partner_id = p.id AND %(proved)s
                  JOIN clinic_phone same ON same.e164 = own.e164
                       AND same.partner_id <> p.id
                  JOIN res_partner o ON o.id = same.partner_id
                       AND o.birth_date = p.birth_date
                       AND split_part(o.duplicate_key, '|', 1)
                           = split_part(p.duplicate_key, '|', 1)
                       AND (o.tax_code_base = p.tax_code_base
                            OR COALESCE(o.tax_code_base, '') = ''
                            OR COALESCE(p.tax_code_base, '') = '')
                  JOIN clinic_appointment v ON v.patient_id = o.id
                       AND v.id <> asked.id AND v.state IN %(blocking)s
                       AND v.start < asked.stop AND v.stop > asked.start
                 WHERE NOT EXISTS (
                       SELECT FROM clinic_duplicate d
                        WHERE d.first_id = LEAST(p.id, o.id)
                          AND d.second_id = GREATEST(p.id, o.id)
                          AND d.state = 'not_same')
                 LIMIT 1
                """,
                asked=self._asked(bookings),
                blocking=SQL(BLOCKING_SQL),
                proved=proved,
            )
        )
        if rows and not staff:
            raise self._just_taken()
        if rows:
            raise SlotTaken(
                self.env._(
                    "The patient already has another visit at this time, on a second "
                    "card with the same name, birth date and phone."
                )
                if not self.env.su
                else self.env._("The patient already has another visit at this time."),
                "patient",
            )

    @api.model
    def _just_taken(self):
        """The refusal for whoever must not learn of a patient's other visits."""
        return SlotTaken(
            self.env._("This time was just taken. Choose one of these instead."),
            "practitioner",
        )

    # ------------------------------------------------------------
    # Staff say who it is
    # ------------------------------------------------------------

    def _check_identity_open(self):
        self.check_access("write")
        if not all(visit.identity_to_confirm for visit in self):
            raise UserError(self.env._("Who this patient is was confirmed already."))

    def action_confirm_identity(self):
        """The guest is the patient of the card.

        :raises UserError: there is nothing to confirm
        """
        self._check_identity_open()
        self._ours().write({"identity_to_confirm": False, "guest_card": False})
        return True

    def action_split_identity(self):
        """The guest is somebody else: a card of what was typed, and the visit moves.

        The two cards are noted as two people, so that nobody asks again.

        :raises UserError: there is nothing to confirm, or the patient has arrived
        """
        self.ensure_one()
        self._check_identity_open()
        old = self.patient_id
        typed = dict(self.guest_card)
        # sudo: clinic.appointment - the mark of the guest is for the system alone
        key = self.sudo().person_key
        phone = typed.pop("phone")
        # sudo: res.partner - what the guest wrote, checked when it was written
        card = old.sudo().browse()._create_registered(typed, phone, "to_review")
        self.env["clinic.duplicate"]._keep_apart(old, card)
        self.with_context(clinic_channel=Said("desk")).action_change_patient(
            card.id, self.env._("Another person with the same name and birth date")
        )
        # sudo: clinic.appointment - as above: the visit is still this guest's
        self.sudo().person_key = key
        return True
