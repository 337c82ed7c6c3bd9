"""The guard's finds by form: what is personal data, and what only looks like it.

People, numbers and addresses are invented: example numbers of numbering plans, reserved
domains, test cards.
"""

import pytest

from texts import guard


def kinds(text, *regions, **known):
    return [one.kind for one in guard.find(text, regions=regions, **known)]


def words(text, *regions):
    return [one.words for one in guard.find(text, regions=regions)]


PHONES = [
    ("call me: +49 1512 3456789", ()),
    ("+1 201-555-0123", ()),
    ("0044 7400 123456 any time", ()),
    ("00 49 1512 3456789", ()),
    ("(201) 555-0123", ("US",)),
    ("201-555-0123", ("US",)),
    ("201.555.0123", ("US",)),
    ("phone 2015550123", ("US",)),
    ("07400 123456", ("GB",)),
    ("07400123456", ("GB",)),
    ("01512 3456789", ("DE",)),
    ("01512/3456789", ("DE",)),
    ("tel.01512 3456789", ("DE",)),
    ("06 12 34 56 78", ("FR",)),
    ("06.12.34.56.78", ("FR",)),
    ("612 34 56 78", ("ES",)),
    ("612345678", ("ES",)),
    ("312 345 6789", ("IT",)),
    ("512 345 678", ("PL",)),
    ("06 12345678", ("NL",)),
    ("070-123 45 67", ("SE",)),
    ("tlf 406 12 345", ("NO",)),
    ("tlf: 32 12 34 56", ("DK",)),
    ("(11) 96123-4567", ("BR",)),
    ("8 (912) 345-67-89", ("RU",)),
    ("тел. 89123456789", ("RU",)),
    ("电话13123456789", ("CN",)),
    ("我的手机号是13123456789谢谢", ("CN",)),
    ("090-1234-5678", ("JP",)),
    ("010-2000-0000 입니다", ("KR",)),
    ("081234 56789", ("IN",)),
    ("8123456789", ("IN",)),
    ("هاتف 01001234567", ("EG",)),
    ("٠١٠٠١٢٣٤٥٦٧", ("EG",)),
    ("फोन ०८१२३४५६७८९", ("IN",)),
    ("＋４４ ７４００ １２３４５６", ()),
    ("+44\u200b7400\u200b123\u200b456", ()),
    ("+44\u00a07400\u2011123456", ()),
    ("my mobile number is 01001234567", ("US",)),  # of a country nobody thought of
    ("WhatsApp 0612345678", ("US",)),
    ("4️⃣4️⃣ no, +4️⃣4️⃣ 7️⃣4️⃣0️⃣0️⃣ 1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣", ()),
    ("no 8:00-17:00 service? 07400 123456", ("GB",)),
    ("I never got my order. 07400 123456 is my number", ("GB",)),
]


@pytest.mark.parametrize(("text", "regions"), PHONES)
def test_telephone_numbers(text, regions):
    assert kinds(text, *regions) == ["phone"]


MAILS = [
    "jo.miller@example.org",
    "JO.MILLER@EXAMPLE.ORG",
    "write to <jo_miller+shop@mail.example.co.uk>, please.",
    "mail:jo@bücher.example",
    "我的邮箱是jo.miller@example.org谢谢",
    "почта иван@пример.рф",
    "ｊｏ＠ｅｘａｍｐｌｅ．ｏｒｇ",
    "jo\u200b@example\u200b.org",
    "jo.miller (at) example.org",
    "jo.miller[at]example[dot]org",
    "jo miller dot 7 at gmail dot com",
    "my mail is jo at gmail dot com",
    "jo7 @ gmail . com",
    "jo.miller@ gmail.com",
    "e-mail: jo arroba example punto org",
    "jo.miller{ät}example.de",
    "https://shop.example/reset?email=jo%40example.org&x=1",
    "(jo@example.org)",
]


@pytest.mark.parametrize("text", MAILS)
def test_mail_addresses(text):
    assert kinds(text) == ["email"]


CARDS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "card 5555555555554444 expires soon",
    "2223 0031 2200 3222",
    "3782 822463 10005",
    "6011 1111 1111 1117",
    "3530 1113 3330 0000",
    "4111\u200b1111\u200b1111\u200b1111",
    "４１１１ １１１１ １１１１ １１１１",
    "order paid with 4111 1111 1111 1111",
]


@pytest.mark.parametrize("text", CARDS)
def test_payment_cards(text):
    assert kinds(text, "US") == ["card"]


IBANS = [
    "DE89 3704 0044 0532 0130 00",
    "DE89370400440532013000",
    "gb82 west 1234 5698 7654 32 please",
    "FR1420041010050500013M02606",
    "NO93 8601 1117 947",
    "Refund: NL91-ABNA-0417-1643-00!",
    "MT84MALT011000012345MTLCAST001S",
]


@pytest.mark.parametrize("text", IBANS)
def test_bank_accounts(text):
    assert kinds(text, "DE") == ["iban"]


HARMLESS = [
    # prices, quantities
    "It is $1,299.00 or €1.299,00, that is 10 500 kr and 3 499 000 ₽",
    "USD 1200000000 in total, 12 345 678 files",
    "You get 5,600,000 points and 1.234.567 views",
    "1 299 000 Ft, 25.000.000 đồng, ¥120000, 98765432 yen",
    # dates, hours
    "on 2026-11-22, 22.11.2026 or 11/22/26",
    "2026-11-22T10:15:30Z and 2026-11-22 10:15",
    "8:00-17:00, 8.30 - 17.00, 0800-1700, Mon-Fri 9am-5pm",
    "open 10.00-19.00 since 1998-2026, 24/7",
    "2026年11月22日",
    "between 11:40 and 11:55",
    # versions, machines, sizes
    "iOS 17.4.1, build 22631.3296, v10.14.6.1234",
    "1920*1080@30fps, 3840 x 2160, 32GB, 100/100",
    "192.168.100.200 and 10.0.0.1/24",
    "error 0x80070057, CE-34224-5, WS-37368-7",
    "48.856613, 2.352222",
    # links, people, topics
    "track it: https://parcel.example/t/00340434161094042557?id=01512345678",
    "http://x.example/+491512345678 www.x.example/07400123456",
    "see example.com/4111111111111111",
    "@jo12345678 @jo@social.example #20261122 #deal2026",
    "https://social.example/@jo@other.example/112233445566778899",
    # numbers of things that are not this customer's
    "order 07400123456", "Order no. 01512 3456789", "ticket #4155552671",
    "Sendung 01512345678", "commande 0612345678", "заказ 89123456789",
    "订单号13123456789", "注文番号 090-1234-5678", "pedido nº 612345678",
    "tracking number 4111111111111111", "IMEI 356938035643809",
    "case id: 8-4750000030256", "flight LH1234, gate 12, seat 34A",
    "1Z999AA10123456784", "ISBN 978-3-16-148410-0", "EAN 4006381333931",
    # firms
    "call 1-800-555-0199 or +1 800 555 0199", "0800 1234567",
    "abuse@example.com and privacy@shop.example",
    "support at example dot com",
    # short numbers, scores, years
    "dial 112 or text STOP to 40404", "they won 3-2, 21-15, 6-4 6-3",
    "1 2 3 4 5 6 7 8 9", "100 200 300 400", "1984 1985 1986",
    "666666666666", "0000 0000 0000 0000", "77% of 65 inch",
    # "at" and "dot" as words
    "we are looking at gmail.com", "meet us at example.com", "me at home. Com on",
    "find us @ example.com", "sound @ 48.000", "5 @ 3.99", "a@b", "@@@", "x@y.1",
    # what agents always say
    "Please DM us your order number and e-mail address.",
    "Schreib uns bitte per DM: Name, Adresse, Telefonnummer.",
    "Without revealing your e-mail address, send us a screenshot.",
    "Give us a call from 9:00 to 17:00, we're here 24 hours a day, 7 days a week!",
    "",
    " \n\t\u200b",
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
@pytest.mark.parametrize("region", ["US", "DE", "GB", "CN"])
def test_what_only_looks_like_it(text, region):
    assert guard.find(text, regions=(region,)) == []


@pytest.mark.parametrize(
    "text", [text for text, _regions in PHONES] + MAILS + CARDS + IBANS
)
def test_the_quick_look_misses_nothing(text):
    assert guard.may_hold(text)


@pytest.mark.parametrize(
    "text",
    [
        "@acme my order 1234 is late, look at it. Please!",
        "@acme @jo@social.example 5 stars",
        "I was at home. Nobody came on 22/11",
    ],
)
def test_the_quick_look_is_quick(text):
    assert not guard.may_hold(text)


def test_places_are_those_of_what_was_typed():
    text = "Hé 👩‍👩‍👧 tel. ＋４４\u200b ７４００ １２３４５６!"
    [found] = guard.find(text)
    assert (
        text[found.start : found.end]
        == found.words
        == "＋４４\u200b ７４００ １２３４５６"
    )


def test_several_in_one_text():
    text = (
        "01512 3456789, jo@example.org / DE89370400440532013000 & 4111 1111 1111 1111"
    )
    assert kinds(text, "DE") == ["phone", "email", "iban", "card"]


def test_two_numbers_side_by_side():
    assert words("07400 123456 07400 654321", "GB") == ["07400 123456", "07400 654321"]


def test_a_number_after_the_address_of_a_page():
    assert words("https://x.example/a 07400 123456", "GB") == ["07400 123456"]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("oh seven four double oh one two three four five six", "GB"),
        ("plus 4 4 seven four zero zero one two three four five six", "DE"),
        ("null eins fünf eins zwei drei vier fünf sechs sieben acht neun", "DE"),
        ("zéro six un deux trois quatre cinq six sept huit", "FR"),
        ("Seven Four Oh Oh, One Two Three, Four Five Six", "GB"),
    ],
)
def test_numbers_in_words(text, region):
    [found] = guard.find(f"call {text}, please", regions=(region,))
    assert (found.kind, found.why, found.words) == ("phone", "hidden", text)
    assert guard.may_hold(f"call {text}, please")


@pytest.mark.parametrize(
    "text",
    [
        "one two three four five six seven eight nine",
        "three two one zero, we start",
        "one one one one one one one one one one one",
        "we have six, seven or eight of nine",
    ],
)
def test_counting_is_no_number(text):
    assert guard.find(text, regions=("GB", "DE", "FR", "US")) == []


def test_what_is_taken_out_leaves_a_sentence():
    text = "Call 07400 123456 or jo@example.org today"
    found = guard.find(text, regions=("GB",))
    assert guard.mask(text, found) == "Call or today"
    assert guard.find(guard.mask(text, found), regions=("GB",)) == []


def test_the_brands_own_is_no_secret():
    ours = guard.Ours(
        phones=frozenset({"+4930123456"}),
        mails=frozenset({"acme.example", "hello.acme@gmail.com"}),
    )
    for text in (
        "call +49 30 123456 or 030/123456",
        "write to jana.kurz@acme.example, jana@mail.acme.example",
        "Hello.Acme@gmail.com",
    ):
        assert kinds(text, "DE", ours=ours) == []
    # a neighbour is not the brand
    assert kinds("030 123457 jo@notacme.example", "DE", ours=ours) == ["phone", "email"]
