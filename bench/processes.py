"""CPU and memory of every process of a house, by its name."""

from dataclasses import dataclass

import psutil

_MODULES = {
    "deploy.embedded.web": "web",
    "deploy.embedded.relay": "relay",
    "deploy.embedded.mailcatcher": "mailcatcher",
    "services.queue.clock": "clock",
    "services.identity.mailer": "mailer",
    "services.voters.importer": "importer",
    "deploy.embedded.demo": "supervisor",
    "kafka.Kafka": "kafka",
}


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process had used up at one moment."""

    cpu_seconds: float
    memory_mib: float


def usage_of(supervisor_pid: int) -> dict[str, Usage]:
    """By name: the supervisor and all that it started."""
    supervisor = psutil.Process(supervisor_pid)
    found: dict[str, Usage] = {}
    for process in (supervisor, *supervisor.children(recursive=True)):
        try:
            times, memory = process.cpu_times(), process.memory_info()
            name = _name(process.cmdline())
        except psutil.NoSuchProcess:
            continue
        found[name] = Usage(times.user + times.system, memory.rss / 2**20)
    return found


def _name(argv: list[str]) -> str:
    line = " ".join(argv)
    for module, name in _MODULES.items():
        if module in line:
            return name
    if argv and argv[0].endswith("mongod"):
        return "mongodb"
    worker = next((word for word in argv if word.endswith(".worker")), "")
    return f"worker-{worker.split('.')[1]}" if worker else (argv or ["?"])[0]
