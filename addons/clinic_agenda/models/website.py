import base64
import hashlib

from odoo import models
from odoo.tools import ormcache


class Website(models.Model):
    """The site shows the clinic, also before somebody has given it a logo."""

    _inherit = "website"

    def _has_odoo_logo(self):
        """Whether the logo is still the placeholder that Odoo begins with."""
        self.ensure_one()
        # sudo: ir.attachment - whether the file is that of every new website
        logo = (
            self.env["ir.attachment"]
            .sudo()
            .search_fetch(
                [
                    ("res_model", "=", "website"),
                    ("res_field", "=", "logo"),
                    ("res_id", "=", self.id),
                ],
                ["checksum"],
                limit=1,
            )
        )
        return not logo or logo.checksum == self._odoo_logo_checksum()

    @ormcache()
    def _odoo_logo_checksum(self):
        return hashlib.sha1(base64.b64decode(self._default_logo())).hexdigest()
