"""A WhatsApp sender meets a contact by number, however somebody once typed it."""

from odoo.tests import TransactionCase, tagged

from .test_whatsapp import WhatsAppFixtures

#: what WhatsApp says, the contact's country, what stands in the contact
WRITTEN = [
    ("4917612345678", "de", "0176 12345678"),
    ("4917612345678", "de", "+49 (0)176 12345678"),
    ("4917612345678", "de", "0049176/12345678"),
    ("4917612345678", "de", "49 176 12345678"),
    ("4917612345678", "de", "0176.123 456-78"),
    # Brazil: with and without the ninth digit, with the carrier's code
    ("551187654321", "br", "(11) 98765-4321"),
    ("551187654321", "br", "+55 11 8765-4321"),
    ("5511987654321", "br", "(11) 8765-4321"),
    ("551187654321", "br", "0 15 11 98765-4321"),
    # Mexico: with and without the 1, with the prefixes of before 2019
    ("5215512345678", "mx", "55 1234 5678"),
    ("5215512345678", "mx", "044 55 1234 5678"),
    ("525512345678", "mx", "01 (55) 1234-5678"),
    ("525512345678", "mx", "+52 1 55 1234 5678"),
    # Argentina: 9 from abroad, 15 at home
    ("5491112345678", "ar", "011 15-1234-5678"),
    ("5491112345678", "ar", "11 1234-5678"),
    ("5491112345678", "ar", "+54 11 1234-5678"),
    ("5493514123456", "ar", "0351 15-412-3456"),
    ("393401234567", "it", "340 1234567"),
    ("33612345678", "fr", "+33 (0)6 12 34 56 78"),
    ("919876543210", "in", "098765 43210"),
    ("16502530000", "us", "(650) 253-0000"),
    ("16502530000", "us", "011 1 650 253 0000"),
    ("447400123456", "uk", "07400 123456"),
    ("79123456789", "ru", "8 (912) 345-67-89"),
    ("819012345678", "jp", "090-1234-5678"),
    ("573001234567", "co", "300 123 4567"),
    ("201012345678", "eg", "٠١٠ ١٢٣٤ ٥٦٧٨"),
    ("201012345678", "eg", "０１０１２３４５６７８"),
    ("919876543210", "in", "०९८७६५ ४३२१०"),
]


@tagged("post_install", "-at_install")
class TestPhones(WhatsAppFixtures, TransactionCase):
    def contact(self, phone, country="", **values):
        country = country and self.env.ref(f"base.{country}").id
        return self.env["res.partner"].create(
            {"name": "Jo", "phone": phone, "country_id": country, **values}
        )

    def who(self, wa_id):
        """The identity behind a message from this number."""
        people = [one for one in self.sim.people.values() if one.phone == wa_id]
        person = people[0] if people else self.sim.add_person("Jo", wa_id)
        return self.hear(person, "Hello").identity_id

    def test_written_in_every_national_way(self):
        for wa_id, country, phone in WRITTEN:
            with self.subTest(phone=phone, country=country):
                partner = self.contact(phone, country)
                identity = self.who(wa_id)
                identity._match()
                self.assertEqual(identity.partner_id, partner)
                identity._clear_link()
                partner.unlink()

    def test_the_companys_country_where_the_contact_has_none(self):
        self.company.country_id = self.env.ref("base.de")
        partner = self.contact("0176 12345678")
        self.assertEqual(self.who("4917612345678").partner_id, partner)

    def test_the_same_digits_of_another_country_are_somebody_else(self):
        self.contact("0176 12345678", "at")
        identity = self.who("4917612345678")
        self.assertFalse(identity.partner_id or identity.suggested_partner_id)

    def test_the_same_last_digits_are_somebody_else(self):
        self.contact("+57 301 1234567")
        self.contact("+58 300 1234567")
        self.assertFalse(self.who("573001234567").partner_id)

    def test_a_german_mobile_is_no_mexican_prefix(self):
        """01… and ten digits: what it is depends on the country alone."""
        self.company.country_id = self.env.ref("base.mx")
        partner = self.contact("0151 12345678", "de")
        self.assertEqual(self.who("4915112345678").partner_id, partner)

    def test_two_contacts_with_the_number_written_differently(self):
        one = self.contact("0176 12345678", "de", name="One")
        two = self.contact("+49 176 12345678", name="Two")
        identity = self.who("4917612345678")
        self.assertFalse(identity.partner_id)
        self.assertIn("2 contacts", identity.suggestion_reason)
        self.assertEqual(identity._candidates(), one | two)
        # one of them is archived: now it is clear
        two.active = False
        identity.action_match()
        self.assertEqual(identity.partner_id, one)

    def test_people_of_one_firm_are_a_suggestion(self):
        firm = self.contact("+49 30 123456", name="Firm", is_company=True)
        for name in ("One", "Two"):
            self.contact("+49 176 12345678", name=name, parent_id=firm.id)
        identity = self.who("4917612345678")
        self.assertFalse(identity.partner_id)
        self.assertEqual(identity.suggested_partner_id, firm)

    def test_another_companys_contact_is_not_used(self):
        theirs = self.contact(
            "+49 176 12345678", name="Theirs", company_id=self.other_company.id
        )
        identity = self.who("4917612345678")
        self.assertFalse(identity.partner_id or identity.suggested_partner_id)
        self.assertNotIn(theirs, identity._candidates())
        ours = self.contact(
            "0176 12345678", "de", name="Ours", company_id=self.company.id
        )
        identity.action_match()
        self.assertEqual(identity.partner_id, ours)

    def test_a_hidden_phone_matches_nobody(self):
        self.contact("+57 300 1234567")
        person = self.sim.add_person("Jo", "573001234567", hidden=True, username="jo")
        identity = self.hear(person, "Hello").identity_id
        self.assertFalse(identity.partner_id or identity.evidence)

    def test_a_number_that_was_typed_is_only_a_suggestion(self):
        """What WhatsApp vouches for links; what somebody writes does not."""
        partner = self.contact("+49 176 12345678")
        person = self.sim.add_person("Eve", "573001234567", hidden=True, username="e")
        identity = self.hear(person, "I am +49 176 12345678").identity_id
        self.assertNotEqual(identity.partner_id, partner)

    def test_the_new_number_of_a_person_is_kept_beside_the_old(self):
        person = self.sim.add_person("Jo", "573001234567")
        identity = self.hear(person, "Hello").identity_id
        person.phone = "4917612345678"
        partner = self.contact("0176 12345678", "de")
        self.assertEqual(self.hear(person, "Again").identity_id, identity)
        values = {one["value"] for one in identity.evidence}
        self.assertEqual(values, {"+573001234567", "+4917612345678"})
        self.assertEqual(identity.partner_id, partner)
