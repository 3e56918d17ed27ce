from odoo import api, fields, models


class ClinicPatientImportRow(models.Model):
    """A line of a file: what its card would hold, and what became of it.

    Written by the import alone. The columns by which people are compared stand beside
    ``vals``, so that duplicates are found by one statement.
    """

    _name = "clinic.patient.import.row"
    _description = "Line of an import"
    _order = "import_id, number"
    _rec_name = "number"
    _log_access = False

    import_id = fields.Many2one(
        "clinic.patient.import",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one(related="import_id.company_id")
    number = fields.Integer(string="Line", required=True, readonly=True)
    cells = fields.Json(readonly=True, help="The texts as they stand in the file.")
    text = fields.Char(string="In the file", compute="_compute_text")
    vals = fields.Json(readonly=True, help="The columns of the card.")
    state = fields.Selection(
        [
            ("new", "New"),
            ("duplicate", "Here already"),
            ("repeated", "Repeated in the file"),
            ("error", "Cannot be imported"),
            ("imported", "Imported"),
            ("second", "Second card made"),
            ("filled", "Filled in"),
            ("left", "Left alone"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True)
    warning = fields.Char(string="To look at", readonly=True)
    score = fields.Integer(readonly=True, aggregator=None)
    match_id = fields.Many2one(
        "res.partner",
        string="Is probably",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    first_number = fields.Integer(string="Same as line", readonly=True, aggregator=None)
    partner_id = fields.Many2one(
        "res.partner",
        string="Card",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    birth_date = fields.Date(readonly=True)
    sex = fields.Char(readonly=True)
    tax_code_base = fields.Char(readonly=True)
    card_number = fields.Char(readonly=True)
    outpatient_number = fields.Char(readonly=True)
    inpatient_number = fields.Char(readonly=True)
    duplicate_key = fields.Char(readonly=True)

    _number_unique = models.UniqueIndex("(import_id, number)")
    _by_state = models.Index("(import_id, state, number)")

    def action_correct(self):
        """Show the cells of a line that cannot be imported, to be put right."""
        self.ensure_one()
        return self.env["clinic.patient.import.correction"]._open(self)

    @api.depends("cells")
    def _compute_text(self):
        for row in self:
            row.text = " · ".join(cell for cell in row.cells or [] if cell)[:200]
