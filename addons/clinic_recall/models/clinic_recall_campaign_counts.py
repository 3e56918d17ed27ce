from odoo import fields, models


class ClinicRecallCampaign(models.Model):
    """What came of a mass recall, in figures."""

    _inherit = "clinic.recall.campaign"

    total = fields.Integer(string="Written to", compute="_compute_results")
    waiting_count = fields.Integer(string="Waiting", compute="_compute_results")
    sent_count = fields.Integer(string="Sent", compute="_compute_results")
    reached_count = fields.Integer(string="Reached", compute="_compute_results")
    booked_count = fields.Integer(string="Booked", compute="_compute_results")
    came_count = fields.Integer(string="Came", compute="_compute_results")
    response_rate = fields.Float(string="Booked (%)", compute="_compute_results")
    progress = fields.Float(compute="_compute_results")
    revenue = fields.Monetary(
        compute="_compute_revenue", groups="clinic_patient.group_clinic_money"
    )
    cost = fields.Float(
        compute="_compute_revenue", groups="clinic_patient.group_clinic_money"
    )

    def _compute_results(self):
        # sudo: plain counts, for everybody who reads the campaign
        results = self.env["clinic.recall.campaign.result"].sudo()
        self.env.flush_all()
        counts = {
            campaign.id: numbers
            for campaign, *numbers in results._read_group(
                [("campaign_id", "in", self.ids)],
                ["campaign_id"],
                [
                    "__count",
                    "sent_count:sum",
                    "reached_count:sum",
                    "booked_count:sum",
                    "came_count:sum",
                ],
            )
        }
        for campaign in self:
            total, sent, reached, booked, came = counts.get(campaign.id, [0] * 5)
            bulk = campaign.sudo().bulk_id
            campaign.total = total
            campaign.waiting_count = bulk.waiting_count
            campaign.progress = bulk.progress
            campaign.sent_count, campaign.reached_count = sent, reached
            campaign.booked_count, campaign.came_count = booked, came
            campaign.response_rate = 100 * booked / sent if sent else 0

    def _compute_revenue(self):
        # sudo: clinic.recall.campaign.result - the field itself is for few
        results = self.env["clinic.recall.campaign.result"].sudo()
        revenues = dict(
            results._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id"], ["revenue:sum"]
            )
        )
        for campaign in self:
            campaign.revenue = revenues.get(campaign.sudo(), 0) or 0
            campaign.cost = campaign.sudo().bulk_id.cost
