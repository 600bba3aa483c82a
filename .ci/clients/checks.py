"""What the clients in Python check with. The first thing that is not as it should be ends a client with one sentence."""

import sys
from pathlib import Path


def refused(what, kind, call):
    try:
        call()
    except kind as error:
        return error
    return fail(f"{what} is not refused")


def contains(what, seen, wanted):
    if wanted not in seen:
        fail(f"{what}: {wanted!r} is not in {seen!r}")


def expect(what, seen, wanted):
    if seen != wanted:
        fail(f"{what}: {seen!r}, not {wanted!r}")


def fail(sentence):
    sys.exit(f"{Path(sys.argv[0]).stem}: {sentence}")
