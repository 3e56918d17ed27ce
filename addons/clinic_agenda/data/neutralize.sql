-- a copy of the database must not answer to the secret addresses of the original
UPDATE clinic_practitioner SET feed_token = NULL;
UPDATE res_partner SET visit_feed_token = NULL;
UPDATE clinic_appointment SET access_token = NULL;
