-- A copy for tests must not read, answer or sign in as anybody.
-- accounts forget their sign-in; they must be connected again to speak
UPDATE helpdesk_social_account
   SET state = 'draft',
       secrets = NULL,
       oauth = NULL,
       push = FALSE,
       home_uuid = NULL,
       home_url = NULL;
DELETE FROM helpdesk_social_token;
UPDATE helpdesk_social_connect_line SET value = NULL WHERE secret;
-- registrations forget their secrets; the original's webhook address is not ours
UPDATE helpdesk_social_app
   SET secrets = NULL,
       webhook_token = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
       webhook_secret = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
-- invitations and open pages are the original's
UPDATE helpdesk_social_handoff SET state = 'ended', token_hash = NULL;
DELETE FROM helpdesk_social_handoff_browser;
-- what was still to be sent stays unsent for ever
UPDATE helpdesk_social_message
   SET delivery_state = 'cancelled', next_try_at = NULL
 WHERE delivery_state IN ('draft', 'held', 'queued', 'sending', 'failed', 'uncertain');
-- nobody is blocked, or let in, by a copy
UPDATE helpdesk_social_block SET state = 'dropped' WHERE state = 'waiting';
-- all lanes, copies included
UPDATE ir_cron
   SET active = FALSE
 WHERE id IN (
    SELECT res_id FROM ir_model_data
     WHERE module = 'helpdesk_social' AND model = 'ir.cron'
);
