"""What the tests around identities and contacts share: a contact, evidence."""

from ..networks.items import Evidence
from .common import SocialCase


class IdentityCase(SocialCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.de")
        cls.jo = cls.make_partner(
            "Jo Miller", phone="0170 1234567", email="jo.miller@example.com"
        )

    @classmethod
    def make_partner(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, **values})

    def phone(self, value="+49 170 1234567", source="contact_shared"):
        return Evidence("phone", value, source)

    def email(self, value="jo.miller@example.com", source="contact_shared"):
        return Evidence("email", value, source)

    def match(self, *given, identity=None, **values):
        identity = identity or self.make_identity(**values)
        identity._match({identity: list(given)})
        return identity

    def chatter(self, partner):
        return " ".join(partner.message_ids.mapped("body"))
