from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib import clock

from ..lib import duplicate_rules

#: Cards looked at between two commits.
BATCH = {"full": 50_000, "changed": 500}
#: A transaction may write cards for as long as this before it is seen.
OVERLAP = timedelta(minutes=15)
FULL_EVERY = timedelta(days=7)
KEEP = timedelta(days=30)


class ClinicDuplicateSearch(models.Model):
    """One search for cards of the same person, over all cards or those changed since.

    Works by the number of the card in batches, each committed: a restart goes on
    where it was. Pairs are found by index and scored in SQL; nothing grows with the
    number of patients.
    """

    _name = "clinic.duplicate.search"
    _description = "Search for duplicate cards"
    _order = "id desc"

    kind = fields.Selection(
        [("full", "All cards"), ("changed", "Cards changed since the last search")],
        required=True,
        default="full",
        readonly=True,
    )
    state = fields.Selection(
        [("waiting", "Waiting"), ("running", "Running"), ("done", "Done")],
        required=True,
        default="waiting",
        readonly=True,
    )
    since = fields.Datetime(string="Changed since", readonly=True)
    date_start = fields.Datetime(string="Started", readonly=True)
    date_end = fields.Datetime(string="Ended", readonly=True)
    last_number = fields.Integer(string="Last card", readonly=True)
    checked = fields.Integer(string="Cards looked at", readonly=True)
    total = fields.Integer(string="Cards to look at", readonly=True)
    found = fields.Integer(string="New pairs", readonly=True)
    progress = fields.Float(compute="_compute_progress", help="Per cent of the cards.")

    _one_open = models.UniqueIndex(
        "((TRUE)) WHERE state <> 'done'", "A search for duplicates is running already."
    )

    @api.depends("checked", "total", "state")
    def _compute_progress(self):
        for search in self:
            share = search.checked / search.total if search.total else 0
            search.progress = 100 if search.state == "done" else min(99, 100 * share)

    @api.depends("kind", "date_start")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for search in self:
            search.display_name = kinds[search.kind]

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @api.model
    def action_start_full(self):
        """Look at all cards again, in the background."""
        self.check_access("read")
        if not self.env.user.has_group("clinic_patient.group_clinic_merge"):
            raise UserError(self.env._("You may not search for duplicates."))
        # sudo: clinic.duplicate.search - made by the system only, asked for by staff
        searches = self.sudo()
        running = searches.search([("state", "!=", "done")], limit=1)
        if running.kind == "changed":
            # A full search finds what this one would have found.
            running.write({"state": "done", "date_end": clock.now()})
            running = running.browse()
        if not running:
            searches.create({"kind": "full"})
        self.env["ir.cron"]._set_off("clinic_patient.ir_cron_search_duplicates")
        return self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_patient.clinic_duplicate_search_action"
        )

    # ------------------------------------------------------------
    # The job
    # ------------------------------------------------------------

    @api.model
    def _cron_search(self):
        """Go on with the open search, or look at what changed since the last one."""
        search = self.search([("state", "!=", "done")], limit=1) or self._next_search()
        search = search.try_lock_for_update()
        if not search:
            return
        commit = self.env["ir.cron"]._commit_progress
        while True:
            looked_at = search._step()
            left = max(0, search.total - search.checked)
            if search.state == "done":
                commit(looked_at, remaining=0)
                return
            if not commit(looked_at, remaining=max(1, left)):
                return
            if not search.try_lock_for_update():
                return

    @api.model
    def _next_search(self):
        """Make the search that is due: of all cards once a week, else of changes."""
        last = self.search([("state", "=", "done")], limit=1)
        full = self.search([("state", "=", "done"), ("kind", "=", "full")], limit=1)
        if not full or full.date_start < clock.now() - FULL_EVERY:
            return self.create({"kind": "full"})
        return self.create({"kind": "changed", "since": last.date_start - OVERLAP})

    def _step(self):
        """Look at the next batch of cards; return how many there were."""
        self.ensure_one()
        Duplicate = self.env["clinic.duplicate"]
        if self.state == "waiting":
            self._begin()
        ids = self._next_ids()
        if ids:
            asked = "p.id BETWEEN %(first_card)s AND %(last_card)s"
            parameters = {"first_card": ids[0], "last_card": ids[-1]}
            if self.kind == "changed":
                asked, parameters = "p.id = ANY(%(cards)s)", {"cards": ids}
            found = Duplicate._store_pairs(
                asked, parameters, self.id, upwards=self.kind == "full"
            )
            if self.kind == "changed":
                Duplicate._drop_unseen(self.id, ids)
            self.write(
                {
                    "last_number": ids[-1],
                    "checked": self.checked + len(ids),
                    "found": self.found + found,
                }
            )
        if len(ids) < BATCH[self.kind]:
            if self.kind == "full":
                Duplicate._drop_unseen(self.id)
            self.write({"state": "done", "date_end": clock.now()})
        self.flush_recordset()
        return len(ids)

    def _begin(self):
        self.env["res.partner"]._flush_for_duplicates()
        self.env.cr.execute(
            f"SELECT count(*) FROM res_partner p WHERE {self._scope()}",
            {"since": self.since},
        )
        self.write(
            {
                "state": "running",
                "date_start": clock.now(),
                "total": self.env.cr.fetchone()[0],
            }
        )

    def _scope(self):
        """Return the condition of the cards to look at."""
        scope = "p.is_patient IS TRUE"
        if self.kind == "changed":
            scope += """ AND (p.write_date >= %(since)s OR p.id IN (
                SELECT partner_id FROM clinic_phone WHERE write_date >= %(since)s))"""
        return scope

    def _next_ids(self):
        self.env.cr.execute(
            f"""
            SELECT p.id FROM res_partner p
             WHERE p.id > %(last)s AND {self._scope()}
             ORDER BY p.id LIMIT %(limit)s
            """,
            {
                "last": self.last_number or 0,
                "since": self.since,
                "limit": BATCH[self.kind],
            },
        )
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _common_values(self, card_ids=None):
        """Return birth dates, names and numbers so common that they tell nothing.

        :param list card_ids: only those of these cards are of interest
        """
        parameters = {
            "cards": card_ids,
            "births": duplicate_rules.COMMON_BIRTH,
            "phones": duplicate_rules.COMMON_PHONE,
        }
        self.env.cr.execute(
            """
            SELECT birth_date FROM res_partner
             WHERE birth_date IS NOT NULL AND is_patient IS TRUE
               AND (%(cards)s IS NULL OR birth_date IN (
                    SELECT birth_date FROM res_partner WHERE id = ANY(%(cards)s)))
             GROUP BY birth_date HAVING count(*) > %(births)s
            """,
            parameters,
        )
        births = [row[0] for row in self.env.cr.fetchall()]
        self.env.cr.execute(
            """
            SELECT DISTINCT duplicate_key FROM res_partner
             WHERE birth_date = ANY(%s) AND is_patient IS TRUE
             GROUP BY birth_date, duplicate_key HAVING count(*) > %s
            """,
            [births, duplicate_rules.COMMON_KEY],
        )
        keys = [row[0] for row in self.env.cr.fetchall() if row[0]]
        self.env.cr.execute(
            """
            SELECT e164 FROM clinic_phone
             WHERE %(cards)s IS NULL OR e164 IN (
                    SELECT e164 FROM clinic_phone WHERE partner_id = ANY(%(cards)s))
             GROUP BY e164 HAVING count(*) > %(phones)s
            """,
            parameters,
        )
        phones = [row[0] for row in self.env.cr.fetchall()]
        return {
            "common_births": births,
            "common_keys": keys,
            "common_phones": phones,
        }

    @api.autovacuum
    def _gc_searches(self):
        limit = clock.now() - KEEP
        self.search(
            [
                ("state", "=", "done"),
                ("kind", "=", "changed"),
                ("date_end", "<", limit),
            ]
        ).unlink()
