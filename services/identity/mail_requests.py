"""Somebody asks for a mail to an address: the same work and answer whether it is a caller's."""

import msgspec

from libs.eventstore.store import Request
from services.identity.addresses import normalised
from services.identity.attempts import Attempts
from services.identity.outbox import Kind, Wanted
from services.identity.parts import Records


async def ask_for_mail(
    records: Records,
    attempts: Attempts,
    kind: Kind,
    wanted: Wanted,
    network: str,
    request: Request,
) -> None:
    """Order the mail, once a request; whether there is somebody to write to is the mailer's to see.

    Raises EmailInvalid, and TooMany when an address was mailed too often, known or not, or a
    network asked for too many mails.
    """
    address = normalised(wanted.email)
    if await records.outbox.find(request.commit_id):
        return
    attempts.check_mail(records.addresses.key(address), network)
    asked = msgspec.structs.replace(wanted, email=address)
    await records.outbox.post(request.commit_id, kind, asked, fingerprint="", at=request.meta.at)
