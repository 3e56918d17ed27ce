import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import OURS, is_ours

#: After so many days the rows and the file of a finished import are forgotten.
KEEP_DAYS = 30
#: What the list of troubles calls this job; failures after which it is stopped.
JOB, TRIES = "Imports of patients", 4
#: States in which a scheduled action works on the import.
WORKING = ("checking", "running")


class ClinicPatientImport(models.Model):
    """Patients out of a file: read, checked as if, then imported in the background.

    Checking does everything that importing does but make the cards: each line of the
    file becomes a row of ``clinic.patient.import.row`` with what its card would hold,
    or with the reason why not. Importing turns rows into cards, a batch in a
    transaction, and the row says so in that very transaction: a stop at any moment
    loses nothing and doubles nothing.
    """

    _name = "clinic.patient.import"
    _description = "Import of patients"
    _inherit = ["clinic.gate"]
    _order = "id desc"

    name = fields.Char(string="File name")
    data = fields.Binary(string="File", attachment=True, copy=False)
    state = fields.Selection(
        [
            ("draft", "File"),
            ("columns", "Columns"),
            ("checking", "Checking"),
            ("checked", "Checked"),
            ("running", "Importing"),
            ("done", "Done"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    is_paused = fields.Boolean(readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        help="Its country is that of telephone numbers without a country code.",
    )
    for_company = fields.Boolean(
        string="Only for this company",
        help="The cards belong to this company; otherwise all companies share them.",
    )
    headings_line = fields.Integer(
        string="Line with the headings",
        default=-1,
        help="The line that names the columns; what stands above it is left out. "
        "0: none does, the first line is a patient. -1: find it.",
    )
    encoding = fields.Selection(
        [
            ("utf-8", "UTF-8"),
            ("utf-16", "UTF-16"),
            ("cp1252", "Western European (Windows-1252)"),
            ("cp1250", "Central European (Windows-1250)"),
            ("cp1254", "Turkish (Windows-1254)"),
            ("mac_roman", "Western European (Macintosh)"),
            ("cp850", "Western European (DOS)"),
            ("cp1251", "Cyrillic (Windows-1251)"),
            ("cp866", "Cyrillic (DOS)"),
            ("koi8_r", "Cyrillic (KOI8-R)"),
            ("gb18030", "Chinese (GB 18030)"),
        ],
        help="Empty: found out from the file. Choose another if letters look wrong.",
    )
    delimiter = fields.Selection(
        [(",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Vertical bar")],
        string="Separated by",
        help="Empty: found out from the file.",
    )
    is_spreadsheet = fields.Boolean(readonly=True)
    sheet_ids = fields.One2many(
        "clinic.patient.import.sheet",
        "import_id",
        string="Sheets of the file",
        readonly=True,
    )
    sheet_id = fields.Many2one(
        "clinic.patient.import.sheet",
        domain="[('import_id', '=', id)]",
        copy=False,
        ondelete="set null",
    )
    date_order = fields.Selection(
        [
            ("dmy", "Day, month, year"),
            ("mdy", "Month, day, year"),
            ("ymd", "Year, month, day"),
        ],
        string="Dates are written",
        help="Empty: the file does not tell, and must be asked for.",
    )
    spreadsheet_dates = fields.Selection(
        [
            ("kept", "As the spreadsheet shows them"),
            ("swapped", "With day and month exchanged"),
        ],
        string="Dates of the spreadsheet",
        default="kept",
    )
    bad_cells = fields.Selection(
        [
            ("leave", "Leave the line out; it can be corrected on the screen"),
            ("without", "Import the patient without that cell"),
        ],
        string="A cell that cannot be read",
        required=True,
        default="leave",
    )
    read_as = fields.Char(
        readonly=True,
        copy=False,
        help="How the file was read when its columns were proposed.",
    )
    corrections = fields.Json(
        readonly=True,
        copy=False,
        help="The cells of lines that were put right on the screen, by their number.",
    )
    duplicates = fields.Selection(
        [
            ("leave", "Leave the card as it is"),
            ("fill", "Fill in what the card does not know"),
            ("review", "Make a second card and put both on the list of duplicates"),
        ],
        string="Who is here already",
        required=True,
        default="leave",
    )
    column_ids = fields.One2many("clinic.patient.import.column", "import_id")
    row_ids = fields.One2many("clinic.patient.import.row", "import_id")
    notice = fields.Text(
        readonly=True, copy=False, help="What is to be looked at before going on."
    )
    total = fields.Integer(string="Lines", readonly=True, copy=False)
    started_at = fields.Datetime(string="Started", readonly=True, copy=False)
    ended_at = fields.Datetime(string="Ended", readonly=True, copy=False)
    last_card = fields.Integer(readonly=True, copy=False)

    progress = fields.Float(compute="_compute_counts", help="Per cent of the lines.")
    read_count = fields.Integer(string="Lines read", compute="_compute_counts")
    new_count = fields.Integer(string="New patients", compute="_compute_counts")
    duplicate_count = fields.Integer(string="Here already", compute="_compute_counts")
    repeated_count = fields.Integer(
        string="Repeated in the file", compute="_compute_counts"
    )
    warning_count = fields.Integer(string="To look at", compute="_compute_counts")
    error_count = fields.Integer(string="Cannot be imported", compute="_compute_counts")
    imported_count = fields.Integer(string="Imported", compute="_compute_counts")
    filled_count = fields.Integer(string="Filled in", compute="_compute_counts")
    left_count = fields.Integer(string="Left alone", compute="_compute_counts")
    card_count = fields.Integer(string="Cards", compute="_compute_counts")

    # Counted from the rows and not kept: who presses Pause must not wait for the job.
    def _compute_counts(self):
        rows = self.env["clinic.patient.import.row"]
        counts = {
            (job.id, state): (count, warned)
            for job, state, count, warned in rows._read_group(
                [("import_id", "in", self.ids)],
                ["import_id", "state"],
                ["__count", "warning:count"],
            )
        }
        for job in self:

            def count(*states, part=0, job=job):
                return sum(
                    counts.get((job.id, state), (0, 0))[part] for state in states
                )

            ready = ("new", "duplicate", "repeated")
            done = ("imported", "filled", "left", "second")
            job.new_count = count("new", "imported")
            job.duplicate_count = count("duplicate")
            job.repeated_count = count("repeated")
            job.error_count = count("error")
            job.warning_count = count("new", part=1)
            job.imported_count = count("imported", "second")
            job.filled_count = count("filled")
            job.left_count = count("left")
            job.card_count = count("imported", "second", "filled")
            job.read_count = count(*ready, *done, "error")
            total = max(job.total, 1)
            if job.state == "running":
                part = count(*done) / max(1, count(*ready, *done))
            else:
                part = job.read_count / total
            job.progress = 100 if job.state == "done" else min(99, 100 * part)

    # ------------------------------------------------------------
    # Creating and writing
    # ------------------------------------------------------------

    def write(self, vals):
        """Keep what an import was checked with until it is checked again.

        :raises UserError: the file or the settings of an import that runs change
        """
        settings = {
            "data",
            "headings_line",
            "encoding",
            "delimiter",
            "sheet_id",
            "date_order",
            "spreadsheet_dates",
            "bad_cells",
            "column_ids",
            "for_company",
        } & vals.keys()
        if settings and not is_ours(self.env.context, "clinic_import_forget"):
            if self.filtered(lambda job: job.state in ("checking", "running", "done")):
                raise UserError(
                    self.env._("The import is under way: its settings stand.")
                )
            if self.filtered(lambda job: job.state == "checked"):
                raise UserError(
                    self.env._("Press “Change the columns” before you change this.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if self.filtered(lambda job: job.state in WORKING and not job.is_paused):
            raise UserError(self.env._("Pause the import before you delete it."))

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_read(self):
        """Read the file and propose what each column holds.

        :raises UserError: the file cannot be read, in words that say what to do
        """
        self.ensure_one()
        if not self.data:
            raise UserError(self.env._("Choose a file first."))
        self._read_columns()
        return True

    def action_check(self):
        """Begin the dry run."""
        self.ensure_one()
        self._check_columns()
        self._remember_columns()
        self._forget_rows()
        self._enter("checking", started_at=clock.now(), notice=False)
        return True

    def action_without_bad_cells(self):
        """Check again, and import people without the cells that cannot be read."""
        self.ensure_one()
        self.action_change_columns()
        self.bad_cells = "without"
        return self.action_check()

    def action_change_columns(self):
        """Go back to the columns; what was checked is forgotten."""
        self.ensure_one()
        if self.state not in ("checking", "checked") or (
            self.state == "checking" and not self.is_paused
        ):
            raise UserError(self.env._("The cards are being made already."))
        self._forget_rows()
        self._enter("columns")
        return True

    def action_import(self):
        """Begin to make the cards."""
        self.ensure_one()
        self.env["res.partner"].check_access("create")
        if self.state != "checked":
            raise UserError(self.env._("Check the file first."))
        self._enter("running", started_at=clock.now())
        return True

    def action_pause(self):
        """Stop after the batch that is under way."""
        self._ours().is_paused = True
        return True

    def action_resume(self):
        """Go on where it stopped."""
        self._ours().write({"is_paused": False, "notice": False})
        self._set_off_job()
        return True

    def action_open_rows(self):
        """Show the lines, those asked for by the button first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_patient.clinic_patient_import_row_action"
        )
        state = self.env.context.get("row_state")
        context = {"search_default_" + state: 1} if state else {}
        return dict(
            action,
            domain=[("import_id", "=", self.id)],
            context=context,
            name=self.name,
        )

    def action_open_cards(self):
        """Show the cards that were made or filled in."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_patient.clinic_patient_action"
            ),
            domain=[("import_row_ids.import_id", "=", self.id)],
        )

    def action_download_errors(self):
        """The lines that were not imported, as they stood, each with the reason."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/clinic/patient-import/{self.id}/errors.xlsx",
            "target": "download",
        }

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    def _enter(self, state, **vals):
        self._ours().write({"state": state, "is_paused": False, **vals})
        if state in WORKING:
            self._set_off_job()

    def _set_off_job(self):
        self.env["ir.cron"]._set_off("clinic_patient.ir_cron_import_patients")

    def _forget_rows(self):
        self.env.cr.execute(
            "DELETE FROM clinic_patient_import_row WHERE import_id = ANY(%s)",
            [self.ids],
        )
        self.env["clinic.patient.import.row"].invalidate_model()
        self.invalidate_recordset()

    def _forget_file(self):
        """Forget the file and what was corrected of it; the cards stay."""
        jobs = self._ours().with_context(clinic_import_forget=OURS)
        jobs.write({"data": False, "corrections": False})

    def _bytes(self):
        return base64.b64decode(self.data or b"")

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_import(self):
        """Go on with the imports that are under way, the oldest first.

        One that fails is tried again later, and keeps no other waiting.
        """
        troubles = self.env["clinic.trouble"]
        waiting = troubles._waiting(self._name, JOB)
        for job in self.search(
            [("state", "in", WORKING), ("is_paused", "=", False)], order="id"
        ).filtered(lambda job: job.id not in waiting):
            try:
                if not job._work():
                    break
            except Exception as error:  # pylint: disable=broad-except
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                job.exists()._say_failed(error)
                self.env["ir.cron"]._commit_progress(1)
            else:
                troubles._forget(job, JOB)
                if job.state != "columns":
                    job._ours().notice = False

    def _say_failed(self, error):
        """Keep that an import failed, and say so where who imports looks.

        What was done by then is committed; after some failures it waits for somebody
        to press “Resume”.
        """
        for job in self:
            trouble = self.env["clinic.trouble"]._note(job, JOB, error)
            job._ours().write(
                {
                    "is_paused": trouble.failures >= TRIES,
                    "notice": self.env._(
                        "The import stopped because of an error of the program; what "
                        "was done by then is kept. It is tried again by itself. If it "
                        "stays like this, give the administrator its number: "
                        "%(number)s.",
                        number=job.id,
                    ),
                }
            )
            job.create_uid._bus_send("clinic.patient.import", {"id": job.id})

    @api.autovacuum
    def _gc_imports(self):
        """Forget the file and the lines of old imports: the cards have the data."""
        limit = fields.Datetime.subtract(clock.now(), days=KEEP_DAYS)
        old = self.search(
            [
                # Whoever looks at a finished import again keeps nothing alive.
                "|",
                ("ended_at", "<", limit),
                "&",
                ("ended_at", "=", False),
                ("write_date", "<", limit),
                "|",
                ("data", "!=", False),
                ("row_ids", "!=", False),
            ],
            limit=20,
        ).filtered(lambda job: job.state not in WORKING)
        for job in old:
            job._forget_rows()
            job._forget_file()
