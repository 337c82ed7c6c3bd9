"""What a person sees: calm progress lines and one-line errors.

Must never print a traceback for something the person can fix, nor anything secret.
"""

import contextlib
import errno
import sys
import time


class Failure(Exception):
    """Something the person running the command can act on; shown as one line."""


def say(text=""):
    print(text, flush=True)


@contextlib.contextmanager
def step(title):
    """Announce something slow, and say how long it took."""
    started = time.monotonic()
    say(f"- {title} …")
    yield
    seconds = time.monotonic() - started
    if seconds >= 2:
        say(f"  {title}: {seconds:.0f} s")


def main(function):
    """Run an entry point; turn what went wrong into one line and an exit code."""
    try:
        sys.exit(function() or 0)
    except Failure as error:
        reason = str(error)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise
        where = f" ({error.filename})" if error.filename else ""
        reason = f"{error.strerror}{where}"
    print(f"error: {reason}", file=sys.stderr, flush=True)
    sys.exit(1)
