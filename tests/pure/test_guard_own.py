"""The guard's finds from the books: this customer's name, address, numbers."""

import pytest

from texts import guard
from texts.guard import Own

JO = Own(
    names=("Margaret Ann Whitfield",),
    shown=("@maggie77", "Maggie"),
    firms=("Whitfield & Sons Ltd",),
    addresses=(("482 Orchard Lane", "60614", "Chicago"),),
    numbers=(
        ("order", "S04217"),
        ("invoice", "INV/2026/00317"),
        ("ticket", "HT00042"),
        ("vat", "DE136695976"),
    ),
    emails=frozenset({"info@whitfield.example"}),
    phones=frozenset({"+12015550123"}),
)


def find(text, own=JO):
    return [(one.kind, one.words) for one in guard.find(text, own, regions=("US",))]


SAID = [
    ("Hi Margaret, we found it", ("name", "Margaret")),
    ("Dear Ms. WHITFIELD,", ("name", "WHITFIELD")),
    ("margaret whitfield has it", ("name", "margaret whitfield")),
    ("for Margaret Ann Whitfield:", ("name", "Margaret Ann Whitfield")),
    ("Whitfield's parcel", ("name", "Whitfield's")),
    ("your firm Whitfield & Sons Ltd", ("name", "Whitfield & Sons Ltd")),
    ("it goes to 482 Orchard Lane", ("address", "482 Orchard Lane")),
    ("it goes to 482 orchard ln., Chicago", ("address", "482 orchard ln., Chicago")),
    ("Orchard Lane", ("address", "Orchard Lane")),
    ("zip 60614", ("address", "60614")),
    ("60614 Chicago", ("address", "60614 Chicago")),
    ("you live in Chicago?", ("address", "Chicago")),
    ("order S04217", ("order", "S04217")),
    ("s 04217", ("order", "s 04217")),
    ("order 4217", ("order", "4217")),
    ("#4217", ("order", "#4217")),
    ("Bestellung Nr. 04217", ("order", "04217")),
    ("INV-2026-00317", ("invoice", "INV-2026-00317")),
    ("inv202600317", ("invoice", "inv202600317")),
    ("invoice 317", ("invoice", "317")),
    ("ｉｎｖ／２０２６／００３１７", ("invoice", "ｉｎｖ／２０２６／００３１７")),
    ("HT\u200b000\u200b42", ("ticket", "HT\u200b000\u200b42")),
    ("VAT DE 136 695 976", ("vat", "DE 136 695 976")),
    ("info@whitfield.example", ("email", "info@whitfield.example")),
    ("2015550123", ("phone", "2015550123")),
    ("order 201 555 0123", ("phone", "201 555 0123")),
    ("(001) 201-555.01.23", ("phone", "(001) 201-555.01.23")),
]


@pytest.mark.parametrize(("text", "expected"), SAID)
def test_said(text, expected):
    found = guard.find(text, JO, regions=("US",))
    assert [(one.kind, one.words) for one in found] == [expected]
    assert all(one.own for one in found)


UNSAID = [
    "Hi Maggie, hi @maggie77!",  # the profile shows that
    "Ann angle, an orchard, a lane in Chicago",
    "our shop in Chicago opens at 8",
    "it costs 60614 points",
    "order S04218, S042170, XS04217X, INV/2026/00318",
    "42 317 4217 things",  # numbers without a word
    "order 42",  # too short to be told from a quantity
    "whitfield",  # a place, a firm, a word
    "https://shop.example/S04217/whitfield?margaret",
    "We do our best. – Margaret",  # she who answers
    "Thanks ^Margaret",
]


@pytest.mark.parametrize("text", UNSAID)
def test_unsaid(text):
    if text.startswith("Ann"):
        # the second name at the start of a sentence is one
        assert find(text) == [("name", "Ann")]
    else:
        assert find(text) == []


NAMES = [
    ("Jürgen Großmann", "Hallo Juergen, lieber Jurgen Grossmann", ["Jurgen Grossmann"]),
    ("Hélène Lefèvre", "Bonjour HELENE", ["HELENE"]),
    ("María José Ibáñez", "Hola Maria Jose", ["Maria Jose"]),
    ("Łukasz Wiśniewski", "pan Wiśniewski", ["Wiśniewski"]),
    ("Анна Соколова", "для Соколовой Анны", ["Соколовой Анны"]),
    ("Иван Петров", "Ивану Петрову", ["Ивану Петрову"]),
    ("山田 太郎", "山田様、お待たせしました", ["山田"]),
    ("山田 太郎", "山田太郎様", ["山田太郎"]),
    ("李 明", "李明您好", ["李明"]),
    ("김 민준", "안녕하세요 민준님", ["민준"]),
    ("김 민준", "김 님", ["김"]),
    ("محمود عبدالله", "مرحبا مَحمود", ["مَحمود"]),
    ("דוד כהן", "שלום דוד", ["דוד"]),
    ("Νίκος Παπαδόπουλος", "κύριε ΠΑΠΑΔΟΠΟΥΛΟΣ", ["ΠΑΠΑΔΟΠΟΥΛΟΣ"]),
    ("สมชาย ใจดี", "สวัสดีคุณสมชายค่ะ", ["สมชาย"]),
    ("Will Carter", "Hi Will, we will do", ["Will"]),
    ("Will Carter", "Will you call? Mark it.", []),
    ("Will Carter", "signed by Will at the door", ["Will"]),
    ("May King", "in May, on May 5", []),
    ("May King", "May King has it", ["May King"]),
    ("Anna van der Berg", "van der, of the", []),
    ("Al B", "al b", []),
]


@pytest.mark.parametrize(("name", "text", "expected"), NAMES)
def test_names_of_the_world(name, text, expected):
    found = [words for _kind, words in find(text, Own(names=(name,)))]
    assert found == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (("whitfield_m",), [("name", "Margaret")]),
        (("Margaret W.",), [("name", "Whitfield")]),
        (("margaretwhitfield",), []),
        (("M@RGARET",), [("name", "Margaret Whitfield")]),
        (("Ｍａｒｇａｒｅｔ Whitfield",), []),
    ],
)
def test_what_the_profile_shows_is_no_secret(shown, expected):
    own = Own(names=("Margaret Whitfield",), shown=shown)
    assert find("Hi Margaret Whitfield!", own) == expected


ADDRESSES = [
    (
        ("Lindenstraße 14", "50674", "Köln"),
        "Lindenstr. 14, 50674 Koeln",
        "Lindenstr. 14, 50674",
    ),
    (
        ("Lindenstraße 14", "50674", "Köln"),
        "in der LINDENSTRASSE 14",
        "LINDENSTRASSE 14",
    ),
    (
        ("23 rue de Bretagne", "75003", "Paris"),
        "rue de Bretagne 23",
        "rue de Bretagne 23",
    ),
    (("9 Queensbury Road", "SW1A 2AA", "London"), "sw1a2aa", "sw1a2aa"),
    (
        ("Calle de Alcalá 112", "28009", "Madrid"),
        "C/ de Alcala, 112",
        "C/ de Alcala, 112",
    ),
    (
        ("ул. Ленина 42", "620014", "Екатеринбург"),
        "улица Ленина, д. 42",
        "улица Ленина, д. 42",
    ),
    (("神南1-2-3", "150-0041", "渋谷区"), "〒150-0041", "150-0041"),
    (("南京西路1266号", "200040", "上海"), "送到南京西路1266号", "南京西路1266号"),
    (("세종대로 110", "04524", "서울"), "세종대로 110 입니다", "세종대로 110"),
]


@pytest.mark.parametrize(("address", "text", "expected"), ADDRESSES)
def test_addresses_of_the_world(address, text, expected):
    found = find(text, Own(addresses=(address,)))
    assert found == [("address", expected)]


def test_a_customers_mailbox_in_the_brands_house_is_theirs():
    """Pupils of a school, members of a club: the host is published, they are not."""
    own = Own(emails=frozenset({"jo@school.example"}))
    ours = guard.Ours(mails=frozenset({"school.example", "board@school.example"}))

    def found(text):
        finds = guard.find(text, own, regions=("US",), ours=ours)
        return [(one.kind, one.words) for one in finds]

    assert found("We wrote to Jo@School.example") == [("email", "Jo@School.example")]
    assert found("jo (at) school.example") == [("email", "jo (at) school.example")]
    assert found("ask board@school.example or desk7@school.example") == []
    both = Own(emails=frozenset({"board@school.example"}))
    finds = guard.find("ask board@school.example", both, regions=("US",), ours=ours)
    assert not finds, "what the brand publishes stays published"


def test_the_brands_own_address_is_no_secret():
    ours = guard.Ours(lines=("Lindenstraße 14, 50674 Köln",))
    own = Own(addresses=(("Lindenstr. 14", "50674", "Köln"),))
    assert guard.find("Lindenstraße 14, 50674 Köln", own, ours) == []
    assert guard.find("Lindenstraße 15, 50674 Köln", own, ours) == []
    assert guard.find("Lindenstraße 14, 50674 Köln", own) != []


@pytest.mark.parametrize(
    "own",
    [
        Own(names=("", " ", "(", "..", "x" * 5000), shown=("", "\\")),
        Own(
            firms=("", "***"),
            addresses=(("", "", ""), ("[", "(", "*"), ("+", "?", "a")),
        ),
        Own(numbers=(("order", ""), ("vat", "/"), ("ticket", "0000"), ("order", "(1"))),
        Own(phones=frozenset({"", "+", "x"}), emails=frozenset({"", "@"})),
    ],
)
def test_odd_books_find_nothing(own):
    assert guard.find("Hello ( [ * there 1 0 a@b x", own) == []
