"""A container's check of health: does it answer at this address?

python -m deploy.containers.answers http://127.0.0.1:8000/queue/readyz
"""

import sys
import urllib.error
import urllib.request

ANSWER_SECONDS_MAX = 4.0


def main(url: str) -> int:
    """The exit code: 0 for an answer below 400. Only what comes with Python, for it runs often."""
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS_MAX):  # noqa: S310 - our own address.
            return 0
    except (urllib.error.URLError, OSError) as error:
        sys.stdout.write(f"{url}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
