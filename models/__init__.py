from . import (
    helpdesk_social_network,
    helpdesk_social_app,
    helpdesk_social_account,
    helpdesk_social_account_pull,
    helpdesk_social_identity,
    helpdesk_social_conversation,
    helpdesk_social_message,
    helpdesk_social_event,
    helpdesk_social_intake,
    helpdesk_social_outbox,
    helpdesk_ticket,
    res_partner,
)
