"""Who calls whom next.

Owns       the line (assigned, attempt ended, suppressed), the phone bank and its script,
           a caller's raised hand.
Publishes  libs.events.queue
Listens    libs.events.identity, libs.events.voters, libs.events.results
Promises   one caller per phone line; nobody is called at a wrong time or against their wish.
"""
