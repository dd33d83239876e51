"""How calls ended and what voters said.

Owns       the calls: dispositions, answers, hearsay, promises; the tallies.
Publishes  libs.events.results
Listens    libs.events.queue (the questions of scripts, phone banks); identity (campaigns' names).
Promises   no result is refused because it came late, repeated or out of order; only the voter
           answers for the voter; what was written about a person lies in the vault, never here.
"""
