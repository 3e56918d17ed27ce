from odoo import api, models
from odoo.exceptions import UserError

from ..lib.channels import CHANNELS


class ClinicMessageKind(models.Model):
    """The switchboard: kinds of messages against channels, on one screen."""

    _inherit = "clinic.message.kind"

    @api.model
    @api.readonly
    def board(self):
        """Return the whole matrix for the switchboard's screen.

        :returns: dict with ``channels`` (name, label, whether somebody carries it) and
            ``rows`` (kinds with a cell for each channel)
        """
        labels = dict(
            self.env["clinic.message.switch"]
            ._fields["channel"]
            ._description_selection(self.env)
        )
        carried = set(
            self.env["clinic.message.provider"]
            .search([("active", "=", True)])
            .mapped("channel")
        )
        purposes = dict(self._fields["purpose"]._description_selection(self.env))
        return {
            "may_change": self.env["clinic.message.switch"].has_access("write"),
            "channels": [
                {"name": name, "label": labels[name], "carried": name in carried}
                for name, _label in CHANNELS
            ],
            "rows": [
                {
                    "id": kind.id,
                    "name": kind.name,
                    "description": kind.description or "",
                    "active": kind.active,
                    "purpose": kind.purpose,
                    "purpose_words": purposes[kind.purpose],
                    "every": kind.delivery == "all",
                    "timing": kind._timing_words(),
                    "special": sum(1 for each in kind.switch_ids if each._weight()),
                    "cells": {
                        switch.channel: {
                            "id": switch.id,
                            "on": switch.is_on,
                            "order": kind._order_of(switch),
                            "text": switch.template_id.name or "",
                            "template_id": switch.template_id.id,
                        }
                        for switch in kind.switch_ids
                        if not switch._weight()
                    },
                }
                for kind in self.with_context(active_test=False).search(
                    [("code", "not in", ("reply", "reply_ask"))]
                )
            ],
        }

    def _order_of(self, switch):
        """When a channel is tried, among those of its row that are on; 0: with all."""
        if self.delivery == "all" or not switch.is_on:
            return 0
        row = self.switch_ids.filtered(lambda each: each.is_on and not each._weight())
        return (
            row.sorted(lambda each: (each.sequence, each.id)).ids.index(switch.id) + 1
        )

    def _timing_words(self):
        """Extension point: when messages of this kind go out, in words."""
        self.ensure_one()
        return self.env._("any hour") if self.is_urgent else ""

    def flip(self, channel, is_on):
        """Switch a cell of the matrix on or off; made when there was none.

        :param str channel: see ``lib/channels.py``
        :param bool is_on: what it is to be
        """
        self.ensure_one()
        if channel not in dict(CHANNELS):
            raise UserError(self.env._("There is no such channel."))
        switches = self.env["clinic.message.switch"]
        switches.check_access("write")
        cell = self.switch_ids.filtered(
            lambda each: each.channel == channel and not each._weight()
        )
        if cell:
            cell.is_on = bool(is_on)
            return
        used = self.switch_ids.template_id.filtered(
            lambda text: text.channel in (False, channel)
        )
        switches.create(
            {
                "kind_id": self.id,
                "channel": channel,
                "is_on": bool(is_on),
                "sequence": 10 + 10 * len(self.switch_ids),
                "template_id": used[:1].id,
            }
        )
