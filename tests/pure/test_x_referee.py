"""X's own library (npm twitter-text) judges how we count: every text, equal lengths.

A table of what people write, then random texts made of its parts with a fixed seed.
Must never pass without the library: what cannot be fetched is an error.
"""

import random
import sys
import unicodedata
from pathlib import Path

import pytest

from networks import x_urls, x_weight

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

from devkit import twitter_text  # noqa: E402

ADDRESSES = """
http://example.com https://example.com/ https://example.com/a/b?c=d&e=f#g
HTTPS://EXAMPLE.COM/Path https://example.com:8080/x http://a.co https://t.co/abcdefghij
https://t.co/abcdefghijk https://t.co/abc-def https://t.co/ http://t.co/aB3?x=1
https://t.co/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
example.com www.example.com example.co.uk sub.domain.example.org/path?x=1
example.shop acme.io acme.io/x a.b.c.d.example.net example.co example.de/ä
example.museum example.photography xn--bcher-kva.example example.xn--p1ai
bücher.example bücher.de bücher.com/straße http://bücher.example/straße
http://例え.jp/パス 例え.jp 例え.テスト http://пример.рф/путь пример.рф почта.рф/я
https://еxample.com http://münchen.de/ä/ö?ü=ß http://مثال.إختبار http://한국.kr
http://1.2.3.4 1.2.3.4 http://1.2.3.4/x http://localhost http://localhost/x
ftp://example.com ftp://example.com/x mailto:jo@example.com jo@example.com
jo.k@example.co.uk @acme.com #acme.com $acme.com @acme/example.com _example.com
-example.com example-.com exa_mple.com exa_mple.example.com example..com .example.com
example.com. example.com, example.com! example.com? example.com: example.com; example.c
http://example.com. http://example.com, (http://example.com) "http://example.com"
'http://example.com' [http://example.com] <http://example.com> {http://example.com}
http://example.com/(a) http://example.com/(a)(b) http://example.com/a_(b)_c
http://example.com/a_(b_(c)) http://example.com/(( http://example.com/a. (example.com)
http://example.com/a?b=. http://example.com/a?b=c, http://example.com/~x/+y/=z
http://example.com/#!/acme http://example.com/a-b_c.d;e,f:g@h http://example.com/%20
http://example.com/a'b http://example.com/a"b http://example.com/a|b http://x.y.z/a*b
http://user:pass@example.com/ http://example.com@evil.com http://http://example.com
http://example.comhttp://example.org example.com/example.org example.com?x=1 a.b
http://example.com?x=y http://example.com?x=y&z http://example.com#frag http://a
https:// https://. https://.com https://-.com http:/example.com //example.com
http://example.invalid example.invalid example.txt readme.md main.py main.rs index.ts
node.js setup.sh e.g. i.e. a.m. p.m. U.S.A Mr.Smith end.Start end.Of end.In it.is
1.5 3.14 10.000 2.0.1 v1.2.com 12:30.com ...com ..com .com com http://com
example.com/日本 http://example.com/日本 日本example.com 日本語http://example.com/x日本
http://example.com日本 example.com日本 テストexample.jpテスト 。example.com。 」example.com
http://example.com/。 http://example.com、x “http://example.com” «example.com» …example.com
example.com… http://example.com… example.com- http://example.com- http://example.com/-
http://example.com/a/ http://example.com/a- http://example.com/a= http://example.com/a_
http://example.com/é http://example.com/e\u0301 exa\u0301mple.com
twitter.com/acme/status/1 x.com x.com/acme https://x.com/acme/status/20?s=20 fb.me
youtu.be/dQw4w9WgXcQ bit.ly/abc goo.gl/maps g.co amzn.to/3 wa.me/123 t.me/acme
tel:+123 javascript:alert(1) file:///etc/passwd data:text/html,x about:blank
http://[::1]/ http://exa mple.com http://example.com/<b> http://example.com\\x
http://www.example.com/very/long/path/that/goes/on/and/on/and/on/for/ever/and/ever
http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com
""".split()  # noqa: E501

LETTERS = [
    "",
    " ",
    "\n",
    "\t\r\n",
    "a",
    "The quick brown fox",
    "ÀÉîõü ß ÿ Œ",
    "Ελληνικά και κυριλλικά",
    "Кириллица и ещё",
    "日本語のテキスト、句読点。",
    "中文字符，全角！",
    "한국어 텍스트",
    "ᄒ\u1161\u11ab",
    "สวัสดีครับ",
    "नमस्ते दुनिया",
    "தமிழ் உரை",
    "مرحبا، المصباح لا يعمل",
    "שלום עולם",
    "\u202eright to left\u202c",
    "e\u0301 a\u0308 o\u0302\u0323",
    "é ä ộ",
    "\u1e9b\u0323 ﬁ ﬀ Å K Ω",
    "Z\u0351\u036b\u0343\u036aa\u0302\u0303l\u0327g\u0328o\u0338",
    "a\u200bb\u200cc\u200dd\u2060e",
    "\u2028\u2029\u00a0\u3000\u2003",
    "‐‑‒–—―‘’“”„†‡•…‰′″‴‵‶‷‸‹›",
    "€ £ ¥ ₿ ™ © ® § ¶",
    "① ② Ⅳ ½ ² ³",
    "←→↑↓⇒∀∃∅∞≠≤≥",
    "𐍈 𝒳 𝔘 𠮷 𩸽",
    "\U0010ffff \ue000 \uf8ff",
    "\ufffd",
    "\ufeff",
    "\ufffe \uffff",
    "\x00\x01\x7f\x85",
    "@acme @jo_k #hashtag #日本 $ACME",
    "＠acme ＃tag",
    "ა ჰ \u10ff \u1100 \u10ff",
    "\u2010\u201f\u2020\u2027\u2028\u202f\u2030\u2031\u2032\u2037\u2038",
    "\u200d \u200e \u200f \u2000 \u1fff",
]
EMOJI = """
😀 😂 🤣 👍 👍🏽 👍🏿 👋🏻 🙏🏾 ❤ ❤️ ♥ ♥️ ☺ ☺️ ☎ ☎️ ✂ ✔ ✔️ ✈ ✈️ ☀ ☀️ ⭐ ⚡ ⌚ ⏰ ⏩ ▶ ▶️ ◀️ ⬛ ⬜ 〰 〰️ 〽️ ㊗ ㊗️
㊙️ © ©️ ® ®️ ™ ™️ ℹ ℹ️ ‼ ‼️ ⁉️ ↔ ↔️ ↩️ ⤴️ ⬅️ Ⓜ Ⓜ️ 🅰 🅰️ 🅱️ 🆎 🈁 🈂️ 🈚 🀄 🃏 🌀 #️⃣ *️⃣ 0️⃣ 9️⃣ #⃣ 1⃣ 🔟
🇩🇪 🇺🇸 🇬🇧 🇯🇵 🇪🇺 🇺🇳 🇽🇽 🇦 🇩 🇩🇪🇺🇸 🇩🇪🇺 🇦🇦 🏴 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴󠁧󠁢󠁷󠁬󠁳󠁿 🏴󠁵󠁳󠁴󠁸󠁿 🏴‍☠️ 🏴‍☠ 🏳 🏳️ 🏳️‍🌈 🏳‍🌈 🏳️‍⚧️ 👨‍👩‍👧‍👦 👨‍👩‍👧 👩‍👩‍👦 👨‍👨‍👧‍👧
👩‍👦‍👦 👩‍❤️‍👩 👩‍❤️‍💋‍👨 💑 💏 👩‍🚀 👩🏽‍🚀 👨🏿‍🔬 🧑‍🚀 🧑🏻‍⚕️ 🧑‍🤝‍🧑 🧑🏻‍🤝‍🧑🏿 👭🏽 👯 👯‍♂️ 👯‍♀️ 🤼‍♀️ 🏃 🏃‍♀️ 🏃🏾‍♂️ 🏃🏾‍♂ 🕵️ 🕵️‍♀️
🕵🏽‍♂️ 🏋️‍♀️ ⛹️ ⛹🏽‍♂️ 🤦🏼‍♀️ 🤷 🤷‍♂️ 💁🏻 🧔 🧔‍♀️ 👱🏽‍♀️ 👨‍🦰 👩🏿‍🦱 🧑‍🦳 👩‍🦯 👨‍🦼 👁 👁️ 👁‍🗨 👁️‍🗨️ 🐕‍🦺 🐈‍⬛ 🐻‍❄️ 🐦‍⬛ 🍋‍🟩
❤️‍🔥 ❤️‍🩹 😮‍💨 😵‍💫 😶‍🌫️ 🫠 🫡 🫱🏽‍🫲🏿 🥲 🥹 🦄 🦊 🥑 🧀 🪐 🪆 🩰 🛼 🫧 🪿 🩷 🫨 👪 🧑‍🧑‍🧒 👨‍🌾 👨‍🍳 👩‍🎓 👩‍🎤 👩‍🎨 👩‍🏫 👩‍🏭
👩‍💻 👩‍💼 👩‍🔧 👩‍✈️ 👩‍⚖️ 👩‍🚒 🧑‍🎄 🧙‍♂️ 🧛‍♀️ 🧜🏽‍♂️ 🧝 🧞‍♂️ 🧟‍♀️ 🧖🏻‍♀️ 🧗 🧘🏾‍♂️ ✊ ✊🏿 ✋🏻 ☝ ☝️ ☝🏽 ✌️ ✌🏼 🖐 🖐🏽 🖕 🤙🏾 🤞 🏻 🏿 a🏽
❄️🔥 🔥🔥🔥 ✨a✨ 💯% ️ ⃣ ‍ ❤‍ 👩‍ 👩‍a ♀ ♀️ ♂ ⚕ ⚖ ✡ ☯ ☪️ ♈ ♾ ♾️ ⚧ ⚧️ ☘ ☘️ 🗨 🗯️ 🕴 🕴🏿 🎅🏽 🏇🏻 🏂🏿
⚽ ⚾ ⛄ ⛔ ⛪ ⛲ ⛺ ⛽ ✅ ❌ ❓ ❗ ➕ ➰ ➿ ⭕ 🔴 🟠 🟣 🟫 🇦🇨 🇿🇼 🇨🇵 🏧 🚮 🛕 🛻 🦽
""".split()  # noqa: E501
JOINTS = [
    "",
    " ",
    "\n",
    ".",
    ",",
    "!",
    "(",
    ")",
    '"',
    "'",
    "/",
    ":",
    "@",
    "#",
    "-",
    "_",
]
JOINTS += [
    "。",
    "、",
    "「",
    "」",
    "…",
    "\u200b",
    "\u00a0",
    "\u202a",
    "é",
    "日",
    "x",
    "1",
]
LONG = [
    "x" * 280,
    "x" * 281,
    "日" * 140,
    "日" * 141,
    "👨‍👩‍👧‍👦" * 140,
    "👍🏽" * 141,
    "e\u0301" * 281,
    "https://example.com/" + "a" * 4060,
    "https://example.com/" + "a" * 4077,
    "https://example.com/" + "a" * 5000,
    "example.com/" + "a" * 4085,
    "word " * 5000,
    "example.com " * 400,
    "http://" * 500,
    "a." * 2000,
    "a.com" * 500,
    "(" * 3000 + "example.com",
    "http://example.com/" + "(a" * 800,
    "http://example.com/" + "(" * 900 + ")" * 900,
    "🇩" * 501,
    "\u200d" * 999,
]


def table():
    """Every part alone, and each address in the middle of things."""
    found = [*LETTERS, *EMOJI, *ADDRESSES, *LONG]
    for address in ADDRESSES:
        found += [f"look at {address} now", f"日本{address}日本", f"{address}{address}"]
        found += [
            f"{joint}{address}{joint}" for joint in ("(", ")", ".", "@", "#", "😀")
        ]
    found += [f"{one}{two}" for one in EMOJI[::3] for two in EMOJI[::17]]
    found += [unicodedata.normalize("NFD", one) for one in (*LETTERS, *ADDRESSES)]
    return found


def made_up(number, seed=20261122):
    """Random texts of the same parts, the same on every run."""
    dice = random.Random(seed)
    kinds = (ADDRESSES, LETTERS, EMOJI, JOINTS, JOINTS)
    for _one in range(number):
        parts = [dice.choice(dice.choice(kinds)) for _two in range(dice.randint(1, 9))]
        yield "".join(parts)


@pytest.fixture(scope="module")
def texts():
    return [*table(), *made_up(4000)]


@pytest.fixture(scope="module")
def judged(texts):
    return twitter_text.measure(texts)


def test_every_text_counts_as_x_counts_it(texts, judged):
    assert len(texts) > 4000
    wrong = [
        (text[:120], x_weight.weigh(text), right)
        for text, right in zip(texts, judged, strict=True)
        if x_weight.weigh(text) != right
    ]
    assert not wrong, f"{len(wrong)} of {len(texts)}; the first: {wrong[:8]}"


def test_the_referee_would_notice(texts, judged):
    """Plain counting differs on much of the table: the table has teeth."""
    plain = sum(len(one) != right for one, right in zip(texts, judged, strict=True))
    urls = sum(bool(x_urls.find(one)) for one in texts)
    assert plain > len(texts) / 2
    assert urls > len(texts) / 5
    assert twitter_text.measure(["abc", "日本", "https://example.com"]) == [3, 4, 23]


def test_what_cannot_be_measured_is_loud(monkeypatch, tmp_path):
    monkeypatch.setattr(twitter_text.node, "packages", lambda _folder: tmp_path)
    with pytest.raises(twitter_text.Failure):
        twitter_text.measure(["x"])
