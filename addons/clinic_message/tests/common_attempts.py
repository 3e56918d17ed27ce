from itertools import permutations

#: A channel that fails, and the one that is tried next.
PAIRS = tuple(permutations(("email", "sms", "whatsapp"), 2))


class AttemptsCommon:
    """Mixin: messages that fail on one channel and are tried on another."""

    @classmethod
    def carry(cls):
        """Providers for the three channels; they stop at Odoo's outgoing queue."""
        return cls.env["clinic.message.provider"].create(
            [
                {"name": channel, "channel": channel, "kind": "odoo_mail"}
                for channel in ("sms", "whatsapp")
            ]
        )

    @classmethod
    def reach(cls, person, number):
        """Have a person be reached by all three."""
        person.email = f"person{number}@example.com"
        cls.env["clinic.phone"].create(
            {"partner_id": person.id, "number": f"+3933312000{number:02}"}
        )

    def only(self, kind, *channels):
        """Switch these channels on for a kind, in this order, and no others."""
        template = kind.switch_ids.template_id[:1]
        kind.active = True
        kind.switch_ids.unlink()
        kind.switch_ids = [
            (
                0,
                0,
                {
                    "channel": channel,
                    "sequence": number,
                    "template_id": template.id,
                },
            )
            for number, channel in enumerate(channels)
        ]

    def fails(self, message, channel):
        """A message is refused; what stands in for it."""
        self.assertEqual((message.channel, message.state), (channel, "queued"))
        message.write({"state": "claimed", "claim": "test"})
        message._apply_state("failed", source="sender", failure="refused")
        return self.env["clinic.message"].search([("previous_id", "=", message.id)])

    def leaves(self, message, channel):
        """A message is let through with a text, and sent."""
        self.assertEqual((message.channel, message.state), (channel, "queued"))
        message.write({"state": "claimed", "claim": "test"})
        self.assertEqual(
            message._let_through(message.provider_id),
            message,
            message.suppress_reason,
        )
        [(_message, item)] = message._items()
        self.assertTrue(item.body)
        message._apply_state("sent", source="sender")
        return item
