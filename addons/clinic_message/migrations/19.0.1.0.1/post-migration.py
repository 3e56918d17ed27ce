def migrate(cr, version):
    """What tells of a report is a message with a text, where it has none yet."""
    cr.execute(
        """
        UPDATE clinic_message_switch switch
           SET template_id = text.res_id
          FROM ir_model_data text, ir_model_data kind
         WHERE text.module = 'clinic_message' AND text.name = 'text_report_ready'
           AND kind.module = 'clinic_message' AND kind.name = 'kind_report_ready'
           AND switch.kind_id = kind.res_id AND switch.template_id IS NULL
        """
    )
