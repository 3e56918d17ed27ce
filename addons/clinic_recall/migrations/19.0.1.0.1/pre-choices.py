def migrate(cr, version):
    """The answers to choose of the shipped questions get the identifiers by which they
    are translated; without them the update would add every answer once more."""
    if not version:
        return
    cr.execute(
        """
        INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
        SELECT 'clinic_recall',
               replace(asked.name, 'question_', 'choice_') || '_' || choice.sequence,
               'clinic.followup.choice', choice.id, TRUE
          FROM clinic_followup_choice choice
          JOIN ir_model_data asked ON asked.module = 'clinic_recall'
           AND asked.model = 'clinic.followup.question'
           AND asked.res_id = choice.question_id
         WHERE choice.sequence < 10
           AND NOT EXISTS (SELECT FROM ir_model_data known
                            WHERE known.model = 'clinic.followup.choice'
                              AND known.res_id = choice.id)
            ON CONFLICT DO NOTHING
        """
    )
