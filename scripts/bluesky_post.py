#!/usr/bin/env python3
"""Write as a customer on the Bluesky network of `make run REAL=bluesky`, and read.

    scripts/bluesky_post.py joan "@brand my lamp broke"     a public post
    scripts/bluesky_post.py joan --reply "Thank you!"       below the newest answer
    scripts/bluesky_post.py joan --private "It is 4711"     a private message to @brand
    scripts/bluesky_post.py joan                            what was said so far

The customers are joan and sami.
"""

import argparse
import time

from devkit import bluesky, bluesky_people, console


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("who", choices=bluesky.CUSTOMERS)
    parser.add_argument("text", nargs="?", default="")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--reply", action="store_true", help="answer the newest answer")
    way.add_argument("--private", action="store_true", help="write to @brand alone")
    # options may stand between the name and the text
    options = parser.parse_intermixed_args()
    if (options.reply or options.private) and not options.text:
        parser.error("say what to write")
    network = bluesky.of_make_run()
    network.find()
    person = bluesky_people.Person(network, options.who)
    if options.private:
        person.write(options.text)
    elif options.text:
        uri = person.post(options.text, _newest(person) if options.reply else None)
        _wait(person, uri)
    show(person)


def _newest(person):
    """The newest post of somebody else in this person's threads."""
    others = [
        post
        for thread in person.threads()
        for _depth, post in thread
        if post["author"]["did"] != person.did
    ]
    if not others:
        raise console.Failure("nobody has answered yet")
    return max(others, key=lambda post: post["indexedAt"])


def _wait(person, uri):
    """Until everybody sees the post; a second at most on an idle machine."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if person.call("app.bsky.feed.getPosts", uris=uri)["posts"]:
            return
        time.sleep(0.2)
    raise console.Failure("the network does not show the post")


def show(person):
    for thread in person.threads():
        for depth, post in thread:
            author, text = post["author"]["handle"], post["record"]["text"]
            at = post["indexedAt"][11:16]
            console.say(f"{'    ' * depth}{at} @{author}: {text}")
        console.say()
    try:
        messages = person.messages()
    except console.Failure:
        return  # the brand takes no private messages, or none yet
    if messages:
        console.say("in private")
    for name, text in messages:
        console.say(f"    @{name}: {text}")


console.main(main)
