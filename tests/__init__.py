from . import (
    test_access,
    test_access_models,
    test_forget,
    test_identity,
    test_identity_match,
    test_intake,
    test_lead,
    test_outbox,
    test_partner_history,
    test_sandbox,
    test_webhook,
)
from . import test_failpoints
