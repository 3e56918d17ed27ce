from odoo import fields, models


class ClinicLocation(models.Model):
    """How a location offers the times that become free."""

    _inherit = "clinic.location"

    wait_offer_mode = fields.Selection(
        [
            ("turn", "In turn: the next one when the first does not want it"),
            ("all", "All at once: the first to accept has it"),
        ],
        string="Offer free times",
        required=True,
        default="turn",
    )
    wait_answer_minutes = fields.Integer(
        string="Minutes to answer",
        required=True,
        default=30,
        help="How long a time is kept for whoever is asked.",
    )
    wait_notice_minutes = fields.Integer(
        string="Not offered later than (minutes before)",
        required=True,
        default=120,
        help="A time that begins sooner is not offered: nobody would come in time.",
    )

    _wait_minutes = models.Constraint(
        "CHECK (wait_answer_minutes BETWEEN 5 AND 1440 AND wait_notice_minutes >= 0)",
        "Give at least 5 minutes and at most a day to answer; notice is not negative.",
    )
