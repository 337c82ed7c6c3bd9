from . import test_access, test_intake, test_outbox, test_sandbox
