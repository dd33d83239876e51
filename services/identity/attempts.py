"""How often somebody may guess, and how often an address may be mailed, before we say: later."""

import ipaddress
import math
import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from libs.chassis.problems import TooMany

# Only wrong guesses count, so a hall of volunteers behind one address is never held up, and a
# stranger's guesses from elsewhere hold up an account late (the hourly figure) and not for long.
FROM_ONE_PLACE = RateLimitItemPerMinute(10, 15, namespace="account-and-network")
FOR_ONE_ACCOUNT = RateLimitItemPerHour(60, 1, namespace="account")
FROM_ONE_NETWORK = RateLimitItemPerMinute(300, 15, namespace="network")
MAILS_TO_ONE_ADDRESS = RateLimitItemPerHour(10, 1, namespace="mails")

# A hall of three hundred who all sign up and ask for a code in one quarter of an hour.
MAILS_FROM_ONE_NETWORK = RateLimitItemPerMinute(600, 15, namespace="mails-from-network")

_IPV6_NETWORK_BITS = 64


class Attempts:
    """Counted in this process's memory; the keys are keyed hashes and networks, never addresses."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def check_guess(self, account: str, network: str) -> None:
        """Raise TooMany, with the time to wait, after too many wrong guesses."""
        for limit, names in _guess_limits(account, network):
            if not self._limiter.test(limit, *names):
                seconds = self._wait_seconds(limit, names)
                minutes = math.ceil(seconds / 60)
                raise TooMany(
                    f"Too many wrong tries; please try again in {minutes} minutes.",
                    retry_after_seconds=seconds,
                )

    def guessed_wrong(self, account: str, network: str) -> None:
        """Count a wrong guess."""
        for limit, names in _guess_limits(account, network):
            self._limiter.hit(limit, *names)

    def guessed_right(self, account: str, network: str) -> None:
        """The owner is here: earlier slips from the same place are forgotten."""
        self._limiter.clear(FROM_ONE_PLACE, account, network)

    def check_mail(self, account: str, network: str) -> None:
        """Count one more mail to this address, asked for from this network.

        Raises TooMany when either has had enough for now.
        """
        if not self._limiter.test(MAILS_FROM_ONE_NETWORK, network):
            seconds = self._wait_seconds(MAILS_FROM_ONE_NETWORK, (network,))
            raise TooMany(
                "Very many mails were asked for from your network; please try again in "
                f"{math.ceil(seconds / 60)} minutes, or over another connection.",
                retry_after_seconds=seconds,
            )
        if not self._limiter.hit(MAILS_TO_ONE_ADDRESS, account):
            seconds = self._wait_seconds(MAILS_TO_ONE_ADDRESS, (account,))
            raise TooMany(
                "We were asked for many mails to this address; look in its junk or spam folder, "
                f"or try again in {math.ceil(seconds / 60)} minutes.",
                retry_after_seconds=seconds,
            )
        self._limiter.hit(MAILS_FROM_ONE_NETWORK, network)

    def _wait_seconds(self, limit: RateLimitItem, names: tuple[str, ...]) -> int:
        reset_at = self._limiter.get_window_stats(limit, *names).reset_time
        return max(1, math.ceil(reset_at - time.time()))


def network_of(host: str | None) -> str:
    """The part of an IP address that one subscriber has: all of IPv4, the first half of IPv6."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if address.version == 4:  # noqa: PLR2004 - the protocol's name, not a figure.
        return str(address)
    return str(ipaddress.ip_network((address, _IPV6_NETWORK_BITS), strict=False))


def _guess_limits(account: str, network: str) -> tuple[tuple[RateLimitItem, tuple[str, ...]], ...]:
    return (
        (FROM_ONE_PLACE, (account, network)),
        (FOR_ONE_ACCOUNT, (account,)),
        (FROM_ONE_NETWORK, (network,)),
    )
