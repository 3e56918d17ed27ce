from odoo import api, models
from odoo.exceptions import ValidationError

from ..lib import person_name


class ResPartner(models.Model):
    """Names that strangers type: one check for every page that takes one."""

    _inherit = "res.partner"

    @api.model
    def _check_stranger_name(self, label, text):
        """Raise unless a stranger may be called so in a letter of the clinic.

        :param str label: what the form calls the field
        :param str text: cleaned, see ``person_name.clean``
        :raises ValidationError: it is no part of a name, or says more than a name
        """
        self._check_name_part(label, text)
        if person_name.speaks(text):
            raise ValidationError(
                self.env._(
                    "%(field)s can have %(limit)s letters and no address of the web or "
                    "of mail. Write only the name, with a blank after each dot.",
                    field=label,
                    limit=person_name.MAX_STRANGER,
                )
            )
