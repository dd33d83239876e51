"""What every live stream of gotv asks of a request."""

from starlette.requests import Request

from libs.chassis.requests import now_of
from libs.chassis.revocations import Revocations
from libs.chassis.tokens import Principal
from services.gotv.live import EventStream, LiveStreams, Read, last_id_of


def stream_of(
    request: Request, caller: Principal, stream: str, key: str, read: Read
) -> EventStream:
    """A stream for this caller, for as long as the caller's token is good."""
    streams: LiveStreams = request.app.state.live
    revocations: Revocations = request.app.state.revocations

    def may_watch() -> bool:
        return caller.expires_at > now_of(request) and not revocations.has(caller)

    return EventStream(streams, stream, key, read, may_watch=may_watch, last_id=last_id_of(request))
