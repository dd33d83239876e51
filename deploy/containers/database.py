"""The check of a process without a door of its own: does its database take its password?

MONGODB_URL=mongodb://… python -m deploy.containers.database
"""

import asyncio
import os
import sys

from libs.database import PyMongoError, connect

ANSWER_SECONDS_MAX = 4.0


async def answers(url: str) -> bool:
    """Whether the replica set has a primary that knows us."""
    client = connect(url, pool_size=1)
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            await client["admin"].command("ping")
    except (PyMongoError, TimeoutError) as error:
        sys.stdout.write(f"{type(error).__name__}\n")
        return False
    finally:
        await client.close()
    return True


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(answers(os.environ["MONGODB_URL"])) else 1)
