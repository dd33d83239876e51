"""Who may call, organize and see what.

Owns       callers, organizations, campaigns, roles, sessions, one-time links, the mail outbox.
Publishes  libs.events.identity
Listens    to itself only (lists of organizations and campaigns, ended sessions).
Promises   one person, one caller; no fact and no log line names a person; nobody learns from an
           answer whether an address is known; an ended session is refused within seconds;
           a mail that was asked for outlives a crash.
"""
