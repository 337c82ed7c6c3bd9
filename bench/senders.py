"""Eight senders in a process of their own, as a network delivers: POST, wait, next.

Reads a JSON job from standard input: url, headers, bodies. Writes how long all took,
each answer's seconds and the statuses. Every delivery has a connection of its own.
"""

import collections
import http.client
import json
import sys
import threading
import time
from urllib.parse import urlsplit

SENDERS = 8


def main():
    job = json.load(sys.stdin)
    target = urlsplit(job["url"])
    waiting = collections.deque(job["bodies"])
    headers = {"Content-Type": "application/json", **job["headers"]}
    statuses, seconds = collections.Counter(), []

    def send():
        while True:
            try:
                body = waiting.popleft()
            except IndexError:
                return
            started = time.perf_counter()
            line = http.client.HTTPConnection(target.hostname, target.port, timeout=60)
            line.request("POST", target.path, json.dumps(body), headers)
            answer = line.getresponse()
            answer.read()
            line.close()
            statuses[answer.status] += 1
            seconds.append(time.perf_counter() - started)

    threads = [threading.Thread(target=send) for _one in range(SENDERS)]
    started = time.perf_counter()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    spent = time.perf_counter() - started
    json.dump({"spent": spent, "seconds": seconds, "statuses": statuses}, sys.stdout)


if __name__ == "__main__":
    main()
