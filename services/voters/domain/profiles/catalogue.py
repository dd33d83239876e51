"""The layouts that are known. A further layout is a further table, and its line here."""

from services.voters.domain.profiles.ohio import OHIO
from services.voters.domain.profiles.pennsylvania import PENNSYLVANIA
from services.voters.domain.profiles.profile import Profile
from services.voters.domain.profiles.van import VAN_LIST

PROFILES: tuple[Profile, ...] = (PENNSYLVANIA, OHIO, VAN_LIST)
