"""The link in a made-up person's mail, read where the demo catches it."""

import re

import httpx

_TOKEN = re.compile(r"[?#&]token=([A-Za-z0-9_-]+)")


async def mailed_token(http: httpx.AsyncClient, mail_url: str, email: str) -> str | None:
    """The token of the newest link mailed to `email`; None while there is no such mail."""
    answer = await http.get(f"{mail_url}/messages", params={"to": email})
    answer.raise_for_status()
    for message in answer.json():
        if found := _TOKEN.search(message["text"]):
            return found.group(1)
    return None
