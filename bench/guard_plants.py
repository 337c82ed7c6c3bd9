"""Personal data of people who do not exist, put into messages that do.

Real public messages hold too little of it to measure recall. Numbers are made from
numbering plans and check digits, never taken from a list of the guard's; how they are
written varies with the seed. What is planted says where it stands, nothing else does.
"""

import random

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from stdnum import luhn

from texts.guard import Own

#: (region, given and family name, street, zip, city, currency before a price)
PEOPLE = (
    ("US", "Margaret Whitfield", "482 Orchard Lane", "60614", "Chicago"),
    ("US", "Will Carter", "17 Maple Avenue", "98109", "Seattle"),
    ("GB", "Grace Okafor", "9 Queensbury Road", "SW1A 2AA", "London"),
    ("DE", "Jürgen Großmann", "Lindenstraße 14", "50674", "Köln"),
    ("FR", "Hélène Lefèvre", "23 rue de Bretagne", "75003", "Paris"),
    ("ES", "María José Ibáñez", "Calle de Alcalá 112", "28009", "Madrid"),
    ("IT", "Chiara Bellucci", "Via Garibaldi 31", "20121", "Milano"),
    ("PL", "Łukasz Wiśniewski", "ul. Długa 8", "00-238", "Warszawa"),
    ("NL", "Sanne de Vries", "Prinsengracht 263", "1016 GV", "Amsterdam"),
    ("SE", "Åsa Lindqvist", "Storgatan 5", "114 51", "Stockholm"),
    ("BR", "João Figueiredo", "Rua Augusta 1508", "01304-001", "São Paulo"),
    ("RU", "Анна Соколова", "ул. Ленина 42", "620014", "Екатеринбург"),
    ("JP", "山田 太郎", "神南1-2-3", "150-0041", "渋谷区"),
    ("CN", "欧阳 明华", "南京西路1266号", "200040", "上海"),
    ("KR", "김 민준", "세종대로 110", "04524", "서울"),
    ("EG", "محمود عبدالله", "شارع التحرير 15", "11511", "القاهرة"),
    ("GR", "Νίκος Παπαδόπουλος", "Ερμού 25", "105 63", "Αθήνα"),
    ("IN", "Priya Raghunathan", "12 Residency Road", "560025", "Bengaluru"),
)
MAILBOXES = (
    "gmail.com",
    "example.org",
    "yahoo.co.jp",
    "t-online.de",
    "mail.ru",
    "bücher.example",
)
#: (country, bank and account) in the structure that its plan asks for
ACCOUNTS = (
    "DE370400440532013000",
    "FR20041010050500013M02606",
    "GBWEST12345698765432",
    "NLABNA0417164300",
    "ES21000418450200051332",
    "NO86011117947",
    "PL109010140000071219812874",
)
CARDS = ("4", "51", "2221", "37", "6011", "3530", "62")
#: around a value, as agents and customers write; {} is the value
FRAMES = {
    "phone": (
        "{}",
        "my number is {}",
        "we will call you at {}",
        "tel. {}",
        "reach me on {} please",
        "({})",
    ),
    "email": ("{}", "my mail is {}", "we wrote to {} just now", "<{}>", "contact: {}."),
    "card": ("{}", "card {}", "you paid with {} yesterday", "my visa is {}"),
    "iban": ("{}", "please refund to {}", "IBAN: {}", "account {} thanks"),
    "name": (
        "Hi {},",
        "Thank you {}!",
        "your parcel is for {} then",
        "signed by {} at the door",
    ),
    "address": ("it goes to {}", "{}", "you live at {} right?", "delivery: {}."),
    "order": ("your order {} has left", "{}", "order no. {}", "about {}:"),
    "invoice": ("invoice {} is paid", "{}", "Rechnung {} kommt"),
    "ticket": ("ticket {}", "{}", "see case {} please"),
    "vat": ("VAT {}", "{}", "USt-ID {} ist vermerkt"),
}
FULLWIDTH = {ord("0") + n: 0xFF10 + n for n in range(10)} | {ord("@"): 0xFF20}
ARABIC = {ord("0") + n: 0x0660 + n for n in range(10)}


class Planter:
    """Everything comes from ``seed``: the same one plants the same."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def person(self):
        """(region, ``Own``, {kind: ways to write what is theirs})."""
        pick = self.random.choice
        region, name, street, code, city = pick(PEOPLE)
        number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
        local = pick(("jo", "k.m", "anna_7", "lee99", "o-k.u"))
        mail = f"{local}{self.random.randrange(99)}@{pick(MAILBOXES)}"
        serial = self.random.randrange(10_000, 99_999)
        order, invoice = f"S{serial}", f"INV/2026/{serial + 3:05}"
        ticket, vat = (
            f"HT{serial + 7:05}",
            f"{region}{self.random.randrange(10**8, 10**9)}",
        )
        given = name.split()[0]
        own = Own(
            names=(name,),
            shown=("brightstar_77",),
            addresses=((street, code, city),),
            numbers=(
                ("order", order),
                ("invoice", invoice),
                ("ticket", ticket),
                ("vat", vat),
            ),
        )
        ways = {
            "name": (name, given, name.upper()),
            "address": (f"{street}, {code} {city}", street, f"{code} {city}"),
            "order": (order, f"#{serial}", order.lower()),
            "invoice": (invoice, invoice.replace("/", "-")),
            "ticket": (ticket, f"{ticket[:2]} {ticket[2:]}"),
            "vat": (vat, f"{vat[:2]} {vat[2:5]} {vat[5:8]} {vat[8:]}"),
            "phone": self._phones(number),
            "email": self._mails(mail),
            "card": self._cards(),
            "iban": self._ibans(),
        }
        return region, own, ways

    def _phones(self, number):
        international = phonenumbers.format_number(
            number, PhoneNumberFormat.INTERNATIONAL
        )
        national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        return (
            international,
            national,
            e164,
            "00" + e164[1:],
            international.replace(" ", "-"),
            international.translate(FULLWIDTH),
            international.translate(ARABIC),
            "\u200b".join(international),
        )

    @staticmethod
    def _mails(mail):
        local, _at, domain = mail.partition("@")
        return (
            mail,
            mail.upper(),
            mail.translate(FULLWIDTH),
            f"{local} (at) {domain}",
            f"{local}[at]{domain.replace('.', '[dot]')}",
            f"{local} at {domain.replace('.', ' dot ')}",
        )

    def _cards(self):
        start = self.random.choice(CARDS)
        length = 15 if start == "37" else 16
        body = start + "".join(
            str(self.random.randrange(10)) for _ in range(length - 1 - len(start))
        )
        card = body + luhn.calc_check_digit(body)
        fours = " ".join(card[at : at + 4] for at in range(0, length, 4))
        return card, fours, fours.replace(" ", "-"), card.translate(FULLWIDTH)

    def _ibans(self):
        account = self.random.choice(ACCOUNTS)
        country, rest = account[:2], account[2:]
        digits = "".join(str(int(one, 36)) for one in f"{rest}{country}00")
        iban = f"{country}{98 - int(digits) % 97:02}{rest}"
        fours = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
        return iban, fours, iban.lower()

    def plant(self, text, kind, words):
        """(the text with the words in it, where they begin and end)."""
        before, after = self.random.choice(FRAMES[kind]).split("{}")
        at = self.random.choice((0, len(text), *self._gaps(text)))
        left = (
            text[:at]
            + (" " if at and not text[:at].endswith((" ", "\n")) else "")
            + before
        )
        right = (
            after
            + (" " if text[at:] and not text[at:].startswith((" ", "\n")) else "")
            + text[at:]
        )
        return left + words + right, len(left), len(left) + len(words)

    @staticmethod
    def _gaps(text):
        """Ends of sentences: nobody writes a number into the middle of an address."""
        return [
            at + 2
            for at in range(len(text) - 2)
            if text[at] in ".!?" and text[at + 1] == " "
        ]
