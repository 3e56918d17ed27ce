from odoo import api, models
from odoo.exceptions import AccessError

#: Models whose own paper is stored beside them, by ``_is_kept_file``.
PAPERS = ("clinic.care.plan", "clinic.document")
#: What makes a file another file, or one of another record.
IDENTITY = frozenset(
    {"name", "res_model", "res_id", "type", "url", "raw", "datas", "db_datas"}
    | {"store_fname", "mimetype", "checksum"}
)


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        """Nobody puts a file where the signed paper will stand."""
        files = super().create(vals_list)
        files._check_no_paper()
        return files

    def write(self, vals):
        """A paper that was issued or signed stays as it is."""
        if not IDENTITY & vals.keys():
            return super().write(vals)
        self._check_no_paper()
        result = super().write(vals)
        self._check_no_paper()
        return result

    def _check_no_paper(self):
        """Refuse to touch the stored PDF of an issued document or a signed plan.

        :raises AccessError: a file is one, and no step of the suite writes it
        """
        if self.env.su:
            return
        for file in self:
            if file.res_model not in PAPERS or not file.res_id or not file.name:
                continue
            # sudo: clinic.care.plan, clinic.document - only names of their papers
            record = self.env[file.res_model].sudo().browse(file.res_id).exists()
            if record and record._is_kept_file(file.name):
                raise AccessError(
                    self.env._(
                        "“%(name)s” is kept as it was issued or signed: give your "
                        "file another name, or make a new version of the paper.",
                        name=file.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept_paper(self):
        self._check_no_paper()
