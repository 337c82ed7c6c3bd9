"""What passes between an adapter and the rest: frozen dataclasses, no behaviour.

One name for all of it (``items.Draft``); what comes in, what goes out, what may be done
and what an account is are a file each. Nothing here may know a network, a database or
a clock.
"""

from .items_account import (
    Ack,
    Profile,
    Setting,
    Tokens,
)
from .items_in import (
    AUDIENCES,
    FORWARD,
    GROUP,
    PRIVATE,
    PUBLIC,
    START,
    Announced,
    Author,
    Evidence,
    Hidden,
    Incoming,
    Media,
    Page,
    Parsed,
    RawItem,
    Reaction,
    Receipt,
    Removal,
    SignedOut,
    Unknown,
)
from .items_may import (
    DIRECT,
    DIRECT_POST,
    LINK,
    PAGE,
    PRIVATE_REPLY,
    Affordance,
    MessageFacts,
    PersonFacts,
    Way,
)
from .items_out import (
    Draft,
    FilledTemplate,
    Idempotency,
    Measure,
    MediaRules,
    Published,
    Target,
    Template,
    TemplateField,
    TemplatePage,
    Upload,
)
