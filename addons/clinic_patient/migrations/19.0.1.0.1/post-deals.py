def migrate(cr, version):
    """Deals of first visits go to the coordinators in turn, unless somebody chose."""
    if not version:
        return
    cr.execute(
        """
        UPDATE crm_team SET assignment = 'turn'
         WHERE pipeline = 'coordinators' AND assignment = 'before'
        """
    )
