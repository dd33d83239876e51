"""Who supports us, how far each phone bank has come, and the numbers as they change.

Owns       who is a supporter; voter status, supporter lists, dashboards, hearsay lists.
Publishes  libs.events.gotv
Listens    libs.events.results, queue, voters, identity, and its own.
Promises   the voter's latest answer counts, in whatever order answers arrive; what a dashboard
           shows is at most two seconds old; people's names are asked of the vault, never kept.
"""
