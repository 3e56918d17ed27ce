from odoo import api, models
from odoo.exceptions import AccessError

#: What makes a file another file, or one of another record.
IDENTITY = frozenset(
    {"name", "res_model", "res_id", "type", "url", "raw", "datas", "db_datas"}
    | {"store_fname", "mimetype", "checksum"}
)


class IrAttachment(models.Model):
    """Models with ``_is_kept_file(name)`` keep papers that nobody but them writes."""

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
            model = self.env.get(file.res_model)
            if not (file.res_id and file.name and hasattr(model, "_is_kept_file")):
                continue
            # sudo: models with papers of their own - only the names of those
            record = model.sudo().browse(file.res_id).exists()
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
