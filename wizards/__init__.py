from . import helpdesk_social_connect
from . import helpdesk_social_connect_try
from . import helpdesk_social_connect_line
from . import helpdesk_social_link, helpdesk_social_sandbox_play
from . import helpdesk_social_rule_try
from . import helpdesk_social_merge
from . import helpdesk_social_same
from . import base_partner_merge
