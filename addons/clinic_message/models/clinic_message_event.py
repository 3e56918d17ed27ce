from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..lib.states import STATES


class ClinicMessageEvent(models.Model):
    """Every status that was heard of a message, in the order it was heard.

    One that came late, after a higher one, is kept too and changes nothing. Rows are
    only added.
    """

    _name = "clinic.message.event"
    _description = "History of a message"
    _order = "id desc"
    _rec_name = "state"
    _log_access = False

    message_id = fields.Many2one(
        "clinic.message", required=True, index=True, ondelete="cascade", readonly=True
    )
    date = fields.Datetime(string="Heard", required=True, readonly=True)
    moment = fields.Datetime(
        string="Happened", readonly=True, help="As the provider tells it."
    )
    state = fields.Selection(STATES, required=True, readonly=True)
    source = fields.Char(readonly=True, help="Sender, provider, person or patient.")
    detail = fields.Char(
        readonly=True, help="Code of the provider; nothing of the text."
    )
    applied = fields.Boolean(readonly=True, help="Whether it changed the message.")

    @api.model_create_multi
    def create(self, vals_list):
        self._only_by_the_suite()
        return super().create(vals_list)

    def unlink(self):
        self._only_by_the_suite()
        return super().unlink()

    def _only_by_the_suite(self):
        if not self.env.su:
            raise AccessError(
                self.env._("The history of a message is written by the system only.")
            )

    def write(self, vals):
        """Refused: what was heard is not rewritten.

        :raises UserError: anything would change
        """
        if vals:
            raise UserError(self.env._("The history of a message is not rewritten."))
        return super().write(vals)
