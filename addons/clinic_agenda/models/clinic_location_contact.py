from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize, ormcache

#: Where a change of a visit comes from when a patient made it, without the desk.
BY_PATIENTS = ("website", "portal", "message")


class ClinicLocationContact(models.Model):
    """An address of a location that is told what happens in its agenda.

    FHIR R4 ``Location.telecom``. What it is told holds no more of the patient than
    the location allows (``clinic.location.desk_patient``, ``desk_service``).
    """

    _name = "clinic.location.contact"
    _description = "Address that is told about visits"
    _order = "location_id, sequence, id"

    location_id = fields.Many2one(
        "clinic.location", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="location_id.company_id")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(required=True, default=lambda self: self.env._("Front desk"))
    channel = fields.Selection(
        [("email", "E-mail"), ("whatsapp", "WhatsApp"), ("sms", "SMS")],
        required=True,
        default="email",
    )
    address = fields.Char(
        required=True, help="An e-mail address, or a number with its country code."
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        required=True,
        default=lambda self: self.env.lang or "en_US",
    )
    on_booked = fields.Boolean(string="New", default=True)
    on_moved = fields.Boolean(string="Moved", default=True)
    on_cancelled = fields.Boolean(string="Cancelled", default=True)
    only_patients = fields.Boolean(
        string="Only by patients",
        help="Told only of what patients do themselves on the website, in the portal "
        "or by message; not of what the desk does.",
    )
    digest = fields.Boolean(
        string="Daily list", help="A list of the new bookings, once a day by e-mail."
    )

    _address_once = models.UniqueIndex(
        "(location_id, channel, address) WHERE active",
        "This address is on the list of the location already.",
    )
    _digest_by_mail = models.Constraint(
        "CHECK (NOT digest OR channel = 'email')",
        "The daily list goes by e-mail only: take an e-mail address for it.",
    )

    @api.constrains("channel", "address")
    def _check_address(self):
        for contact in self:
            if contact.channel != "email":
                # Says itself what is wrong with a number.
                self.env["clinic.phone"]._normalize(contact.address)
            elif email_normalize(contact.address) != contact.address:
                raise ValidationError(
                    self.env._(
                        "“%s” is not a complete e-mail address.", contact.address
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Addresses are kept in the form in which they are compared and used."""
        result = super().create([self._normal(vals) for vals in vals_list])
        self.env.registry.clear_cache()
        return result

    def write(self, vals):
        for channel, contacts in self.grouped("channel").items():
            super(ClinicLocationContact, contacts).write(
                self._normal({"channel": channel, **vals})
                if vals.keys() & {"address", "channel"}
                else vals
            )
        self.env.registry.clear_cache()
        return True

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    def _normal(self, vals):
        address = (vals.get("address") or "").strip()
        if not address:
            return vals
        if (vals.get("channel") or "email") == "email":
            return dict(vals, address=email_normalize(address) or address)
        return dict(vals, address=self.env["clinic.phone"]._normalize(address))

    @api.model
    @ormcache()
    def _told_locations(self):
        """The ids of locations that have addresses: a booking elsewhere asks nothing
        of the database."""
        # sudo: clinic.location.contact - only ids leave this method
        contacts = self.sudo().search([("active", "=", True)])
        return frozenset(contacts.location_id.ids)

    def _wants(self, event, origin):
        """Whether this address is told of an event.

        :param str event: ``booked``, ``moved`` or ``cancelled``
        :param str origin: channel by which it was done
        """
        self.ensure_one()
        return self[f"on_{event}"] and (not self.only_patients or origin in BY_PATIENTS)


class ClinicLocation(models.Model):
    """What a location's own people are told, and how much of the patient."""

    _inherit = "clinic.location"

    contact_ids = fields.One2many(
        "clinic.location.contact", "location_id", string="Who is told"
    )
    desk_patient = fields.Selection(
        [
            ("none", "Nothing: only the time"),
            ("initials", "Initials"),
            ("name", "Full name"),
        ],
        string="What is said of the patient",
        required=True,
        default="initials",
        help="In the messages to the location; whoever may see more opens the visit.",
    )
    desk_service = fields.Boolean(
        string="Name the service", help="The name of a service may tell of an illness."
    )
    digest_hour = fields.Float(
        string="Daily list at", default=7.0, help="On the clock of the location."
    )
    digest_when_empty = fields.Boolean(string="Also when nothing is new")
    _digest_hour = models.Constraint(
        "CHECK (digest_hour >= 0 AND digest_hour < 24)",
        "The hour of the daily list lies between 00:00 and 23:59.",
    )

    def _desk_words(self, patient):
        """What is said of a patient in messages to this location."""
        self.ensure_one()
        if self.desk_patient == "none":
            return ""
        if self.desk_patient == "name":
            return patient.name or ""
        words = [patient.given_name, patient.family_name]
        words = list(filter(None, words)) or (patient.name or "").split()
        return " ".join(f"{word[0].upper()}." for word in words)
