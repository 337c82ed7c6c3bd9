"""Run by the addon's Python: precision and recall of the guard on a file of messages.

``python -m bench.guard_judge CONVERSATIONS``; prints JSON. No word of a message leaves
it, unless ``--show`` asks for what was missed or wrong.
"""

import argparse
import hashlib
import json
import time
from collections import Counter
from pathlib import Path

from bench.guard_plants import Planter
from texts import guard

LABELS = Path(__file__).with_name("guard_labels.json")
#: kinds that are found by their form; the others need to know the customer
BY_FORM = ("phone", "email", "card", "iban")
#: where messages of these brands come from
REGIONS = ("US", "GB", "IN")
#: planted messages of each half
PLANTED = 1500


def conversations(path):
    """[(brand, [(id, text)])], every message once."""
    seen = set()
    for one in json.loads(Path(path).read_text()):
        turns = [(turn["tweet_ID"], turn["message"]) for turn in one["dialogContent"]]
        turns.append((one["agentURL"]["tweet_ID"], one["agentURL"]["url_utterance"]))
        fresh = [turn for turn in turns if turn[0] not in seen]
        seen.update(turn[0] for turn in fresh)
        yield one["dialogHeader"]["company"], fresh


def half(message_id):
    """Which half a message belongs to, for good."""
    return (
        "tuned" if hashlib.sha256(message_id.encode()).digest()[0] % 2 else "held out"
    )


class Score:
    def __init__(self, show=False):
        self.hit, self.wrong, self.missed = Counter(), Counter(), Counter()
        self.show = show

    def add(self, text, expected, found):
        """:param expected: [(kind, start, end)]"""
        left = list(expected)
        for one in found:
            match = next(
                (
                    e
                    for e in left
                    if e[0] == one.kind and e[1] < one.end and one.start < e[2]
                ),
                None,
            )
            if match:
                left.remove(match)
                self.hit[one.kind] += 1
            elif not any(
                e[1] < one.end and one.start < e[2] and e[0] == one.kind
                for e in expected
            ):
                self.wrong[one.kind] += 1
                self._tell("wrong", text, one)
        for kind, start, end in left:
            self.missed[kind] += 1
            self._tell("missed", text, (kind, text[start:end]))

    def _tell(self, what, text, one):
        if self.show:
            print(what, one, "|", " ".join(text.split()))

    def result(self):
        return {"hit": self.hit, "wrong": self.wrong, "missed": self.missed}


def real(path, show):
    """Real messages as they are."""
    known = json.loads(LABELS.read_text())
    scores = {"tuned": Score(show), "held out": Score()}
    count, seconds = 0, 0.0
    for brand, turns in conversations(path):
        ours = guard.Ours(mails=frozenset(known["ours"].get(brand, ())))
        own = _customer(turns, known["labels"])
        for key, text in turns:
            expected = [tuple(one) for one in known["labels"].get(key, ())]
            started = time.process_time()
            found = guard.find(text, own, ours, REGIONS)
            seconds += time.process_time() - started
            count += 1
            scores[half(key)].add(text, expected, found)
    return {
        "messages": count,
        "ms": seconds / max(count, 1) * 1000,
        **{name: score.result() for name, score in scores.items()},
    }


def _customer(turns, labels):
    """What the books would hold of the person of this conversation."""
    texts = dict(turns)
    held = [
        (kind, texts[key][start:end])
        for key in texts
        for kind, start, end in labels.get(key, ())
        if kind not in BY_FORM
    ]
    return guard.Own(
        names=tuple(words for kind, words in held if kind == "name"),
        numbers=tuple(one for one in held if one[0] != "name"),
    )


def planted(path, show):
    """The same messages, each with one thing of a customer put in."""
    known = json.loads(LABELS.read_text())["labels"]
    messages = [
        (key, text)
        for _brand, turns in conversations(path)
        for key, text in turns
        if key not in known
    ]
    result = {}
    for name, seed in (("tuned", 4), ("held out", 2026)):
        planter, score = Planter(seed), Score(show and name == "tuned")
        texts = [text for key, text in messages if half(key) == name]
        for number in range(PLANTED):
            region, own, ways = planter.person()
            kind = planter.random.choice(sorted(ways))
            words = planter.random.choice(ways[kind])
            text, start, end = planter.plant(texts[number % len(texts)], kind, words)
            found = guard.find(text, own, guard.NOTHING_OURS, (region, *REGIONS))
            score.add(text, [(kind, start, end)], found)
        result[name] = score.result()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("conversations")
    parser.add_argument("--show", choices=("real", "planted"))
    options = parser.parse_args()
    result = {
        "by_form": BY_FORM,
        "real": real(options.conversations, options.show == "real"),
        "planted": planted(options.conversations, options.show == "planted"),
    }
    if not options.show:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
