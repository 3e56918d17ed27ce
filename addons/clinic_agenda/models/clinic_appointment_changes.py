from odoo import models

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import said

from ..lib.change import Change, Facts

#: What follows from changes of visits, in this order: first what the records of the
#: clinic say, then whose time it is, last what people are told.
LISTENERS = (
    "_settle_disruptions",
    "_end_waiting",
    "_note_freed",
    "_follow_enquiries",
    "_tell_patients",
    "_tell_locations",
)


class ClinicAppointment(models.Model):
    """What happened is worked out once for each write, and everybody gets the same.

    A ``Change`` (``lib/change.py``) says what a visit was and is, and what that means;
    nobody compares fields again.
    """

    _inherit = "clinic.appointment"

    def _after_changes(self, changes):
        """Extension point: these visits changed, or are new, in this transaction.

        Other addons extend it with ``super()`` first.

        :param changes: list of :class:`~odoo.addons.clinic_agenda.lib.change.Change`,
            one for each visit of ``self``, in order
        """
        for name in LISTENERS:
            getattr(self, name)(changes)

    def _facts(self):
        """The visit as it is: ``Facts``."""
        self.ensure_one()
        return Facts(
            state=self.state,
            start=self.start,
            stop=self.stop,
            practitioner=self.practitioner_id.id,
            location=self.location_id.id,
            room=self.room_id.id,
            patient=self.patient_id.id,
            overbooked=bool(self.overbooked),
        )

    def _changes(self, before=None):
        """What happened to these visits.

        :param dict before: ``{id: Facts}``; new visits if empty
        """
        context = self.env.context
        common = {
            "user": self.env.uid,
            "person": said(context, "clinic_actor_id") or None,
            "channel": said(context, "clinic_channel"),
            "when": clock.now(),
            "history": self._is_history(),
        }
        return [
            Change(visit.id, before and before[visit.id], visit._facts(), **common)
            for visit in self
        ]

    def _record_created(self):
        """Append to the history that these visits are new; tell who listens."""
        changes = self._changes()
        self._record_events(
            [
                {"kind": "overbooked" if change.overbooked else "created"}
                for change in changes
            ]
        )
        self._after_changes(changes)

    def _record_changes(self, before):
        """Append to the history what happened; tell who listens.

        :param dict before: ``{id: Facts}`` before the write
        """
        changes = self._changes(before)
        for visit, change in zip(self, changes, strict=True):
            visit._record_change(change)
        self._after_changes(changes)

    def _channel_of_user(self):
        """From where somebody acts who did not come by one of the known ways."""
        user = self.env.user
        if user._is_public():
            return "website"
        return "desk" if user._is_internal() else "portal"

    def _record_change(self, change):
        old, new = change.before, change.after
        reason = said(self.env.context, "clinic_reason")
        common = {
            "channel": change.channel or self._channel_of_user(),
            "old_state": old.state,
            "old_start": old.start,
            "old_practitioner_id": old.practitioner,
            "reason": reason
            or (new.state == "cancelled" and self.cancel_reason)
            or (new.overbooked and self.overbook_reason),
        }
        if change.patient_changed:
            person = {"old_patient_id": old.patient, "new_patient_id": new.patient}
            vals = {**common, **person, "kind": "patient", "reason": reason}
            self._record_events([vals])
        kinds = {
            "overbooked": change.overbooked,
            "moved": change.moved_anything,
            "resized": change.resized,
            "state": change.state_changed and not change.moved_anything,
        }
        for kind in filter(kinds.get, kinds):
            self._record_events([{**common, "kind": kind}])
