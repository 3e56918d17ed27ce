from odoo.addons.clinic_base.controllers import signed_link

from . import common


class SignedLinkPages(signed_link.SignedLinkPages):
    """Answers by a signed link are counted with the other forms of booking."""

    def _signed_limit(self):
        """Count an answer of this address.

        :raises TooManyRequests: there were too many lately
        """
        common.limit("form")
