"""New commits as MongoDB's change stream tells them: whole batches, in the order of the oplog."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from libs.database import Database, Document, OperationFailure

BATCH_COMMITS_MAX = 1_000
WAIT_MS = 250

# The token's place has left the oplog (ChangeStreamHistoryLost), or the stream cannot go on
# (ChangeStreamFatalError, InvalidResumeToken): the log itself has to be asked.
_TOKEN_LOST = frozenset({286, 280, 260})


class TokenLost(Exception):
    """The oplog no longer reaches back to the token."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Commits in the order they were written, and the token to go on after them."""

    commits: Sequence[Document]
    token: Document
    cluster_time: Any = None


class Tail:
    """A change stream over `commits`, read by its own getMore commands.

    The driver's stream hands out one document an await; a relay wants what has gathered. The
    server's promises are the same: majority-committed inserts only, in oplog order.
    """

    def __init__(self, database: Database, token: Document | None) -> None:
        self._database = database
        self._token = token
        self._session = database.client.start_session()
        self._cursor_id = 0

    async def __aenter__(self) -> Self:
        """Open the stream after the token, or from now on. Raises TokenLost."""
        stage: dict[str, Any] = {} if self._token is None else {"resumeAfter": self._token}
        command = {
            "aggregate": "commits",
            "pipeline": [
                {"$changeStream": stage},
                {"$match": {"operationType": "insert"}},
                {"$project": {"_id": 1, "clusterTime": 1, "fullDocument": 1}},
            ],
            "cursor": {"batchSize": 0},
            "readConcern": {"level": "majority"},
        }
        answer = await self._run(command)
        self._cursor_id = answer["cursor"]["id"]
        self._token = answer["cursor"].get("postBatchResumeToken", self._token)
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Let the session go; the server drops the cursor with it."""
        await self._session.end_session()

    async def next(self) -> Arrived:
        """What has gathered, waiting a quarter of a second for the first. Raises TokenLost."""
        answer = await self._run(
            {
                "getMore": self._cursor_id,
                "collection": "commits",
                "batchSize": BATCH_COMMITS_MAX,
                "maxTimeMS": WAIT_MS,
            }
        )
        cursor = answer["cursor"]
        self._cursor_id = cursor["id"]
        if not self._cursor_id:
            # The collection was dropped or renamed: nothing can follow on this stream.
            raise TokenLost
        changes = cursor["nextBatch"]
        token = changes[-1]["_id"] if changes else cursor["postBatchResumeToken"]
        cluster_time = changes[-1]["clusterTime"] if changes else None
        return Arrived([change["fullDocument"] for change in changes], token, cluster_time)

    @property
    def token(self) -> Document | None:
        """Where the stream was opened: going on after it misses nothing."""
        return self._token

    async def _run(self, command: Document) -> Document:
        try:
            # A command does not take the database's own options, zone-aware times among them.
            answer: Document = await self._database.command(
                command, session=self._session, codec_options=self._database.codec_options
            )
        except OperationFailure as error:
            if error.code in _TOKEN_LOST:
                raise TokenLost from error
            raise
        return answer
