from odoo import api, models
from odoo.exceptions import AccessError

from odoo.addons.clinic_base.lib.ours import OURS, is_ours

#: What makes a file another file, or one of another record.
IDENTITY = frozenset(
    {"name", "res_model", "res_id", "type", "url", "raw", "datas", "db_datas"}
    | {"store_fname", "mimetype", "checksum"}
)
#: What says which paper a file is.
PLACE = ("res_model", "res_id", "name")
#: Key of the context in which the suite's own steps write papers.
PAPER = "clinic_paper"


class IrAttachment(models.Model):
    """Models with ``_is_kept_file(name)`` keep papers that nobody but them writes.

    Odoo's chatter creates, moves and deletes files in ``sudo`` for whoever may post:
    that opens nothing here, only the mark that :meth:`_paper_step` sets does.
    """

    _inherit = "ir.attachment"

    @api.model
    def _paper_step(self):
        """These files for a step of the suite that makes or removes papers."""
        return self.with_context(**{PAPER: OURS})

    @api.model_create_multi
    def create(self, vals_list):
        """Nobody puts a file where the signed paper will stand."""
        # Before: who catches the refusal, as Odoo's routes do, keeps no file either.
        defaults = self.default_get(list(PLACE))
        self._check_no_paper_at({**defaults, **vals} for vals in vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """A paper that was issued or signed stays as it is."""
        if IDENTITY & vals.keys():
            places = [{name: file[name] for name in PLACE} for file in self.sudo()]
            self._check_no_paper_at(places)
            self._check_no_paper_at({**place, **vals} for place in places)
        return super().write(vals)

    @api.model
    def _check_no_paper_at(self, places):
        """Refuse to touch the stored PDF of an issued document or a signed plan.

        :param places: mappings with the names of :data:`PLACE`
        :raises AccessError: a paper stands there, and no step of the suite writes it
        """
        if is_ours(self.env.context, PAPER):
            return
        for place in places:
            model, record_id, name = (place.get(key) for key in PLACE)
            model = self.env.get(model)
            if not (record_id and name and hasattr(model, "_is_kept_file")):
                continue
            # sudo: models with papers of their own - only the names of those
            record = model.sudo().browse(int(record_id)).exists()
            if record and record._is_kept_file(name):
                raise AccessError(
                    self.env._(
                        "“%(name)s” is kept as it was issued or signed: give your "
                        "file another name, or make a new version of the paper.",
                        name=name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept_paper(self):
        self._check_no_paper_at(
            {name: file[name] for name in PLACE} for file in self.sudo()
        )
