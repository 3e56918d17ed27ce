from odoo import api, fields, models


class ClinicMessageKind(models.Model):
    """What a message is about: a row of the switchboard.

    The purpose decides what a person's will has to say about it: care goes out
    unless the person stopped it, marketing only with consent.
    """

    _name = "clinic.message.kind"
    _description = "Kind of message"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="By this word other parts of the suite send it."
    )
    description = fields.Char(translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        string="Switched on",
        default=True,
        help="Off: nobody gets messages of this kind.",
    )
    purpose = fields.Selection(
        [
            ("care", "Care and visits"),
            ("service", "Service: codes, payments, reports"),
            ("marketing", "News and offers"),
        ],
        required=True,
        default="care",
        help="News and offers go only to patients who agreed to get them.",
    )
    delivery = fields.Selection(
        [
            ("first", "One channel, the others when it fails"),
            ("all", "Every channel that is on"),
        ],
        required=True,
        default="first",
    )
    is_urgent = fields.Boolean(
        string="At any hour", help="Goes out in quiet hours too, and is never capped."
    )
    in_digest = fields.Boolean(
        string="One message for a family",
        help="Messages of one day to the same phone or address are told together.",
    )
    validity_hours = fields.Integer(
        string="Worth sending for (hours)",
        default=72,
        help="A message that could not be sent until then is not sent any more.",
    )
    switch_ids = fields.One2many("clinic.message.switch", "kind_id", string="Channels")
    template_ids = fields.One2many("clinic.message.template", "kind_id")

    _code_unique = models.UniqueIndex("(code)", "There is a kind with this code.")
    _validity = models.Constraint(
        "CHECK (validity_hours > 0)", "A message must be worth sending for some time."
    )

    @api.model
    def _by_code(self, code):
        """Return the kind with this code.

        :raises ValueError: there is none; a fault of the calling addon
        """
        # sudo: clinic.message.kind - whoever causes a message needs no rights on it
        kind = self.sudo().with_context(active_test=False).search([("code", "=", code)])
        if not kind:
            raise ValueError(f"There is no kind of message {code!r}")
        return kind

    def _placeholders(self):
        """Extension point: the names that texts of this kind may use.

        :returns: ``{name: what it stands for}``
        """
        return {
            "first_name": self.env._("Given name of who gets the message"),
            "name": self.env._("Full name of who gets the message"),
            "patient": self.env._("Full name of the patient"),
            "patient_first_name": self.env._("Given name of the patient"),
            "clinic": self.env._("Name of the clinic"),
            "clinic_phone": self.env._("Telephone number of the clinic"),
            "clinic_website": self.env._("Address of the clinic's website"),
            "portal_link": self.env._("Address of the patient's portal"),
            "stop_link": self.env._("Address where such messages are stopped"),
        }
