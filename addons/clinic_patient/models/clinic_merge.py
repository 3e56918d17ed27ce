import json

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock


class ClinicMerge(models.Model):
    """One merge of two patient cards: who, when, what, and the way back.

    The card that goes is deleted; its row, and each row that was touched, stand in
    ``move_ids``. :meth:`action_undo` brings all back as it was, except what somebody
    changed in the meantime: that stays, and the report says so.
    """

    _name = "clinic.merge"
    _description = "Merge of two cards"
    _order = "id desc"
    _rec_name = "name"

    name = fields.Char(string="Merged card", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Merged into",
        readonly=True,
        index=True,
        ondelete="set null",
    )
    winner_number = fields.Integer(string="Number of the card that stayed")
    source_number = fields.Integer(string="Number of the merged card", index=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", string="Merged by", readonly=True)
    date = fields.Datetime(string="Merged on", readonly=True)
    state = fields.Selection(
        [("done", "Merged"), ("undone", "Undone")],
        required=True,
        default="done",
        readonly=True,
    )
    undone_by_id = fields.Many2one("res.users", string="Undone by", readonly=True)
    undone_at = fields.Datetime(string="Undone on", readonly=True)
    undo_report = fields.Text(string="What stayed", readonly=True)
    login_report = fields.Text(string="Log-ins", readonly=True)
    move_ids = fields.One2many(
        "clinic.merge.move", "merge_id", string="What was moved", readonly=True
    )
    move_count = fields.Integer(string="Rows", compute="_compute_move_count")
    summary = fields.Text(compute="_compute_move_count")

    @api.depends("move_ids")
    def _compute_move_count(self):
        operations = dict(
            self.env["clinic.merge.move"]
            ._fields["operation"]
            ._description_selection(self.env)
        )
        for merge in self:
            groups = self.env["clinic.merge.move"]._read_group(
                [("merge_id", "=", merge.id)],
                ["model", "table_name", "operation"],
                ["__count"],
            )
            merge.move_count = sum(group[-1] for group in groups)
            merge.summary = "\n".join(
                f"{operations[operation]}: {count} × {self._kind_name(model, table)}"
                for model, table, operation, count in groups
            )

    @api.model
    def _kind_name(self, model_name, table):
        """Return what the records of a table are, in words."""
        if model_name and model_name in self.env:
            # sudo: ir.model - the name of a kind of record is no secret
            return self.env["ir.model"].sudo()._get(model_name).name
        return table

    # ------------------------------------------------------------
    # Merging
    # ------------------------------------------------------------

    @api.model
    def _check_may_merge(self):
        user = self.env.user
        if not (self.env.su or user.has_group("clinic_patient.group_clinic_merge")):
            raise AccessError(self.env._("You may not merge patient cards."))

    @api.model
    def _merge(self, loser, winner, take=(), join=(), logins=None, reason=None):
        """Merge the card ``loser`` into ``winner`` and delete it.

        Everything of any addon that led to ``loser`` leads to ``winner`` afterwards.

        :param set take: keys of ``res.partner._merge_choices`` whose value comes from
            ``loser``; what ``winner`` leaves empty comes from there in any case
        :param set join: keys whose two texts are put one after the other
        :param str logins: when both have a log-in: "one" archives that of ``loser``,
            "both" keeps both for the card that stays; "archive" archives that of
            ``loser`` even if it is the only one; as :meth:`_default_logins` if left out
        :param str reason: how staff checked who gets to see more than before
        :return: the clinic.merge
        """
        self._check_may_merge()
        # sudo: res.partner - who may merge need not see what other addons keep
        loser, winner = loser.sudo().exists(), winner.sudo().exists()
        self._check_mergeable(loser, winner)
        logins = logins or self._default_logins(loser, winner)
        self.env.flush_all()
        loser._lock_for_merge(winner)
        # sudo: clinic.merge - written by the system only
        merge = self.sudo().create(
            {
                "name": loser.name,
                "partner_id": winner.id,
                "winner_number": winner.id,
                "source_number": loser.id,
                "company_id": (winner.company_id or loser.company_id).id,
                "user_id": self.env.uid,
                "date": clock.now(),
                "rights_reason": reason,
            }
        )
        self.env.flush_all()
        merge._settle_rights(loser, winner)
        merge._settle_logins(loser, winner, logins)
        merge._settle_pairs(loser, winner)
        loser._merge_prepare(winner, merge)
        redirect = merge.env["clinic.merge.redirect"]
        redirect._redirect(merge, "res.partner", loser.id, winner.id)
        loser_row, before = loser._merge_row(), winner._merge_row()
        redirect._remove(merge, "res_partner", SQL("t.id = %s", loser.id))
        changed = winner._merge_values(loser_row, before, set(take), set(join))
        winner._merge_write(changed)
        merge._refresh(winner)
        merge._log_winner(before, winner._merge_row())
        winner._validate_fields(set(changed) & set(winner._fields))
        winner._after_merged(merge)
        merge._tell_merged(winner)
        merge.env["clinic.duplicate"]._find_for(winner)
        return merge.with_env(self.env)

    @api.model
    def _check_mergeable(self, loser, winner):
        if not loser or not winner:
            raise UserError(self.env._("One of the two cards does not exist any more."))
        loser.ensure_one()
        winner.ensure_one()
        if loser == winner:
            raise UserError(self.env._("Choose two different cards."))
        cards = (loser | winner).with_context(active_test=False)
        if any(cards.mapped("is_company")):
            raise UserError(self.env._("Companies are not merged with patients."))
        if any(user._is_internal() for user in cards.user_ids) or any(
            user._is_public() for user in cards.user_ids
        ):
            raise UserError(
                self.env._(
                    "One of the two is the contact of an employee: employees and "
                    "patients have separate cards."
                )
            )
        if loser.company_id and winner.company_id not in (
            loser.company_id,
            loser.company_id.browse(),
        ):
            raise UserError(self.env._("The two cards belong to different companies."))
        for one, other in ((loser, winner), (winner, loser)):
            above = other.parent_id
            while above:
                if above == one:
                    raise UserError(
                        self.env._("One of the two cards is filed under the other.")
                    )
                above = above.parent_id

    def _next_step(self):
        """Number the statements of the merge, so that they are undone last first."""
        self.ensure_one()
        self.env.cr.execute(
            "SELECT COALESCE(max(step), 0) + 1 FROM clinic_merge_move"
            " WHERE merge_id = %s",
            [self.id],
        )
        return self.env.cr.fetchone()[0]

    def _settle_logins(self, loser, winner, logins):
        """Decide which log-in opens the card that stays, before both lead to it.

        A log-in of its own does not prove who somebody is: unless staff say otherwise
        a second one is archived, so that nobody gets to see a card by a merge who did
        not see it before.
        """
        Users = self.env["res.users"]
        active = [("active", "=", True)]
        theirs = Users.search([("partner_id", "=", loser.id), *active])
        ours = Users.search([("partner_id", "=", winner.id), *active])
        if not theirs:
            return
        if logins == "archive" or (logins == "one" and ours):
            condition = SQL("t.id IN %s", tuple(theirs.ids))
            redirect = self.env["clinic.merge.redirect"]
            redirect._set_column(self, "res_users", "active", False, condition)
            self.login_report = self.env._(
                "Archived, because the card that stays has its own or none was wanted: "
                "%(logins)s",
                logins=", ".join(theirs.mapped("login")),
            )
        else:
            self.login_report = self.env._(
                "Opens the card that stays from now on: %(logins)s",
                logins=", ".join(theirs.mapped("login")),
            )

    def _settle_pairs(self, loser, winner):
        """Close the pair of the two; drop the other pairs of the card that goes."""
        redirect = self.env["clinic.merge.redirect"]
        first, second = sorted((loser.id, winner.id))
        pair = self.env["clinic.duplicate"].search(
            [("first_id", "=", first), ("second_id", "=", second)]
        )
        if pair:
            condition = SQL("t.id = %s", pair.id)
            side = "first_id" if loser.id == first else "second_id"
            redirect._set_column(self, "clinic_duplicate", "state", "merged", condition)
            redirect._set_column(self, "clinic_duplicate", side, None, condition)
            self.env.invalidate_all()
            pair.write(
                {
                    "merge_id": self.id,
                    "reviewed_by_id": self.user_id.id,
                    "reviewed_at": self.date,
                }
            )
            self.env.flush_all()
        redirect._remove(
            self, "clinic_duplicate", SQL("%s IN (t.first_id, t.second_id)", loser.id)
        )

    def _log_winner(self, before, after):
        """Write down what changed on the card that stays."""
        changed = [
            {"name": name, "old": before[name], "new": value}
            for name, value in after.items()
            if before[name] != value and name not in ("write_uid", "write_date")
        ]
        self.env.cr.execute(
            SQL(
                """
            INSERT INTO clinic_merge_move (merge_id, step, operation, table_name,
                column_name, model, res_id, row_key, old_value, new_value)
            SELECT %(merge)s, %(step)s, 'change', 'res_partner', c->>'name',
                   'res.partner', %(winner)s, jsonb_build_object('id', %(winner)s),
                   c->'old', c->'new'
              FROM jsonb_array_elements(%(changed)s::jsonb) c
                """,
                merge=self.id,
                step=self._next_step(),
                winner=self.winner_number,
                changed=json.dumps(changed),
            )
        )

    def _tell_merged(self, winner):
        link = Markup('<a href="/odoo/clinic.merge/%s">%s</a>') % (
            self.id,
            self.env._("Undo"),
        )
        body = self.env._(
            "The card of %(name)s (#%(number)s) was merged into this one. %(logins)s",
            name=self.name,
            number=self.source_number,
            logins=self.login_report or "",
        )
        winner.with_user(self.user_id).sudo().message_post(
            body=Markup("<p>%s %s</p>") % (body, link)
        )

    # ------------------------------------------------------------
    # After raw SQL
    # ------------------------------------------------------------

    def _refresh(self, cards):
        """Forget what was cached, and compute again what follows from moved rows."""
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        for model_name, names, ids in self._touched():
            records = self.env[model_name].browse(ids).exists()
            records.modified(names)
        for name in cards._merge_computed_fields():
            self.env.add_to_compute(cards._fields[name], cards)
        # What people may overwrite is not computed over what they wrote.
        for field in list(self.env.transaction.tocompute):
            if field.store and not field.readonly:
                self.env.transaction.tocompute.pop(field)
        self.env.flush_all()
        cards._sync_phone()
        self.env.flush_all()

    def _touched(self):
        """Yield (model, fields, ids) of the records whose fields were moved."""
        rows = self.env.execute_query(
            SQL(
                """
            SELECT table_name, model, column_name,
                   array_agg(res_id) FILTER (WHERE res_id IS NOT NULL),
                   jsonb_agg(COALESCE(row_key, old_value)) FILTER (WHERE model IS NULL)
              FROM clinic_merge_move WHERE merge_id = %s
             GROUP BY 1, 2, 3
                """,
                self.id,
            )
        )
        links = {}
        for Model in self.env.registry.values():
            for field in Model._fields.values():
                if field.type == "many2many" and field.store and not Model._abstract:
                    links.setdefault(field.relation, []).append(
                        (Model._name, field.name, field.column1)
                    )
        for table, model_name, column, ids, keys in rows:
            if model_name in self.env and column in self.env[model_name]._fields:
                yield model_name, [column], ids or []
            for name, field_name, key in links.get(table, ()):
                own = {row[key] for row in keys or () if row.get(key)}
                yield name, [field_name], sorted(own)

    # ------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------

    def action_undo(self):
        """Bring the merged card back, with all that was moved from it.

        What was changed after the merge stays as it is and is named in
        ``undo_report``.
        """
        self.ensure_one()
        self._check_may_merge()
        self.check_access("read")
        # sudo: clinic.merge - who may merge may undo, whatever rows other addons have
        self.sudo()._undo()
        return True

    def _undo(self):
        winner = self.partner_id
        if self.state != "done":
            raise UserError(self.env._("This merge was undone already."))
        if not winner or winner.id != self.winner_number:
            self._raise_merged_on()
            raise UserError(self.env._("The card that stayed does not exist any more."))
        self._raise_merged_on()
        self.env.flush_all()
        winner._lock_for_merge(winner)
        steps = self.env.execute_query(
            SQL(
                "SELECT DISTINCT step FROM clinic_merge_move WHERE merge_id = %s"
                " ORDER BY step DESC",
                self.id,
            )
        )
        for (step,) in steps:
            self.env["clinic.merge.move"]._undo_step(self, step)
        self.env.invalidate_all()
        loser = winner.browse(self.source_number).exists()
        if not loser:
            raise UserError(
                self.env._(
                    "The card cannot be brought back: its data clash with others."
                )
            )
        self._undo_sums()
        self._refresh(winner | loser)
        self.env["clinic.duplicate"].search([("merge_id", "=", self.id)]).write(
            {"merge_id": False, "reviewed_by_id": False, "reviewed_at": False}
        )
        self.write(
            {
                "state": "undone",
                "undone_by_id": self.env.uid,
                "undone_at": clock.now(),
                "undo_report": self._kept_report(),
            }
        )
        self._suspend_since(winner | loser)
        loser._after_unmerged(self, winner)
        for card, other in ((winner, loser), (loser, winner)):
            body = self.env._(
                "The merge with the card of %(name)s (#%(number)s) was undone.",
                name=other.name,
                number=other.id,
            )
            card.message_post(
                body=Markup("<p>%s</p><p>%s</p>") % (body, self.undo_report or "")
            )
        self.env["clinic.duplicate"]._find_for(winner | loser)

    def _raise_merged_on(self):
        """Refuse while a later merge stands on this one: they are undone last first."""
        numbers = [self.winner_number, self.source_number]
        later = self.search(
            [
                ("id", ">", self.id),
                ("state", "=", "done"),
                "|",
                ("winner_number", "in", numbers),
                ("source_number", "in", numbers),
            ],
            limit=1,
        )
        if later:
            raise UserError(
                self.env._(
                    "The card was merged again later, with %(name)s. Undo that merge "
                    "first.",
                    name=later.name,
                )
            )

    def _undo_sums(self):
        """Take the merged card's share off the sums that have grown since."""
        rules = self.env["res.partner"]._merge_rules()
        for move in self.move_ids.filtered(
            lambda move: (
                move.kept
                and move.table_name == "res_partner"
                and rules.get(move.column_name) == "sum"
            )
        ):
            share = (move.new_value or 0) - (move.old_value or 0)
            self.env.cr.execute(
                SQL(
                    "UPDATE res_partner SET %(column)s = COALESCE(%(column)s, 0)"
                    " - %(share)s WHERE id = %(id)s",
                    column=SQL.identifier(move.column_name),
                    share=share,
                    id=self.winner_number,
                )
            )
            move.kept = False
        self.env.invalidate_all()

    def _kept_report(self):
        """Say in words what was changed since and therefore stays as it is."""
        self.move_ids.invalidate_recordset()
        lines = []
        groups = self.env["clinic.merge.move"]._read_group(
            [("merge_id", "=", self.id), ("kept", "=", True)],
            ["model", "table_name", "column_name"],
            ["__count"],
        )
        for model_name, table, column, count in groups:
            label = column or ""
            if model_name in self.env and column in self.env[model_name]._fields:
                field = self.env[model_name]._fields[column]
                label = field.get_description(self.env)["string"]
            lines.append(
                self.env._(
                    "Changed since, left as it is: %(count)s × %(kind)s %(field)s",
                    count=count,
                    kind=self._kind_name(model_name, table),
                    field=label,
                )
            )
        return "\n".join(lines) or False

    @api.model
    def _forget(self, partner):
        """Delete what merges keep about a person: the card is erased on request."""
        # sudo: clinic.merge - erasing goes through all that is kept of a person
        self.sudo().search(
            [
                "|",
                ("winner_number", "in", partner.ids),
                ("source_number", "in", partner.ids),
            ]
        ).unlink()
