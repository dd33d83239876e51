"""How often a long-lived process looks for garbage."""

import gc

_NEW_OBJECTS = 50_000
_YOUNG_ROUNDS = 20
_OLD_ROUNDS = 20


def settle_memory() -> None:
    """Call once everything is imported and opened.

    What lives for ever is not looked through again, and the rest seldom: a full collection under
    load holds up every caller for tens of milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _YOUNG_ROUNDS, _OLD_ROUNDS)
