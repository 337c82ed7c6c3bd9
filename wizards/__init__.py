from . import helpdesk_social_connect
from . import helpdesk_social_link
