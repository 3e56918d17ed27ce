from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

#: What an open deal takes over from a duplicate when it has nothing there itself.
FACTS = (
    "user_id",
    "topic_id",
    "visit_type",
    "source_id",
    "medium_id",
    "campaign_id",
    "source_detail",
    "description",
    "expected_revenue",
    "lost_reason_id",
)


class CrmLead(models.Model):
    """Deals: duplicates become one."""

    _inherit = "crm.lead"

    def _fact_names(self):
        """Fields that gluing fills in; addons add theirs."""
        return FACTS

    def _glue_facts(self, vals, why):
        """A second deal would have opened here: keep its facts and its cause."""
        self.ensure_one()
        names = set(self._fact_names())
        new = {
            name: value
            for name, value in vals.items()
            if name in names and value and not self[name]
        }
        # sudo: crm.lead - glued by a rule of the clinic, not by the user
        deal = self.sudo().with_context(tracking_disable=True)
        if new:
            deal.write(new)
        deal._message_log(body=self.env._("Glued on to this deal: %(why)s.", why=why))

    def _glue(self, others):
        """Make these open deals one: this one stays, with all they had.

        The deal goes to the stage furthest along; messages, activities, attachments
        and the history of stages come along.

        :param others: crm.lead of the same pipeline
        """
        self.ensure_one()
        others -= self
        if not others:
            return
        if any(deal.pipeline != self.pipeline for deal in others):
            raise UserError(self.env._("Only deals of one pipeline can be glued."))
        # sudo: crm.lead - the parts of a duplicate move whole
        keep = self.sudo().with_context(tracking_disable=True)
        others = others.sudo().with_context(tracking_disable=True)
        furthest = (keep | others).stage_id.sorted("sequence")[-1:]
        vals = {}
        for name in self._fact_names():
            if not keep[name]:
                for deal in others:
                    if deal[name]:
                        is_link = self._fields[name].type == "many2one"
                        vals[name] = deal[name].id if is_link else deal[name]
                        break
        keep._merge_dependences(others)
        # Read before the duplicates go, with their parts, by the database.
        others.entry_ids.flush_recordset()
        self.env.cr.execute(
            "UPDATE clinic_pipeline_entry SET lead_id = %s WHERE lead_id = ANY(%s)",
            [keep.id, others.ids],
        )
        self.env.cr.execute(
            "UPDATE crm_lead SET origin_id = %s WHERE origin_id = ANY(%s)",
            [keep.id, others.ids],
        )
        self.env["crm.lead"].invalidate_model(["entry_ids", "origin_id"])
        names = ", ".join(
            f"{deal.name} (#{deal.id}, {deal.stage_id.name})" for deal in others
        )
        others.unlink()
        self.env["crm.lead"].flush_model()
        if furthest != keep.stage_id:
            vals["stage_id"] = furthest.id
        if vals:
            keep.write(vals)
        keep._record_one_stay()
        keep._message_log(
            body=self.env._("Glued on to this deal: %(names)s", names=names)
        )

    def _take_over(self, others, merge):
        """Before cards are merged: go on where the other deals were.

        The others become this one as the merge moves them; written so that undoing the
        merge brings everything back.

        :param others: open crm.lead of the same pipeline, of the card that goes
        :param merge: clinic.merge that keeps the log
        """
        self.ensure_one()
        if not others:
            return
        redirect = self.env["clinic.merge.redirect"]
        here = SQL("t.id = %s", self.id)
        furthest = (self | others).stage_id.sorted("sequence")[-1:]
        facts = {"stage_id": furthest.id} if furthest != self.stage_id else {}
        for name in self._fact_names():
            found = next((deal[name] for deal in others if deal[name]), None)
            if found and not self[name] and self._fields[name].store:
                is_link = self._fields[name].type == "many2one"
                facts[name] = found.id if is_link else found
        for name, value in facts.items():
            redirect._set_column(merge, "crm_lead", name, value, here)
        # One stay is open: the earliest of those in the stage that counts.
        stays = (self | others).entry_ids.filtered(lambda stay: not stay.left_at)
        open_stay = stays.filtered(lambda stay: stay.stage_id == furthest).sorted(
            "entered_at"
        )[:1]
        redirect._set_column(
            merge,
            "clinic_pipeline_entry",
            "left_at",
            fields.Datetime.to_string(clock.now()),
            SQL("t.id = ANY(%s)", (stays - open_stay).ids),
        )
        self.env.invalidate_all()

    def _record_one_stay(self):
        """After gluing, one stay is open: the earliest of those in this stage."""
        self.env.cr.execute(
            """
            UPDATE clinic_pipeline_entry entry
               SET left_at = entered_at, hours = 0
              FROM crm_lead deal
             WHERE entry.lead_id = deal.id AND deal.id = ANY(%s) AND left_at IS NULL
               AND entry.id <> (
                   SELECT id FROM clinic_pipeline_entry stay
                    WHERE stay.lead_id = deal.id AND stay.left_at IS NULL
                    ORDER BY stay.stage_id = deal.stage_id DESC, entered_at LIMIT 1)
            """,
            [self.ids],
        )
        self.env["clinic.pipeline.entry"].invalidate_model(["left_at", "hours"])
