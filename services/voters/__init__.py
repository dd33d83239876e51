"""Who can be called, and on which line.

Owns       voter files, the vault of people, lines, households, universes, list cleaning.
Publishes  libs.events.voters
Listens    libs.events.results (what calls learned), libs.events.queue (which phone banks
           are for practice), libs.events.identity (ended sessions, campaigns' names)
Promises   a bad row is reported, never dropped in silence; importing twice changes nothing;
           people stay in the vault, facts carry ids; what may not be called is never offered.
"""
