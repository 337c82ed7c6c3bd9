"""What the sandbox's pretended customers say: people, scenes, and a storm's lines.

All of them are invented. The texts are chosen to try the product as well: right to
left, no spaces, joined emoji, combining letters, links, long and short, kind and
cross. Plain data and one generator; it must never touch a database.
"""

import random
from itertools import count

#: handle -> who that is
PEOPLE = {
    "mika.lehto": {"name": "Mika Lehto", "language": "fi", "followers": 214},
    "noor_h": {"name": "Noor Haddad", "language": "ar", "followers": 1320},
    "lin.tea": {"name": "Lin 林小茶", "language": "zh", "followers": 88},
    "ana.costa": {"name": "Ana Costa", "language": "pt", "followers": 402},
    "jonas_k": {"name": "Jonas Kraft", "language": "de", "followers": 57},
    "priya.runs": {"name": "Priya Raman", "language": "en", "followers": 9400},
    "tom.baker": {"name": "Tom Baker-Hill", "language": "en", "followers": 31},
    "zoe_m": {"name": "Zoé Marchand", "language": "fr", "followers": 640},
    "dealz4you": {"name": "D3ALZ 4 YOU", "language": "en", "followers": 3, "bot": True},
}

#: (handle, text) by scene; a complaint in public
PUBLIC = (
    (
        "tom.baker",
        "my order 4711 came today and the lid of the kettle is cracked. Not what I "
        "expected after two weeks of waiting. Can you help?",
    ),
    (
        "noor_h",
        "السلام عليكم، وصلني الطلب ناقصًا: كوبان بدلًا من أربعة. كيف أحصل على الباقي؟",
    ),
    ("lin.tea", "茶壶的盖子盖不紧，倒茶的时候会漏水。请问可以换一个吗？🫖"),
    (
        "ana.costa",
        "a loja online não aceita o meu cartão desde ontem à noite. Já tentei três "
        "vezes. Alguém me pode ajudar? 🙏",
    ),
    (
        "priya.runs",
        "third late delivery this month. I love the tea, but I planned a party around "
        "it 😕 Where is parcel PK-20931?",
    ),
    ("jonas_k", "Frage: Passt der große Filter auch in die alte Kanne von 2019?"),
    (
        "zoe_m",
        "Merci pour la boîte cadeau, toute la famille est ravie 👩‍👩‍👧‍👦 "
        "Une question : vous livrez aussi en Suisse ?",
    ),
)
#: somebody asks in private
PRIVATE = (
    (
        "mika.lehto",
        "Hi, I would like to change the delivery address of my order 4802. My new "
        "address is not for everybody, so I write here.",
    ),
    (
        "zoe_m",
        "Bonjour, j'ai été débitée deux fois pour la commande 4790. Pouvez-vous "
        "vérifier, s'il vous plaît ?",
    ),
    ("lin.tea", "您好，我想退货，但是找不到退货单。订单号是 4766。谢谢！"),
    (
        "priya.runs",
        "Could somebody call me about the invoice? My number is in my contact card.",
    ),
)
#: what is in the contact card; from the range 555-01xx that is kept for fiction
PHONE = "+1 202 555 0143"
#: in a group of neighbours that ordered together
GROUP = (
    (
        "ana.costa",
        "we are five neighbours and want to order together. Is there a price?",
    ),
    ("jonas_k", "wir hätten gern eine Sammelrechnung für alle fünf. Geht das?"),
    (
        "tom.baker",
        "which of the teas is without caffeine? My neighbour cannot have it.",
    ),
)
#: how people go on after our answer
FOLLOW_UP = (
    "Thank you, that was quick! One more thing: do I have to send the old one back?",
    "I did what you wrote, but it still does not work. What now?",
    "Order number is 4711, bought in May.",
    "شكرًا جزيلًا! متى يصل تقريبًا؟",
    "好的，谢谢。大概要等几天？",
    "Danke! Und bekomme ich das Porto erstattet?",
)
THANKS = ("Perfect, thank you! 🙂", "Merci beaucoup ❤️", "谢谢！", "شكرًا 🌷")
PRAISE = (
    (
        "priya.runs",
        "the new jasmine blend is the best thing that happened this week 🌼",
    ),
    ("ana.costa", "obrigada pela entrega tão rápida! 👏"),
)
#: posts of ours that people are cross about; each is said once in a while
OURS = (
    "From next month on, a box of tea costs 2 € more. We had to raise our prices.",
    "The shop is closed for repairs until tomorrow noon.",
)
SPAM = (
    (
        "dealz4you",
        "🔥🔥 CHEAP FOLLOWERS 🔥🔥 10000 for 5$ → http://deals.example/win?id=1 "
        "#ad #free #win",
    ),
)
#: what an edit changes, and what stays readable of it
EDIT_NOTE = "(edit: it has just arrived, but one cup is missing)"

GIVEN = (
    "Ada Bela Chen Dana Emil Faruk Gita Hana Ivo Jun Kofi Lale Milo Nadia Olu Petra "
    "Quang Rosa Sami Tuva Ugo Vera Wen Ximena Yara Zeno"
).split()
FAMILY = (
    "Abe Berg Cruz Diaz Eze Fischer Gupta Hansen Ito Jensen Khan Lopez Meyer Novak "
    "Okafor Park Quist Rossi Silva Tran Usman Vogel Wong Yilmaz Zhou"
).split()
COMPLAINTS = (
    "the shop has been down for an hour, I cannot pay",
    "order {order} is still not here, and the tracking page shows an error",
    "I was charged twice for order {order}",
    "your app logs me out again and again since this morning",
    "can somebody tell me where parcel {order} is?",
    "die Seite lädt nicht, ich komme nicht an meine Bestellung {order}",
    "la page de paiement tourne dans le vide depuis ce matin 😤",
    "الموقع لا يعمل منذ ساعة، رقم الطلب {order}",
    "网站打不开，订单 {order} 怎么办？",
    "no puedo entrar en mi cuenta, ¿es un problema general?",
    "não consigo finalizar a compra, pedido {order} 😕",
    "is it only me, or is the checkout broken? {order} in my basket",
)


def storm(size, seed=0):
    """``size`` customers at once, each with a line; the same for the same seed.

    Yields ``(handle, values of a new person, text)``; handles do not repeat within
    a storm, nor between storms of different seeds.
    """
    chance = random.Random(seed)
    for index in count():
        if index >= size:
            return
        given, family = chance.choice(GIVEN), chance.choice(FAMILY)
        handle = f"{given}.{family}.{seed}x{index}".lower()
        text = chance.choice(COMPLAINTS).format(order=chance.randrange(4000, 9999))
        yield handle, {"name": f"{given} {family}", "language": "en"}, text
