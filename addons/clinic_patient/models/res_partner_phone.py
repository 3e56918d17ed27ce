from odoo import api, fields, models


class ResPartner(models.Model):
    """The patient card: phone numbers.

    ``phone`` of a patient is a copy of the preferred number, kept for the rest of
    Odoo (mail, SMS, portal). Writing it adds a number; it never changes another card.
    """

    _inherit = "res.partner"

    phone_ids = fields.One2many("clinic.phone", "partner_id", string="Phone numbers")

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
            if partner.is_patient and partner.phone and not vals.get("phone_ids"):
                partner._take_phone(partner.phone)
        return partners

    def write(self, vals):
        result = super().write(vals)
        if self.env.context.get("clinic_phone_sync"):
            return result
        if "phone" in vals or vals.get("is_patient"):
            # sudo: res.partner - what is on a card depends on the card, not the writer
            for partner in self.sudo().filtered("is_patient"):
                if "phone_ids" in vals:
                    partner._sync_phone()
                elif partner.phone:
                    partner._take_phone(partner.phone)
                elif "phone" in vals:
                    partner.phone_ids[:1].unlink()
        return result

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
                partner.with_context(clinic_phone_sync=True).phone = phone
