def migrate(cr, version):
    """A deal is about a patient: those of nobody leave their pipeline and are archived,
    so that the database can refuse new ones. Nothing of them is lost."""
    if not version:
        return
    cr.execute(
        """
        UPDATE crm_lead
           SET team_id = NULL, pipeline = NULL, is_open = FALSE, active = FALSE
         WHERE pipeline IS NOT NULL AND patient_id IS NULL
        """
    )
