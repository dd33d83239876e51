"""New commits of one or several logs, as MongoDB's change stream tells them: whole batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from libs.database import Client, Document, OperationFailure

BATCH_COMMITS_MAX = 1_000
WAIT_MS = 250

# The token's place has left the oplog (ChangeStreamHistoryLost), or the stream cannot go on
# (ChangeStreamFatalError, InvalidResumeToken): the log itself has to be asked.
_TOKEN_LOST = frozenset({286, 280, 260})


class TokenLost(Exception):
    """The oplog no longer reaches back to the token."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Commits by database, each in the order they were written, and the token behind them.

    `cluster_time` is that of the last commit, None when nothing arrived.
    """

    commits: Mapping[str, Sequence[Document]]
    token: Document
    cluster_time: Any = None


class Tail:
    """A change stream over the `commits` of several databases, read by its own getMore commands.

    The driver's stream hands out one document an await; a relay wants what has gathered. One
    stream for all logs, because every stream reads the whole oplog. The server's promises are the
    same: majority-committed inserts only, in oplog order.
    """

    def __init__(self, client: Client, databases: Sequence[str], token: Document | None) -> None:
        self._client = client
        self._databases = list(databases)
        self._token = token
        self._session = client.start_session()
        self._cursor_id = 0

    async def __aenter__(self) -> Self:
        """Open the stream after the token, or from now on. Raises TokenLost."""
        stage: dict[str, Any] = {"allChangesForCluster": True}
        if self._token is not None:
            stage["resumeAfter"] = self._token
        inserted = {
            "operationType": "insert",
            "ns.coll": "commits",
            "ns.db": {"$in": self._databases},
        }
        command = {
            "aggregate": 1,
            "pipeline": [
                {"$changeStream": stage},
                {"$match": inserted},
                {"$project": {"_id": 1, "clusterTime": 1, "ns.db": 1, "fullDocument": 1}},
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

    @property
    def token(self) -> Document | None:
        """Where the stream was opened: going on after it misses nothing."""
        return self._token

    async def next(self) -> Arrived:
        """What has gathered, waiting a quarter of a second for the first. Raises TokenLost."""
        answer = await self._run(
            {
                "getMore": self._cursor_id,
                "collection": "$cmd.aggregate",
                "batchSize": BATCH_COMMITS_MAX,
                "maxTimeMS": WAIT_MS,
            }
        )
        cursor = answer["cursor"]
        self._cursor_id = cursor["id"]
        if not self._cursor_id:
            # The stream was invalidated: nothing can follow on it.
            raise TokenLost
        changes = cursor["nextBatch"]
        commits: dict[str, list[Document]] = {}
        for change in changes:
            commits.setdefault(change["ns"]["db"], []).append(change["fullDocument"])
        token = changes[-1]["_id"] if changes else cursor["postBatchResumeToken"]
        return Arrived(commits, token, changes[-1]["clusterTime"] if changes else None)

    async def _run(self, command: Document) -> Document:
        database = self._client["admin"]
        try:
            # A command does not take the client's own options, zone-aware times among them.
            answer: Document = await database.command(
                command, session=self._session, codec_options=database.codec_options
            )
        except OperationFailure as error:
            if error.code in _TOKEN_LOST:
                raise TokenLost from error
            raise
        return answer
