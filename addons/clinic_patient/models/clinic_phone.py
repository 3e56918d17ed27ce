from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.clinic_base.lib import clock

#: For how long a number that was added from outside gets no codes, after those known
#: before were told of it.
WAIT = timedelta(days=1)


class ClinicPhone(models.Model):
    """One phone number of one person.

    A number is a channel and not a person: a family may share it. Each of its members
    has an own row, so that what is changed on one card never changes another.
    """

    _name = "clinic.phone"
    _description = "Phone number of a patient"
    _inherit = ["clinic.gate", "clinic.phone.number"]
    _order = "is_preferred desc, sequence, id"
    _rec_name = "number"

    partner_id = fields.Many2one(
        "res.partner", string="Person", required=True, index=True, ondelete="cascade"
    )
    number = fields.Char(string="Phone number", required=True)
    e164 = fields.Char(
        string="International number",
        compute="_compute_e164",
        store=True,
        precompute=True,
        required=True,
        index=True,
    )
    sequence = fields.Integer(default=10)
    label = fields.Selection(
        [("mobile", "Mobile"), ("home", "Home"), ("work", "Work"), ("other", "Other")],
        required=True,
        default="mobile",
    )
    is_preferred = fields.Boolean(string="Preferred")
    verified_on = fields.Datetime(
        string="Confirmed on",
        readonly=True,
        copy=False,
        help="The person typed a code that was sent to this number.",
    )
    codes_from = fields.Datetime(
        string="Gets codes from",
        readonly=True,
        copy=False,
        help="A number that was added from outside: what is known already was told of "
        "it. Until then it opens no reports and resets no password. Empty: at once.",
    )
    allow_call = fields.Boolean(string="Call", default=True)
    allow_sms = fields.Boolean(string="SMS", default=True)
    allow_whatsapp = fields.Boolean(string="WhatsApp", default=True)

    _partner_number_unique = models.UniqueIndex(
        "(partner_id, e164)", "This number is on the card already."
    )

    @api.depends("number")
    def _compute_e164(self):
        for phone in self:
            phone.e164 = phone.number and self._normalize(
                phone.number, phone.partner_id.country_id
            )

    @api.depends("e164")
    def _compute_display_name(self):
        for phone in self:
            phone.display_name = self._format(phone.e164) if phone.e164 else False

    def _search_words(self):
        """Return the digits of the number as people may begin to type them."""
        self.ensure_one()
        return self._read_number(self.e164)[2] if self.e164 else []

    @api.onchange("number")
    def _onchange_number(self):
        e164 = self._try_normalize(self.number, self.partner_id.country_id)
        if e164:
            self.number = self._format(e164)

    @api.model_create_multi
    def create(self, vals_list):
        """Add numbers; one that comes from outside waits before it gets codes.

        :raises AccessError: the caller says himself from when it gets codes
        """
        self._check_codes_untouched(set().union(*vals_list))
        phones = super().create(vals_list)
        phones._wait_for_codes()
        phones.filtered("is_preferred")._keep_one_preferred()
        phones.partner_id._sync_phone()
        return phones

    def write(self, vals):
        self._check_codes_untouched(vals.keys())
        before = self.partner_id
        result = super().write(vals)
        if "number" in vals and "verified_on" not in vals:
            super(ClinicPhone, self._ours()).write({"verified_on": False})
        if "number" in vals:
            self._wait_for_codes()
        if vals.get("is_preferred"):
            self._keep_one_preferred()
        if {"number", "is_preferred", "sequence", "partner_id"} & vals.keys():
            (before | self.partner_id)._sync_phone()
        return result

    def unlink(self):
        partners = self.partner_id
        result = super().unlink()
        partners.exists()._sync_phone()
        return result

    def _keep_one_preferred(self):
        """Make the latest of ``self`` the only preferred number of its person."""
        latest = {phone.partner_id: phone for phone in self}
        for partner, phone in latest.items():
            others = partner.phone_ids.filtered("is_preferred") - phone
            others.write({"is_preferred": False})

    # ------------------------------------------------------------
    # Which numbers get codes
    # ------------------------------------------------------------

    def _check_codes_untouched(self, names):
        if "codes_from" in names and not self.env.su:
            raise AccessError(
                self.env._("From when a number gets codes is not written by hand.")
            )

    def _wait_for_codes(self):
        """Have numbers that came from outside wait, and tell what is known already.

        A session that was stolen must not add a number of its own and get the code for
        the reports there. On a card that knows no other way to reach the person there
        is nobody to tell, and her own number need not wait; one that a colleague wrote
        does.
        """
        people = self.env["res.partner"]
        if not people._is_outsider():
            return
        # sudo: clinic.phone - the system's own field
        for phone in self.sudo():
            partner = phone.partner_id
            told = partner._tell_new_contact(phone.display_name, but=phone)
            if told or people._is_colleague():
                phone.codes_from = clock.now() + WAIT

    def _getting_codes(self):
        """Return those of these numbers that get codes now."""
        now = clock.now()
        return self.filtered(lambda phone: (phone.codes_from or now) <= now)

    def action_trust(self):
        """Staff know that the number is the person's: it gets codes at once."""
        self.check_access("write")
        # sudo: clinic.phone - the right to change it was checked
        self.sudo().codes_from = False
        return True
