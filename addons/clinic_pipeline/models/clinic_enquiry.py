from odoo import models


class ClinicEnquiry(models.Model):
    """What is asked may be worth a deal."""

    _inherit = "clinic.enquiry"

    def action_open_deal(self):
        """Open the deal of who asks, or a new one that takes over what is known."""
        self.ensure_one()
        deals = self.env["crm.lead"]
        deal = deals.search(
            [
                ("patient_id", "=", self.patient_id.id),
                ("pipeline", "=", "appointments"),
                ("is_open", "=", True),
            ]
        )
        if deal:
            return deal._get_records_action()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_pipeline.clinic_deal_action_new"
        )
        names = ("patient_id", "topic_id", "source_id", "medium_id", "campaign_id")
        context = {f"default_{name}": self[name].id for name in names if self[name]}
        context["default_source_detail"] = self.source_detail
        return dict(action, context=context)
