from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import email_normalize

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import OURS, is_ours

from ..lib.roles import PERSON_GROUPS, STAFF_GROUPS
from .clinic_phone import WAIT


class ResPartner(models.Model):
    """The patient card: phone numbers.

    ``phone`` of a patient is a copy of the preferred number, kept for the rest of
    Odoo (mail, SMS, portal). Writing it adds a number; it never changes another card.
    """

    _inherit = "res.partner"

    phone_ids = fields.One2many(
        "clinic.phone", "partner_id", string="Phone numbers", groups=PERSON_GROUPS
    )
    email_codes_from = fields.Datetime(
        readonly=True,
        copy=False,
        groups=NO_ACCESS,
        help="The address was changed from outside, and the old one was told: until "
        "then no link for a new password goes to it.",
    )

    @api.model
    def _find_by_phone(self, text):
        """Return all patients with this number, however it is spelt.

        :param str text: with or without country code, blanks and signs
        """
        e164 = self.env["clinic.phone"]._try_normalize(text)
        if not e164:
            return self.browse()
        return self.search([("is_patient", "=", True), ("phone_ids.e164", "=", e164)])

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        for partner, vals in zip(partners, vals_list, strict=True):
            # sudo: res.partner - only whether it is a patient is read here
            is_patient = partner.sudo().is_patient
            if is_patient and partner.phone and not vals.get("phone_ids"):
                partner._take_phone(partner.phone)
        return partners

    def write(self, vals):
        old = self._old_addresses() if "email" in vals and self._is_outsider() else {}
        result = super().write(vals)
        for partner, address in old.items():
            partner._wait_for_mails(address)
        if is_ours(self.env.context, "clinic_phone_sync"):
            return result
        if "phone" in vals or vals.get("is_patient"):
            # sudo: res.partner - what is on a card depends on the card, not the writer
            for partner in self.sudo().filtered("is_patient"):
                if "phone_ids" in vals:
                    partner._sync_phone()
                elif self._is_colleague():
                    partner._take_phone_of_colleague()
                elif partner.phone:
                    partner._take_phone(partner.phone)
                elif "phone" in vals:
                    partner.phone_ids[:1].unlink()
        return result

    def _take_phone_of_colleague(self):
        """A number that somebody without a role wrote on the contact of a patient.

        It is added to those of the card, which stay: whoever could take them away could
        take the way to tell the person. What is no number stays as it was written, as
        on every other contact.
        """
        if not self.phone:
            self._sync_phone()
        elif self.env["clinic.phone"]._try_normalize(self.phone, self.country_id):
            self._take_phone(self.phone)

    def _take_phone(self, text):
        """Make ``text`` the preferred number, adding it when it is new."""
        self.ensure_one()
        Phone = self.env["clinic.phone"]
        e164 = Phone._normalize(text, self.country_id)
        known = self.phone_ids.filtered(lambda phone: phone.e164 == e164)
        if known:
            known.is_preferred = True
        else:
            Phone.create({"partner_id": self.id, "number": text, "is_preferred": True})

    def _sync_phone(self):
        """Copy the preferred number of each patient to ``phone``."""
        for partner in self.filtered("is_patient"):
            preferred = partner.phone_ids.sorted(
                lambda phone: (not phone.is_preferred, phone.sequence, phone.id)
            )[:1]
            phone = preferred.display_name or False
            if partner.phone != phone:
                partner.with_context(clinic_phone_sync=OURS).phone = phone

    # ------------------------------------------------------------
    # Changed from outside: what was known before is told
    # ------------------------------------------------------------

    @api.model
    def _is_outsider(self):
        """Whether who writes is no staff of the clinic: somebody in the portal, or a
        colleague who keeps contacts and may not get at reports by changing an address.
        """
        return not self.env.user.has_group(STAFF_GROUPS)

    @api.model
    def _is_colleague(self):
        """Whether who writes works here and has no role of the clinic."""
        user = self.env.user
        # The suite's own jobs run as nobody in particular.
        is_person = user.id != SUPERUSER_ID
        return is_person and user._is_internal() and self._is_outsider()

    def _old_addresses(self):
        """Return ``{partner: address}`` of patients before somebody changes it.

        Of a patient without one as well when a colleague writes: a new address of hers
        waits whether she can be told or not.
        """
        # sudo: res.partner - only to tell the person herself
        return {
            partner: email_normalize(partner.email)
            for partner in self.sudo()
            if partner.is_patient
            and (email_normalize(partner.email) or self._is_colleague())
        }

    def _wait_for_mails(self, old):
        """Tell the old address that it was replaced; the new one waits for links."""
        if email_normalize(self.email) == old:
            return
        self.email_codes_from = clock.now() + WAIT
        if old:
            self._tell_old_address(old)
            return
        known = self.phone_ids._getting_codes()[:1]
        if known:
            words = self.with_context(lang=self.lang or self.env.lang).env
            self._text_person(
                known,
                words._(
                    "Your e-mail address at %(company)s was changed. If it was not "
                    "you, call us at once.",
                    company=self.env.company.name,
                ),
            )

    def _gets_mail_links(self):
        """Whether a link for a new password may go to the address on the card."""
        # sudo: res.partner - the system's own field
        start = self.sudo().email_codes_from
        return not start or start <= clock.now()

    def _tell_old_address(self, old):
        """Tell the address that was replaced: its owner sees a theft at once."""
        self = self.with_context(lang=self.lang or self.env.lang)
        self._mail_person(
            old,
            self.env._("Your e-mail address was changed"),
            self.env._(
                "The e-mail address of your account at %(company)s was changed.\n\n"
                "If it was not you, call us at once: %(phone)s",
                company=self.env.company.name,
                phone=self.env.company.phone or "",
            ),
        )

    def _tell_new_contact(self, number, but):
        """Tell a patient, where she was reached before, of a number that was added.

        :param str number: as people read it
        :param but: clinic.phone, the number itself
        :returns: whether there was a way to tell
        """
        self.ensure_one()
        self = self.with_context(lang=self.lang or self.env.lang)
        end = number[-3:]
        address = email_normalize(self.email)
        if address:
            self._mail_person(
                address,
                self.env._("A telephone number was added"),
                self.env._(
                    "A telephone number that ends in %(end)s was added to your data "
                    "at %(company)s.\n\nIf it was not you, call us at once: "
                    "%(phone)s",
                    end=end,
                    company=self.env.company.name,
                    phone=self.env.company.phone or "",
                ),
            )
            return True
        known = (self.phone_ids - but)._getting_codes()[:1]
        if known:
            self._text_person(
                known,
                self.env._(
                    "A number that ends in %(end)s was added to your data at "
                    "%(company)s. If it was not you, call us at once.",
                    end=end,
                    company=self.env.company.name,
                ),
            )
        return bool(known)

    def _text_person(self, phone, body):
        self.env["clinic.outbox"]._say(
            "notice", "sms", phone.e164, body, person=self, lang=self.env.lang
        )

    def _mail_person(self, address, subject, body):
        self.env["clinic.outbox"]._say(
            "notice",
            "email",
            address,
            body,
            subject=subject,
            person=self,
            lang=self.env.lang,
        )
