from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import consteq, email_normalize, format_amount

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.lock_spaces import wait_for_lock
from odoo.addons.clinic_patient.lib import person_name

from ..lib import lock_spaces
from .clinic_appointment_allocation import SlotTaken

SEXES = ("female", "male", "other", "unknown")
#: Who the person booking is for the family member, as of ``clinic.relationship``.
KINDS = ("parent", "guardian", "spouse", "child", "sibling", "relative", "caregiver")


class ClinicBooking(models.AbstractModel):
    """What visitors type: checked whole, said field by field, saved only when right.

    Nothing here tells a visitor who is a patient: the answers depend on what was
    typed and never on what is stored.
    """

    _inherit = "clinic.booking"

    # ------------------------------------------------------------
    # Holds
    # ------------------------------------------------------------

    @api.model
    def _visit_by_token(self, visit_id, token):
        """The visit whose secret somebody shows, in sudo; or empty.

        :param visit_id: as it came from outside
        :param token: as it came from outside
        """
        # sudo: clinic.appointment - the secret is the right
        visits = self.env["clinic.appointment"].sudo()
        text = str(visit_id or "")
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            return visits
        visit = visits.browse(int(text)).exists()
        known = visit.access_token or ""
        token = token if isinstance(token, str) else ""
        if not known or not consteq(known.encode(), token.encode()):
            return visits
        return visit

    @api.model
    def _lock_form(self, visit):
        """Let the forms of a visit be taken one after the other.

        Two clicks on the same button must not become a booking and a complaint.
        """
        wait_for_lock(self.env.cr, lock_spaces.BOOKING_FORM, visit.id)

    @api.model
    def _is_finished_meanwhile(self, visit):
        """Whether the visit is no hold any more, by what others have saved.

        This transaction may still see the past.
        """
        with self.env.registry.cursor() as cursor:
            return visit.with_env(visit.env(cr=cursor))._is_finished()

    @api.model
    def _release(self, visit):
        """Give a held time back, because its visitor chose another one.

        Without the locks of those who take time: this transaction has those of the new
        time already, and two visitors who change crosswise would wait for each other.
        Giving back needs none: it cannot collide with anything.
        """
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE clinic_appointment SET state = 'expired', hold_expires_at = NULL"
            " WHERE id = %s AND state = 'held' AND patient_id IS NULL",
            [visit.id],
        )
        if self.env.cr.rowcount:
            visit.invalidate_recordset(["state", "hold_expires_at"])
            visit._announce()

    @api.model
    def _renew(self, visit):
        """A hold that is alive, for the same time: this one, or a new one if it ended.

        Whoever took long over the form goes on without noticing, unless somebody else
        took the time meanwhile.

        :raises SlotTaken: the time is gone
        """
        if visit.state == "held" and visit.hold_expires_at > clock.now():
            return visit
        if visit._is_finished():
            raise SlotTaken(
                self.env._("This booking is already finished."), "practitioner"
            )
        return self._hold(
            visit.service_id.id,
            visit.start,
            practitioner_ids=visit.practitioner_id.ids,
            location_ids=visit.location_id.ids,
            regime=visit.regime,
            channel=visit.channel,
        )

    @api.model
    def _seconds_left(self, visit):
        """How long a hold still lasts; 0 when it has ended."""
        if not visit.hold_expires_at:
            return 0
        left = visit.hold_expires_at - clock.now()
        return max(0, int(left.total_seconds()))

    @api.model
    def _price_of(self, visit):
        """The price of the visit in words."""
        # sudo: clinic.appointment - the price of the own visit is no secret
        visit = visit.sudo()
        return format_amount(self.env, visit.price, visit.currency_id)

    # ------------------------------------------------------------
    # Guests
    # ------------------------------------------------------------

    @api.model
    def _check_guest(
        self, typed, visit=None, service=None, country=None, needs_phone=True
    ):
        """Check what a guest typed, without saving anything.

        :param dict typed: texts of the form
        :param visit: held ``clinic.appointment``: its service and place count
        :param service: ``product.template`` that is wished, where nothing is held yet
        :param country: ``res.country`` in which a national phone number is read
        :param bool needs_phone: whether mobile, e-mail and privacy belong to the form
        :returns: ``(person, errors)``: ``person`` is ``{"card": vals of the card,
            "phone": E.164 or None}``, ``errors`` is ``{field: message}``; the empty
            field is the form as a whole
        """
        errors = {}
        if visit:
            # sudo: clinic.appointment - the visitor showed the secret of the hold
            visit = visit.sudo()
            service, country = visit.service_id, visit.location_id.country_id
        day = visit.local_day if visit else fields.Date.context_today(self)
        card = {"lang": self.env.lang}
        self._check_names(typed, card, errors)
        self._check_birth(typed, card, errors)
        sex = typed.get("sex")
        if sex in SEXES:
            card["sex"] = sex
        else:
            errors["sex"] = self.env._("Choose one of the list.")
        self._check_number(typed, card, errors)
        if service and card["birth_date"] and not errors.get("birth_date"):
            field, problem = service._person_problem(
                card["birth_date"], card.get("sex"), day
            )
            if problem:
                errors.setdefault(field, problem)
        phone = None
        if needs_phone:
            phone = self._check_contact(typed, card, errors, country)
            self._check_booker(typed, card, errors, day)
        if not errors:
            self._check_one(errors, "", self._try_card, card, phone)
        return {"card": card, "phone": phone}, errors

    def _check_one(self, errors, field, check, *arguments):
        """Run a check and keep the first thing it has to say about a field."""
        try:
            return check(*arguments)
        except ValidationError as problem:
            errors.setdefault(field, str(problem))
            return None

    def _check_names(self, typed, card, errors):
        partners = self.env["res.partner"]
        labels = {
            "given_name": self.env._("The given name"),
            "family_name": self.env._("The family name"),
        }
        for field, label in labels.items():
            text = person_name.clean(typed.get(field))
            if not text:
                errors[field] = self.env._("Write the name as it is on the document.")
                continue
            self._check_one(errors, field, partners._check_stranger_name, label, text)
            card[field] = text

    def _check_birth(self, typed, card, errors):
        try:
            born = fields.Date.to_date((typed.get("birth_date") or "")[:10])
        except ValueError:
            born = None
        today = fields.Date.context_today(self)
        if not born:
            errors["birth_date"] = self.env._(
                "Write the whole date, for example 1980-05-31."
            )
        elif born > today:
            errors["birth_date"] = self.env._(
                "The birth date is in the future: check the year."
            )
        elif born.year < today.year - 125:
            errors["birth_date"] = self.env._(
                "The birth date is too long ago: check the year."
            )
        card["birth_date"] = born

    def _check_number(self, typed, card, errors):
        """The number of the person: a tax code here, a national number elsewhere."""
        number = (typed.get("tax_code") or "").strip()[:60]
        country = self.env.company.country_id
        if number and typed.get("number_country") not in (None, "", str(country.id)):
            card["national_number"] = number[:40]
        elif number:
            card["tax_code"] = number
            check = self.env["res.partner"]._check_typed_tax_code
            self._check_one(errors, "tax_code", check, card)

    def _check_contact(self, typed, card, errors, country):
        email = (typed.get("email") or "").strip()
        normal = email_normalize(email) if len(email) <= 254 else False
        if normal and normal.isascii() and "." in normal.partition("@")[2]:
            card["email"] = normal
        else:
            errors["email"] = self.env._(
                "Write a complete e-mail address, for example name@example.com."
            )
        if not typed.get("privacy"):
            errors["privacy"] = self.env._(
                "Please accept the privacy notice, or call us to book."
            )
        phones = self.env["clinic.phone"]
        return self._check_one(
            errors, "phone", phones._normalize_mobile, typed.get("phone"), country
        )

    def _check_booker(self, typed, card, errors, day):
        """A minor does not book alone: who answers for the child says so."""
        booker = person_name.clean(typed.get("booker"))
        if booker:
            label = self.env._("Your name")
            check = self.env["res.partner"]._check_stranger_name
            self._check_one(errors, "booker", check, label, booker)
        elif card["birth_date"] and relativedelta(day, card["birth_date"]).years < 18:
            errors["booker"] = self.env._(
                "The patient is under 18: write the name of the parent or guardian."
            )

    def _try_card(self, card, phone):
        """Make the card and take it back at once: all its checks, and no trace."""
        savepoint = self.env.cr.savepoint(flush=True)
        try:
            # sudo: res.partner - rolled back in any case
            self.env["res.partner"].sudo()._create_registered(card, phone, "to_review")
        finally:
            savepoint.close(rollback=True)

    @api.model
    def _book_guest(self, visit, person, note=None, coverage=None, **more):
        """Book for a guest who proved the phone number.

        What was typed stays with the visit; an existing card is never changed.

        :param person: as of :meth:`_check_guest`, without errors
        :param more: ``booker`` and ``policy_number`` as typed
        :raises SlotTaken: the time is gone, or the patient is elsewhere then, which
            who is the patient by likeness only is not told
        """
        card, phone = person["card"], person["phone"]
        partners = self.env["res.partner"]
        patient, to_confirm = partners._register_guest(card, phone)
        visit._ours().write(
            {
                "contact_booker": person_name.clean(more.get("booker")),
                "contact_name": person_name.compose(
                    card["family_name"], card["given_name"]
                ),
                "contact_email": card["email"],
                "contact_lang": card["lang"],
                "privacy_accepted_at": clock.now(),
            }
        )
        try:
            self._book_held(
                visit,
                patient,
                note=note,
                coverage=coverage,
                policy_number=more.get("policy_number"),
                **visit._identity_vals(card, phone, to_confirm),
            )
        except SlotTaken as refusal:
            if to_confirm and refusal.resource == "patient":
                raise visit._just_taken() from None
            raise

    # ------------------------------------------------------------
    # Families
    # ------------------------------------------------------------

    @api.model
    def _become_patient(self, partner, person):
        """Make the contact of a log-in a patient card.

        It is the visitor's own contact; cards that exist are left alone, and a card
        that resembles one of them is marked for the desk to compare.
        """
        # sudo: res.partner - the visitor's own contact
        card = partner.sudo()
        vals = {
            key: value for key, value in person["card"].items() if key != "lang"
        } | {"is_patient": True}
        if card._find_duplicates(dict(vals, phone=card.phone)):
            vals["identity_state"] = "to_review"
        card.write(vals)
        return card

    @api.model
    def _add_family_member(self, partner, person, kind):
        """Make a card for somebody of the visitor's family and let the visitor book.

        Always a new card: a visitor cannot reach an existing one by naming it. To read
        what the clinic writes on it, the relation must be confirmed by staff.

        :param partner: the visitor's ``res.partner``
        :param person: as of :meth:`_check_guest`, without errors
        :param str kind: who the visitor is for the patient
        :returns: ``res.partner`` in sudo
        :raises ValidationError: the kind is none of the list
        """
        if kind not in KINDS:
            raise ValidationError(self.env._("Say who you are for this person."))
        card = self.env["res.partner"]._register_patient(person["card"])
        self.env["clinic.relationship"]._declare(card, partner, kind)
        return card


class ClinicOneTimeCode(models.Model):
    """Codes for booking go to whatever number somebody types."""

    _inherit = "clinic.one.time.code"

    @api.model
    def _public_purposes(self):
        return super()._public_purposes() | {"booking", "wait"}


class ResPartner(models.Model):
    """A check of a tax code before there is a card."""

    _inherit = "res.partner"

    @api.model
    def _check_typed_tax_code(self, vals):
        """Refuse a mistyped tax code.

        :param dict vals: with ``tax_code``
        :raises ValidationError: says what is wrong with it
        """
        self.new(self._prepare_tax_code(vals))._check_tax_code()
