from . import helpdesk_social_network
