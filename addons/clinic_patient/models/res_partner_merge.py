from odoo import models


class ResPartner(models.Model):
    """The patient card: merging two cards of one person."""

    _inherit = "res.partner"

    def _merge_into(self, destination):
        """Merge these cards into ``destination`` and remove them.

        Every record of every addon that points to them points to ``destination``
        afterwards; what its card leaves empty is filled in from theirs.

        :param destination: res.partner that stays
        """
        destination.ensure_one()
        Wizard = self.env["base.partner.merge.automatic.wizard"]
        for source in self - destination:
            Wizard._merge((source | destination).ids, destination, extra_checks=False)

    def _merge_prepare(self, destination):
        """Settle what may exist only once per person, before a merge.

        Odoo moves all rows of a table at once, and drops them all when one breaks a
        constraint. Addons with such tables extend this method.

        :param destination: res.partner that stays
        """
        Phone = self.env["clinic.phone"].with_context(clinic_phone_sync=True)
        known = set(destination.phone_ids.mapped("e164"))
        doubled = Phone.browse()
        for phone in self.phone_ids:
            if phone.e164 in known:
                doubled |= phone
            known.add(phone.e164)
        doubled.unlink()
        self.phone_ids.write({"is_preferred": False})
        self._merge_prepare_family(destination)

    def _merge_prepare_family(self, destination):
        """Drop the relations that would be double, or with oneself, after a merge."""
        everyone = self | destination
        relations = everyone.relationship_ids | everyone.ward_relationship_ids
        seen = set()
        for relation in relations.sorted(
            lambda r: (r.patient_id in self or r.guardian_id in self, r.id)
        ):
            patient, guardian = (
                destination if person in everyone else person
                for person in (relation.patient_id, relation.guardian_id)
            )
            key = (patient.id, guardian.id, relation.kind)
            if patient == guardian or key in seen:
                relation.unlink()
            seen.add(key)
