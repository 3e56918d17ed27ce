from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib.channels import CHANNELS

PURPOSES = [
    ("marketing", "News and offers"),
    ("care", "Everything but what was asked for"),
]


#: What the staff may say of an address that wants no messages.
TOLD = frozenset({"address", "channel", "purpose"})


class ClinicMessageOptout(models.Model):
    """An address that does not want messages: who said STOP, how and when.

    It belongs to the address and not to a person: whoever holds a shared phone and
    says STOP is left alone, whichever of the family was written about.
    """

    _name = "clinic.message.optout"
    _inherit = "clinic.gate"
    _description = "Address that wants no messages"
    _order = "date desc, id desc"
    _rec_name = "address"
    _clinic_sealed = TOLD

    address = fields.Char(required=True)
    channel = fields.Selection(
        CHANNELS, help="Empty: on every channel of this address."
    )
    purpose = fields.Selection(
        PURPOSES,
        required=True,
        default="marketing",
        help="Codes and answers that a person asks for are sent all the same.",
    )
    date = fields.Datetime(
        default=lambda self: clock.now(), required=True, readonly=True
    )
    source = fields.Selection(
        [
            ("reply", "Answer to a message"),
            ("link", "Link in a message"),
            ("provider", "Told by the provider"),
            ("staff", "Told to the staff"),
            ("portal", "In the portal"),
        ],
        required=True,
        default="staff",
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Told by",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    ended_at = fields.Datetime(
        readonly=True, help="The person asked to get messages again."
    )

    _address_once = models.UniqueIndex(
        "(address, COALESCE(channel, ''), purpose) WHERE ended_at IS NULL",
        "This address is on the list already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """By the staff: somebody told them. What waits for the address is held back.

        :raises AccessError: proofs are written by the suite only
        """
        if self.env.su:
            return super().create(vals_list)
        self.check_access("create")
        self._check_given(vals_list)
        told = [{name: vals[name] for name in TOLD & vals.keys()} for vals in vals_list]
        messages = self.env["clinic.message"]
        for vals in told:
            by_mail = "@" in (vals.get("address") or "")
            vals["address"] = messages._read_address(
                "email" if by_mail else "sms", vals.get("address")
            )
        # sudo: clinic.message.optout - only what was let through above
        listed = super(ClinicMessageOptout, self.sudo()).create(told)
        # sudo: clinic.message - it follows from what was just told
        messages = messages.sudo()
        for each in listed:
            messages._hold_back_optout(each.address, each.channel, each.purpose)
        return listed.with_env(self.env)

    @api.model
    def _stop(
        self, address, channel=None, purpose="marketing", source="staff", partner=None
    ):
        """Put an address on the list, and hold back what waits for it.

        Senders lock a message while they send it, so when this is committed nothing
        more goes out to the address for this purpose. Repeats change nothing.

        :param str address: E.164 number or normalized e-mail
        :param str channel: one channel, or all
        :param str purpose: ``marketing``, or ``care`` for everything
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_message_optout
                       (address, channel, purpose, date, source, partner_id,
                        create_uid, create_date, write_uid, write_date)
                VALUES (%(address)s, %(channel)s, %(purpose)s, %(now)s, %(source)s,
                        %(partner)s, %(user)s, %(now)s, %(user)s, %(now)s)
                    ON CONFLICT (address, COALESCE(channel, ''), purpose)
                 WHERE ended_at IS NULL DO NOTHING
                """,
                address=address,
                channel=channel or None,
                purpose=purpose,
                now=clock.now(),
                source=source,
                partner=partner.id if partner else None,
                user=self.env.uid,
            )
        )
        self.invalidate_model()
        self.env["clinic.message"]._hold_back_optout(address, channel, purpose)

    @api.model
    def _start(self, address, channel=None):
        """Take an address off the list: the person asked for messages again."""
        # sudo: clinic.message.optout - the holder of the address decides
        listed = self.sudo().search(
            [
                ("address", "=", address),
                ("channel", "in", (False, channel) if channel else (False,)),
                ("ended_at", "=", False),
            ]
        )
        listed.write({"ended_at": clock.now()})
        return listed
