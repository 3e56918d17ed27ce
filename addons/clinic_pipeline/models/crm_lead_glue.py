from odoo import fields, models
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
    "location_id",
    "service_id",
    "practitioner_id",
)


class CrmLead(models.Model):
    """Deals: duplicates become one."""

    _inherit = "crm.lead"

    def _glue_facts(self, vals, why):
        """A second deal would have opened here: keep its facts and its cause."""
        self.ensure_one()
        names = set(FACTS)
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
        for name in FACTS:
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
