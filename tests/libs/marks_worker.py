"""A whole worker process for tests: the marks view, and a policy that counts every left mark."""

from datetime import datetime

from libs.chassis.clock import Now
from libs.chassis.settings import Settings
from libs.chassis.worker import run_worker
from libs.database import Database
from libs.events.base import Recorded
from libs.eventstore.store import Log, handle
from libs.views.policy import policy_request
from libs.views.view import Policy
from tests.libs.counting import COUNTER, Count
from tests.libs.marks import Marked, Marks

SERVICE = "middle"


class MarksSettings(Settings):
    """Which version of the view the process has."""

    marks_version: int = 1


def policies(log: Log, _views: Database, now: Now) -> tuple[Policy, ...]:
    """Each left mark is one count of its thing, in our own log."""

    async def count(fact: Recorded) -> None:
        match fact.event:
            case Marked(thing_id=thing_id):
                stream = f"counter-{thing_id}"
                moment: datetime = now()
                request = policy_request("count-marks", fact, stream, moment)
                await handle(log, COUNTER, stream, Count(thing_id), request)

    return (Policy("count-marks", (Marked,), count),)


def main() -> None:
    """Run until ended."""
    settings = MarksSettings()
    view = Marks()
    view.version = settings.marks_version
    run_worker(SERVICE, settings, views=(view,), policies=policies)


if __name__ == "__main__":
    main()
