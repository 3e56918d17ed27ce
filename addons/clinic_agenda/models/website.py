import base64
import hashlib

from lxml import etree

from odoo import api, models
from odoo.tools import ormcache

#: Pages on which Odoo prints an address that does not exist, and words of it.
CONTACT_PAGES = ("website.contactus", "website.contactus_thanks")
SAMPLE = "Fake Buena Vista"
DETAILS = "clinic_agenda.website_contact_details"


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

    @api.model
    def _show_clinic_on_contact_pages(self):
        """Put the clinic's address where Odoo's sample stands, once.

        In the pages themselves and not by a view on top of them: whoever edits a page
        may take the column away, and a view that misses it would break the page.
        """
        for view in self._contact_page_views():
            tree = etree.fromstring(view.arch_db)
            columns = tree.xpath(f"//div[h5][ul//span[contains(., '{SAMPLE}')]]")
            for column in columns:
                for part in list(column):
                    column.remove(part)
                etree.SubElement(column, "t", {"t-call": DETAILS})
            if columns:
                view.arch_db = etree.tostring(tree, encoding="unicode")

    @api.model
    def _leave_contact_pages(self):
        """Before the agenda goes: the pages must not ask for a template of it."""
        for view in self._contact_page_views():
            tree = etree.fromstring(view.arch_db)
            calls = tree.xpath(f"//t[@t-call='{DETAILS}']")
            for call in calls:
                call.attrib.clear()
                etree.SubElement(call, "h5", {"t-out": "res_company.name"})
            if calls:
                view.arch_db = etree.tostring(tree, encoding="unicode")

    @api.model
    def _contact_page_views(self):
        # sudo: ir.ui.view - pages of every website, also of those that are switched off
        views = self.env["ir.ui.view"].sudo()
        return views.with_context(active_test=False, lang=None).search(
            [("key", "in", CONTACT_PAGES)]
        )
