"""Every way gotv says no."""

from libs.decider import Invalid, Missing


class NoSuchPhoneBank(Missing):
    """There is no such phone bank; check the link, or wait a moment if it was just created."""


class NoSuchCampaign(Missing):
    """There is no such campaign; check the link, or wait a moment if it was just created."""


class NoSuchVoter(Missing):
    """Nothing is known of such a voter in this campaign; check the id."""


class NoSuchList(Missing):
    """There is no such list; choose one of those that the campaign's lists page names."""


class BallotsUnknown(Invalid):
    """Nobody knows here yet who has voted: ballot files come later. Ask without not_voted."""


class OrderNotServed(Invalid):
    """This list cannot be put in that order; leave `order` out, or name another."""
