from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.clinic_base.lib import clock

from ..lib import duplicate_rules


class ClinicDuplicate(models.Model):
    """Two cards that are probably of one person, and what was decided about them."""

    _name = "clinic.duplicate"
    _description = "Possible duplicate"
    _inherit = ["clinic.gate"]
    _order = "score desc, id"

    first_id = fields.Many2one(
        "res.partner", string="First card", index=True, ondelete="set null"
    )
    second_id = fields.Many2one(
        "res.partner", string="Second card", index=True, ondelete="set null"
    )
    company_id = fields.Many2one("res.company", readonly=True)
    score = fields.Integer(
        readonly=True,
        aggregator=None,
        help="From 60, worth a look, to 100: the same tax code.",
    )
    reasons = fields.Char(readonly=True)
    reason_text = fields.Char(string="Why", compute="_compute_reason_text")
    state = fields.Selection(
        [
            ("to_review", "To review"),
            ("not_same", "Not the same"),
            ("merged", "Merged"),
        ],
        required=True,
        default="to_review",
        index=True,
        readonly=True,
    )
    search_number = fields.Integer(readonly=True)
    reviewed_by_id = fields.Many2one("res.users", readonly=True)
    reviewed_at = fields.Datetime(readonly=True)
    merge_id = fields.Many2one("clinic.merge", readonly=True, ondelete="set null")
    choices = fields.Json(help="What the reviewer chose so far.")
    comparison = fields.Json(compute="_compute_comparison")

    _pair = models.UniqueIndex("(first_id, second_id)", "This pair is known already.")
    _ordered = models.Constraint(
        "CHECK (first_id < second_id)", "The older card comes first."
    )

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        words = self._reason_words()
        for pair in self:
            found = (pair.reasons or "").split(",")
            pair.reason_text = ", ".join(words[name] for name in found if name in words)

    @api.model
    def _reason_words(self):
        return {
            "tax_code": self.env._("same tax code"),
            "card_number": self.env._("same card number"),
            "outpatient_number": self.env._("same outpatient number"),
            "inpatient_number": self.env._("same inpatient number"),
            "name": self.env._("same name"),
            "similar_name": self.env._("similar name"),
            "birth_date": self.env._("same birth date"),
            "swapped_birth_date": self.env._("day and month of birth swapped"),
            "phone": self.env._("same phone"),
            "other_tax_code": self.env._("but another tax code"),
        }

    @api.depends("first_id", "second_id", "choices")
    def _compute_comparison(self):
        for pair in self:
            cards = pair.first_id, pair.second_id
            pair.comparison = all(cards) and pair._compare(*cards)

    @api.depends("first_id.name", "second_id.name")
    def _compute_display_name(self):
        for pair in self:
            names = (pair.first_id.name, pair.second_id.name)
            pair.display_name = " · ".join(filter(None, names))

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def _check_may_review(self):
        if not (
            self.env.su or self.env.user.has_group("clinic_patient.group_clinic_merge")
        ):
            raise AccessError(
                self.env._(
                    "You may not merge patient cards. Ask a manager, or for the right "
                    "“Clinic: may merge cards”."
                )
            )
        self.check_access("write")

    def action_not_same(self):
        """Keep two cards apart for good."""
        self._check_may_review()
        self.filtered(lambda pair: pair.state == "to_review")._ours().write(
            {
                "state": "not_same",
                "reviewed_by_id": self.env.uid,
                "reviewed_at": clock.now(),
            }
        )
        return True

    @api.model
    def _keep_apart(self, first, second):
        """Note that two cards are of two people; the caller's step has said so."""
        low, high = sorted((first.id, second.id))
        # sudo: clinic.duplicate - written by steps only, no value of a caller
        pairs = self.sudo()
        pair = pairs.search([("first_id", "=", low), ("second_id", "=", high)])
        vals = {
            "state": "not_same",
            "reviewed_by_id": self.env.uid,
            "reviewed_at": clock.now(),
        }
        if pair:
            pair.write(vals)
        else:
            pairs.create(dict(vals, first_id=low, second_id=high))

    def action_review_again(self):
        """Put pairs that were kept apart back on the list."""
        self._check_may_review()
        self.filtered(lambda pair: pair.state == "not_same")._ours().write(
            {"state": "to_review", "reviewed_by_id": False, "reviewed_at": False}
        )
        return True

    def action_merge(self):
        """Merge the two cards as chosen.

        :return: True; the record of the merge is in ``merge_id``
        """
        self.ensure_one()
        self._check_may_review()
        if self.state == "merged" or not (self.first_id and self.second_id):
            raise UserError(self.env._("These cards are merged already."))
        chosen = self._chosen()
        cards = {"first": self.first_id, "second": self.second_id}
        winner = cards.pop(chosen["survivor"])
        [loser] = cards.values()
        (winner | loser).check_access("write")
        self._check_rights_reviewed(loser, winner, chosen)
        self.env["clinic.merge"]._merge(
            loser,
            winner,
            take={
                key
                for key, side in chosen["fields"].items()
                if side not in (chosen["survivor"], "both")
            },
            join={key for key, side in chosen["fields"].items() if side == "both"},
            logins=chosen["logins"],
            reason=chosen["reason"],
        )
        return True

    def _check_rights_reviewed(self, loser, winner, chosen):
        """Have staff say how they know who gets to see both cards.

        :raises UserError: somebody would see more than before, and no reason is given
        """
        carried = self.env["clinic.merge"]._rights_carried(
            loser, winner, chosen["logins"]
        )
        seeing = [right for right in carried if right["kind"] != "suspended"]
        if seeing and not chosen["reason"]:
            raise UserError(
                self.env._(
                    "After the merge these persons see both cards: %(persons)s. Write "
                    "under “Who will see this card” how you checked that they may.",
                    persons=", ".join(right["who"] for right in seeing),
                )
            )

    def action_open_merge(self):
        """Show what the merge did."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.merge",
            "res_id": self.merge_id.id,
            "views": [(False, "form")],
        }

    @api.model
    def _review(self, cards):
        """Return the action that shows two cards side by side."""
        first, second = cards.sorted("id")
        self._check_may_review()
        # sudo: clinic.duplicate - staff may compare any two cards they may change
        pairs = self.sudo()
        pair = pairs.search(
            [("first_id", "=", first.id), ("second_id", "=", second.id)]
        ) or pairs.create(
            {
                "first_id": first.id,
                "second_id": second.id,
                "company_id": (first.company_id or second.company_id).id,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Possible duplicates"),
            "res_model": "clinic.duplicate",
            "res_id": pair.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------
    # Finding
    # ------------------------------------------------------------

    @api.model
    def _store_pairs(self, asked, parameters, search_number, upwards=False):
        """Find the pairs of some cards and keep them; return how many are new.

        A pair that was decided stays decided.

        :param str asked: condition on ``res_partner p``, see
            :func:`..lib.duplicate_rules.find_among`
        """
        self.flush_model()
        query = duplicate_rules.find_among(asked, upwards)
        rows = self.env["res.partner"]._duplicate_rows(
            f"""
            WITH found AS ({query})
            INSERT INTO clinic_duplicate (first_id, second_id, company_id, score,
                        reasons, state, search_number, create_uid, write_uid,
                        create_date, write_date)
            SELECT first, second, company, score, array_to_string(reasons, ','),
                   'to_review', %(search)s, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC',
                   now() AT TIME ZONE 'UTC'
              FROM found
                ON CONFLICT (first_id, second_id) DO UPDATE
               SET score = excluded.score, reasons = excluded.reasons,
                   company_id = excluded.company_id,
                   search_number = excluded.search_number
             WHERE clinic_duplicate.state = 'to_review'
         RETURNING (xmax = 0)::int
            """,
            {
                **parameters,
                **self.env["clinic.duplicate.search"]._common_values(
                    parameters.get("cards")
                ),
                "search": search_number,
                "uid": self.env.uid,
            },
        )
        self.invalidate_model()
        return sum(row[0] for row in rows)

    @api.model
    def _find_for(self, cards):
        """Find the pairs of these cards now: they changed by a merge or an import."""
        if cards:
            parameters = {"cards": cards.ids}
            self._store_pairs("p.id = ANY(%(cards)s)", parameters, 0)

    @api.model
    def _drop_unseen(self, search_number, card_ids=None):
        """Drop the open pairs that this search did not find any more."""
        self.env.cr.execute(
            """
            DELETE FROM clinic_duplicate
             WHERE state = 'to_review' AND search_number <> %(search)s
               AND score IS NOT NULL
               AND (%(cards)s IS NULL OR first_id = ANY(%(cards)s)
                    OR second_id = ANY(%(cards)s))
            """,
            {"search": search_number, "cards": card_ids},
        )
        self.invalidate_model()
