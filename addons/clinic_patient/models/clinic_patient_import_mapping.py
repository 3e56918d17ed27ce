from odoo import api, fields, models

from ..lib import import_headers


class ClinicPatientImportMapping(models.Model):
    """What the columns of files with these headers hold, as chosen the last time."""

    _name = "clinic.patient.import.mapping"
    _description = "Remembered columns of imports"
    _rec_name = "headers"
    _order = "write_date desc, id desc"

    headers = fields.Char(
        required=True, readonly=True, help="The headers in plain letters, in any order."
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    fields_of = fields.Json(
        string="Fields", readonly=True, help="The field for each header."
    )
    date_order = fields.Char(readonly=True)

    _headers_unique = models.UniqueIndex("(company_id, md5(headers))")

    @api.model
    def _key(self, headers):
        return "|".join(sorted(map(import_headers.normalize, headers)))

    @api.model
    def _recall(self, company, headers):
        """Return the mapping of files with these headers, or an empty recordset."""
        return self.search(
            [("company_id", "=", company.id), ("headers", "=", self._key(headers))],
            limit=1,
        )

    @api.model
    def _remember(self, company, headers, found, date_order):
        """Keep what was chosen; the last choice has the word.

        :param list found: the field for each header, or False
        """
        plain = map(import_headers.normalize, headers)
        vals = {
            "fields_of": dict(zip(plain, found, strict=True)),
            "date_order": date_order,
        }
        known = self._recall(company, headers)
        if known:
            known.write(vals)
        else:
            self.create(
                {"company_id": company.id, "headers": self._key(headers), **vals}
            )
