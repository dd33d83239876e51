"""The rules about one caller."""

from datetime import UTC, datetime

import pytest

from libs.events.base import Event
from libs.events.identity import (
    CallerConfirmed,
    CallerErased,
    CallerLanguagesDeclared,
    CallerLinesKnown,
    CallerNumberChanged,
    CallerRegistered,
    Role,
    RoleGranted,
    RoleWithdrawn,
    SessionsRevoked,
)
from services.identity.domain.caller import (
    CALLER,
    AppointFirstOrganizer,
    ChangeNumber,
    Command,
    ConfirmCaller,
    DeclareLanguages,
    EndSessions,
    EraseCaller,
    GrantRole,
    KnowLines,
    RegisterCaller,
    RevokeSessions,
    WithdrawRole,
)
from services.identity.domain.errors import CallerErased as Erased
from services.identity.domain.errors import (
    CallerNotConfirmed,
    FieldInvalid,
    NoSuchCaller,
    OwnRole,
)
from tests.support.spec import spec

AT = datetime(2026, 10, 5, 12, tzinfo=UTC)
registered = CallerRegistered(caller_id="ann", door="action_id")
confirmed = CallerConfirmed(caller_id="ann")
erased = CallerErased(caller_id="ann")
admin = RoleGranted(caller_id="ann", role="campaign_admin", campaign_id="c1")
caller = spec(CALLER)


def test_somebody_registers() -> None:
    caller.when(RegisterCaller("ann", "action_id")).then(registered)


def test_registering_twice_changes_nothing() -> None:
    caller.given(registered).when(RegisterCaller("ann", "action_id")).then()


def test_the_link_confirms_once() -> None:
    caller.given(registered).when(ConfirmCaller("ann")).then(confirmed)
    caller.given(registered, confirmed).when(ConfirmCaller("ann")).then()


def test_a_stranger_is_not_confirmed() -> None:
    caller.when(ConfirmCaller("ann")).then_refused(NoSuchCaller)


def test_the_first_organizer_is_in_charge_at_once() -> None:
    caller.when(AppointFirstOrganizer("ann", "c1", "o1")).then(
        registered,
        confirmed,
        admin,
        RoleGranted(caller_id="ann", role="coordinator", organization_id="o1"),
    )
    caller.given(registered).when(AppointFirstOrganizer("ann", "c1", "o1")).then()


def test_a_role_is_given_once() -> None:
    grant = GrantRole("ann", "campaign_admin", campaign_id="c1")
    caller.given(registered, confirmed).when(grant).then(admin)
    caller.given(registered, confirmed, admin).when(grant).then()


def test_the_same_role_for_another_campaign_is_another_role() -> None:
    grant = GrantRole("ann", "campaign_admin", campaign_id="c2")
    other = RoleGranted(caller_id="ann", role="campaign_admin", campaign_id="c2")
    caller.given(registered, confirmed, admin).when(grant).then(other)


def test_nobody_unconfirmed_gets_a_role() -> None:
    grant = GrantRole("ann", "lead", campaign_id="c1")
    caller.given(registered).when(grant).then_refused(CallerNotConfirmed)


@pytest.mark.parametrize(
    ("role", "campaign_id", "organization_id"),
    [
        ("lead", None, None),
        ("lead", "c1", "o1"),
        ("campaign_admin", None, "o1"),
        ("coordinator", "c1", None),
    ],
)
def test_a_role_is_for_the_right_kind_of_thing(
    role: Role, campaign_id: str | None, organization_id: str | None
) -> None:
    grant = GrantRole("ann", role, campaign_id, organization_id)
    caller.given(registered, confirmed).when(grant).then_refused(FieldInvalid)


def test_a_role_that_is_taken_ends_the_sessions_that_had_it() -> None:
    taking = WithdrawRole("ann", "campaign_admin", "bob", AT, campaign_id="c1")
    gone = RoleWithdrawn(caller_id="ann", role="campaign_admin", campaign_id="c1")
    ended = SessionsRevoked(caller_id="ann", session_id=None, revoked_at=AT)
    caller.given(registered, confirmed, admin).when(taking).then(gone, ended)
    caller.given(registered, confirmed, admin, gone).when(taking).then()
    again = GrantRole("ann", "campaign_admin", campaign_id="c1")
    caller.given(registered, confirmed, admin, gone).when(again).then(admin)


def test_only_the_very_role_is_taken() -> None:
    others: tuple[tuple[Role, str], ...] = (("lead", "c1"), ("campaign_admin", "c2"))
    for role, campaign_id in others:
        taking = WithdrawRole("ann", role, "bob", AT, campaign_id=campaign_id)
        caller.given(registered, confirmed, admin).when(taking).then()


def test_nobody_takes_their_own_role_so_the_last_organizer_stays() -> None:
    taking = WithdrawRole("ann", "campaign_admin", "ann", AT, campaign_id="c1")
    caller.given(registered, confirmed, admin).when(taking).then_refused(OwnRole)


def test_sessions_end_one_or_all() -> None:
    ended = SessionsRevoked(caller_id="ann", session_id="s1", revoked_at=AT)
    caller.given(registered, confirmed).when(RevokeSessions("ann", "s1", AT)).then(ended)
    all_ended = SessionsRevoked(caller_id="ann", session_id=None, revoked_at=AT)
    caller.given(registered, confirmed).when(RevokeSessions("ann", None, AT)).then(all_ended)


def test_erasing_ends_every_session_and_everything_after() -> None:
    all_ended = SessionsRevoked(caller_id="ann", session_id=None, revoked_at=AT)
    caller.given(registered, confirmed, admin).when(EraseCaller("ann", AT)).then(erased, all_ended)
    gone = caller.given(registered, confirmed, admin, erased)
    gone.when(ConfirmCaller("ann")).then_refused(Erased)
    gone.when(EraseCaller("ann", AT)).then_refused(Erased)
    assert CALLER.fold(gone.facts).roles == ()


known = CallerLinesKnown(caller_id="ann", campaign_id="c1", number_id="n1")
changed = CallerNumberChanged(caller_id="ann", number_id="n2")
spanish = CallerLanguagesDeclared(caller_id="ann", languages=("es",))
ended = SessionsRevoked(caller_id="ann", session_id="s1", revoked_at=AT)
KNOW = KnowLines("ann", "n1", ("c1",))
TOLD: list[tuple[tuple[Event, ...], Command, tuple[Event, ...]]] = [
    ((), ConfirmCaller("ann", ("es",)), (confirmed, spanish)),
    ((confirmed,), ConfirmCaller("ann", ("es",)), ()),
    ((), KNOW, (known,)),
    ((known,), KNOW, ()),
    (
        (known,),
        KnowLines("ann", "n1", ("c1", "c2")),
        (known.model_copy(update={"campaign_id": "c2"}),),
    ),
    (
        (known, changed),
        KnowLines("ann", "n2", ("c1",)),
        (known.model_copy(update={"number_id": "n2"}),),
    ),
    ((), ChangeNumber("ann", ""), ()),
    ((), ChangeNumber("ann", "n2"), (changed,)),
    ((changed,), ChangeNumber("ann", "n2"), ()),
    ((), DeclareLanguages("ann", ("es",)), (spanish,)),
    ((spanish,), DeclareLanguages("ann", ("es",)), ()),
    ((), EndSessions("ann", ("s1",), AT), (ended,)),
    ((), EndSessions("ann", (), AT), ()),
]


@pytest.mark.parametrize(("given", "command", "expected"), TOLD)
def test_what_callers_tell_of_themselves(
    given: tuple[Event, ...], command: Command, expected: tuple[Event, ...]
) -> None:
    caller.given(registered, *given).when(command).then(*expected)
    caller.when(command).then_refused(NoSuchCaller)
    caller.given(registered, erased).when(command).then_refused(Erased)


def test_lines_are_known_for_the_number_they_were_made_of() -> None:
    state = CALLER.fold([registered, known, changed])
    assert state.campaigns_known("n1") == {"c1"}
    assert state.campaigns_known("n2") == frozenset()
