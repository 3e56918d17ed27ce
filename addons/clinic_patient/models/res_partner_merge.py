import json

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger

#: Never filled in from the card that goes.
NEVER_FILLED = {
    "id",
    "active",
    "company_id",
    "create_date",
    "create_uid",
    "employee",
    "is_company",
    "parent_id",
    "type",
    "write_date",
    "write_uid",
}


class ResPartner(models.Model):
    """The patient card: merging two cards of one person."""

    _inherit = "res.partner"

    merge_count = fields.Integer(
        compute="_compute_merge_count", groups="clinic_patient.group_clinic_merge"
    )

    def _compute_merge_count(self):
        groups = self.env["clinic.merge"]._read_group(
            [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
        )
        counts = {partner.id: count for partner, count in groups}
        for partner in self:
            partner.merge_count = counts.get(partner.id, 0)

    def action_open_merges(self):
        """Show the merges into this card."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_patient.clinic_merge_action"
        )
        return dict(action, domain=[("partner_id", "=", self.id)], context={})

    def action_compare(self):
        """Show two chosen cards side by side, to merge them or keep them apart."""
        if len(self) != 2:
            raise UserError(self.env._("Choose exactly two cards to compare."))
        self.check_access("write")
        return self.env["clinic.duplicate"]._review(self)

    def _merge_into(self, destination):
        """Merge these cards into ``destination`` and remove them.

        Every record of every addon that points to them points to ``destination``
        afterwards; what its card leaves empty is filled in from theirs. Each merge can
        be undone, see ``clinic.merge``.

        :param destination: res.partner that stays
        """
        destination.ensure_one()
        for source in self - destination:
            self.env["clinic.merge"]._merge(source, destination)

    # ------------------------------------------------------------
    # For addons to extend
    # ------------------------------------------------------------

    @api.model
    def _merge_choices(self):
        """Return what a reviewer chooses between: ``{key: (label, fields)}``.

        The fields of one key come from the same card. A text with ``html`` or ``text``
        fields can also be taken from both.
        """
        label = self._merge_label
        single = (
            "birth_date",
            "sex",
            "tax_code",
            "card_number",
            "outpatient_number",
            "inpatient_number",
            "national_number",
            "insurance_number",
            "email",
        )
        more = (
            "clinic_area",
            "occupation",
            "employer",
            "lang",
            "preferred_channel",
            "responsible_id",
            "vip_tier",
            "patient_warning_text",
            "clinic_note",
        )
        choices = {
            "name": (
                self.env._("Name"),
                ["family_name", "given_name", "middle_name", "name"],
            )
        }
        choices.update((name, (label(name), [name])) for name in single)
        choices["address"] = (
            self.env._("Address"),
            ["street", "street2", "zip", "city", "state_id", "country_id"],
        )
        choices.update((name, (label(name), [name])) for name in more)
        choices["source"] = (
            label("source_id"),
            ["source_id", "medium_id", "campaign_id", "source_detail"],
        )
        return choices

    @api.model
    def _merge_label(self, name):
        return self._fields[name].get_description(self.env)["string"]

    @api.model
    def _merge_rules(self):
        """Return how the figures of two cards become one: "sum", "min" or "max"."""
        return {
            "balance_due": "sum",
        }

    def _merge_prepare(self, destination, merge):
        """Settle what makes no sense on one card, before the relations are moved.

        What only breaks a unique index needs nothing here: such rows become one.
        Addons extend this method; they write through ``clinic.merge.redirect`` so that
        it can be undone.

        :param destination: res.partner that stays
        :param merge: clinic.merge that keeps the log
        """
        redirect = self.env["clinic.merge.redirect"]
        if destination.phone_ids:
            redirect._set_column(
                merge,
                "clinic_phone",
                "is_preferred",
                False,
                SQL("t.partner_id = %s AND t.is_preferred", self.id),
            )
        both = (self.id, destination.id)
        redirect._remove(
            merge,
            "clinic_relationship",
            SQL("t.patient_id IN %s AND t.guardian_id IN %s", both, both),
        )

    def _after_merged(self, merge):
        """Called on the card that stays. Addons extend it with what they keep apart."""

    def _after_unmerged(self, merge, winner):
        """Called on the card that came back. Addons extend it."""

    # ------------------------------------------------------------
    # The row of the card
    # ------------------------------------------------------------

    def _lock_for_merge(self, other):
        """Let nobody else merge or change these cards in the meantime."""
        self.env.cr.execute(
            "SELECT id FROM res_partner WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
            [(self | other).ids],
        )

    def _merge_row(self):
        self.ensure_one()
        self.env.cr.execute(
            "SELECT to_jsonb(t) FROM res_partner t WHERE id = %s", [self.id]
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _merge_computed_fields(self):
        """Return the stored fields that follow from others and nobody writes."""
        return [
            name
            for name, field in self._fields.items()
            if field.store and field.compute and field.readonly and field.column_type
        ]

    @api.model
    def _merge_values(self, loser, winner, take, join):
        """Return the columns of the card that stays which get another value.

        :param dict loser: row of the card that goes, as of :meth:`_merge_row`
        :param dict winner: row of the card that stays
        """
        values = {}
        rules = self._merge_rules()
        for name, field in self._fields.items():
            if not self._merge_fills(name, field) or name not in loser:
                continue
            theirs, ours = loser[name], winner[name]
            if field.company_dependent or field.type == "properties":
                found = {**(theirs or {}), **(ours or {})} or None
            elif name in rules:
                found = self._merge_figures(rules[name], theirs, ours)
            else:
                found = ours or theirs
            if found != ours:
                values[name] = found
        values.update(self._merge_chosen(loser, winner, take, join))
        if "confirmed" in (loser["identity_state"], winner["identity_state"]):
            values["identity_state"] = "confirmed"
        return {name: value for name, value in values.items() if value != winner[name]}

    @api.model
    def _merge_chosen(self, loser, winner, take, join):
        """Return the columns of the choices; those of one key stay together."""
        values = {}
        for key, (_label, names) in self._merge_choices().items():
            empty = not any(winner[name] for name in names)
            source = loser if key in take or empty else winner
            values.update((name, source[name]) for name in names)
            if key in join:
                values.update(
                    (name, self._merge_texts(name, winner[name], loser[name]))
                    for name in names
                )
            if "tax_code" in names:
                values["tax_code_base"] = source["tax_code_base"]
        return values

    @api.model
    def _merge_texts(self, name, ours, theirs):
        if not ours or not theirs or ours == theirs:
            return ours or theirs
        return ours + ("" if self._fields[name].type == "html" else "\n") + theirs

    @api.model
    def _merge_fills(self, name, field):
        return (
            field.store
            and field.column_type
            and not (field.compute and field.readonly)
            and name not in NEVER_FILLED
            and "token" not in name
            and not name.startswith("signup")
        )

    @api.model
    def _merge_figures(self, rule, theirs, ours):
        known = [value for value in (theirs, ours) if value is not None]
        if not known:
            return None
        return {"sum": sum, "min": min, "max": max}[rule](known)

    def _merge_write(self, values):
        """Write columns of the card as they stand in the row of another one."""
        if not values:
            return
        columns = SQL(", ").join(
            SQL("%s = new.%s", SQL.identifier(name), SQL.identifier(name))
            for name in values
        )
        query = SQL(
            "UPDATE res_partner t SET %(columns)s"
            "  FROM jsonb_populate_record(NULL::res_partner, %(values)s::jsonb) new"
            " WHERE t.id = %(id)s",
            columns=columns,
            values=json.dumps(values),
            id=self.id,
        )
        try:
            with mute_logger("odoo.sql_db"):
                self.env.cr.execute(query)
        except psycopg2.IntegrityError as error:
            raise UserError(self._sql_error_to_message(error)) from error
