-- A copy for trying things writes to nobody and believes no report.
UPDATE clinic_message_provider
   SET active = FALSE,
       account_key = NULL,
       webhook_secret = NULL,
       verify_token = NULL,
       secret_path = replace(gen_random_uuid()::text, '-', '');
UPDATE ir_cron
   SET active = FALSE
 WHERE clinic_provider_id IS NOT NULL;
DELETE FROM clinic_push_device;
