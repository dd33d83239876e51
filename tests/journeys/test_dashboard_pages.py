"""An organizer's boards and lists in a real Chromium: live, with axe, by keyboard, when lost."""

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, ViewportSize, expect

from tests.journeys.at_work import Room
from tests.journeys.scenes import downloaded
from tests.journeys.test_pages import log_in, look
from tests.support.browser import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

WINDOWS = [pytest.param(PHONE, id="phone"), pytest.param(DESKTOP, id="desktop")]
KINDS = ("supporters", "undecided", "non-supporters", "volunteers", "promises", "hearsay")
FRESH_MS_MAX = 2_000
OK, LATE = 200, 409
TOLD = {LATE: "/problems/another-is-on-it"}


def number_in(text: str) -> int:
    return int(re.sub(r"\D", "", text))


async def figure_of(page: Page, name: str) -> int:
    place = page.locator(f"[data-figure={name}]")
    await expect(place).to_have_text(re.compile(r"\d"))
    return number_in(await place.inner_text())


@pytest.mark.parametrize("window", WINDOWS)
async def test_boards_move_by_themselves(
    room: Room, chromium: Browser, window: ViewportSize
) -> None:
    context = await chromium.new_context(viewport=window, locale="en-US")
    overview = await room.open(context, room.overview)
    board = await context.new_page()
    await board.goto(f"{room.demo.url}{room.overview}/phone-banks/{room.bank_id}")
    before = await figure_of(overview, "calls")
    ids = await figure_of(overview, "ids")
    shown = await figure_of(board, "calls")
    line = overview.locator(f"tr[data-bank='{room.bank_id}']")
    await expect(overview.locator("[data-connection]")).to_have_text("Live")

    voters = await room.volunteer.call(disposition="canvassed", answers={"support": 2})
    wanted = re.compile(rf"^{shown + len(voters):,}$")
    await expect(board.locator("[data-figure=calls]")).to_have_text(wanted, timeout=FRESH_MS_MAX)
    after = re.compile(rf"^{before + len(voters):,}$")
    await expect(overview.locator("[data-figure=calls]")).to_have_text(after, timeout=FRESH_MS_MAX)
    await expect(overview.locator("[data-figure=ids]")).to_have_text(f"{ids + 1:,}")
    await expect(line.locator("[data-cell=calls]")).to_have_text(wanted)
    await expect(line.locator("[data-cell=now]")).to_have_text(re.compile(r"\d"))
    await expect(line.locator("[data-cell=exhausted]")).to_have_text(re.compile(r"\d"))
    await expect(line.locator("[data-status]")).to_have_text("Open")
    await expect(overview.get_by_text("Includes results of calls in practice")).to_be_visible()
    region = overview.get_by_role("region", name="Live figures of the phone banks")
    assert await region.evaluate("place => place.scrollWidth <= place.clientWidth"), "all in sight"

    # Who is left in all banks, with the reason of whoever was just talked to.
    exhausted = overview.locator("[data-left] tr[data-name=exhausted] .figure")
    await expect(exhausted).to_have_text(re.compile(r"[1-9]"))
    why = overview.locator(f"[data-left-bank='{room.bank_id}']")
    await why.locator("summary").press("Enter")
    await expect(why.locator("[data-reason=attempts] .figure")).to_have_text(re.compile(r"[1-9]"))
    await expect(overview.get_by_text("is counted in both, so where they overlap")).to_be_visible()

    # The chart is drawn, and its figures can be read as a table.
    for page in (overview, board):
        await expect(page.locator("[data-chart] canvas")).to_be_visible()
        await page.get_by_text("The same as a table").click()
        await expect(page.locator("[data-chart-rows] tr").first).to_be_visible()
        await page.get_by_text("How these figures are counted").click()
        await expect(page.get_by_text("wrong numbers included")).to_be_visible()
    await look(overview, "overview")
    await look(board, "bank-board")
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
async def test_every_list_is_a_page(room: Room, chromium: Browser, window: ViewportSize) -> None:
    await room.volunteer.fill_every_list()
    context = await chromium.new_context(viewport=window, locale="en-US")
    page = await room.open(context, f"{room.overview}/lists/supporters")
    for kind in KINDS:
        await page.goto(f"{room.demo.url}{room.overview}/lists/{kind}")
        await expect(page.locator("[data-rows] tr").first).to_be_visible()
        await expect(page.locator("[data-connection]")).to_have_text("Live")
        await look(page, f"list-{kind}")
        # A day on which nobody called: said in words, and undone by one button.
        await page.locator("#until").fill("2020-01-01")
        await expect(page.get_by_text("No entry fits these filters.")).to_be_visible()
        await page.get_by_role("button", name="Clear the filters").click()
        await expect(page.locator("[data-rows] tr").first).to_be_visible()
    await context.close()


async def test_a_lists_filters_stay_in_its_address(room: Room, desk: BrowserContext) -> None:
    await room.volunteer.call(disposition="canvassed", answers={"support": 2})
    page = await room.open(desk, f"{room.overview}/lists/supporters")
    rows = page.locator("[data-rows] tr")
    await expect(rows.first).to_be_visible()
    await page.locator("#bank").select_option(room.bank_id)
    await page.locator("#level").select_option("2")
    await page.locator("#since").fill("2020-01-01")
    address = re.compile(rf"\?level=2&bank={room.bank_id}&since=2020-01-01$")
    await expect(page).to_have_url(address)
    await rows.first.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).not_to_have_text("Supporters")
    await page.go_back()
    await expect(page).to_have_url(address)
    for _ in range(2):
        await expect(page.locator("#bank")).to_have_value(room.bank_id)
        await expect(page.locator("#level")).to_have_value("2")
        await expect(page.locator("#since")).to_have_value("2020-01-01")
        await expect(rows.first).to_be_visible()
        await expect(rows.get_by_text("1, strong for")).to_have_count(0)
        await page.reload()
    # The house's one bank with calls is for practice.
    await page.locator("#bank").select_option("without-practice")
    await expect(page.get_by_text("No entry fits these filters.")).to_be_visible()
    await page.get_by_role("button", name="Clear the filters").click()
    await expect(page).to_have_url(f"{room.demo.url}{room.overview}/lists/supporters")


async def test_a_list_is_downloaded_as_it_is_filtered(room: Room, desk: BrowserContext) -> None:
    strong = await room.volunteer.call(disposition="canvassed", answers={"support": 1})
    leaning = await room.volunteer.call(disposition="canvassed", answers={"support": 2})
    page = await room.open(desk, f"{room.overview}/lists/supporters")
    for voters in (strong, leaning):
        there = page.locator(f"[data-voter='{voters[0]['voter_id']}']")
        await expect(there).to_be_visible()
    header, *everybody = await downloaded(page, "Download as CSV")
    assert header[:4] == ["voter_id", "first_name", "last_name", "support"]
    both = {strong[0]["voter_id"], leaning[0]["voter_id"]}
    assert {row[0] for row in everybody} >= both

    await page.locator("#level").select_option("2")
    await expect(page).to_have_url(re.compile(r"\?level=2$"))
    await expect(page.locator("[data-rows]").get_by_text("1, strong for")).to_have_count(0)
    _, *left = await downloaded(page, "Download as CSV")
    assert {row[3] for row in left} == {"2"}
    assert {row[0] for row in left} & both == {leaning[0]["voter_id"]}
    (row,) = (row for row in left if row[0] == leaning[0]["voter_id"])
    assert f"{row[1]} {row[2]}" == leaning[0]["name"]


async def test_a_list_and_its_download_have_one_order(room: Room, desk: BrowserContext) -> None:
    for level in (1, 2):
        await room.volunteer.call(disposition="canvassed", answers={"support": level})
    page = await room.open(desk, f"{room.overview}/lists/supporters")
    await expect(page.get_by_text("There is no order by name")).to_be_visible()
    first = page.locator("[data-rows] tr").first
    for order, words in (("support_down", "2, leaning for"), ("support_up", "1, strong for")):
        await page.get_by_label("Order").select_option(order)
        await expect(page).to_have_url(re.compile(rf"\?order={order}$"))
        await expect(first.get_by_text(words)).to_be_visible()
        _, *everybody = await downloaded(page, "Download as CSV")
        levels = [row[3] for row in everybody]
        assert levels[0] == words[0]
        assert levels == sorted(levels, reverse=order == "support_down")
        shown = await page.locator("[data-rows] tr").evaluate_all(
            "rows => rows.map((row) => row.dataset.voter)"
        )
        assert [row[0] for row in everybody][: len(shown)] == shown
    await expect(page.get_by_role("button", name="Clear the filters")).to_be_hidden()


async def test_a_voter_is_one_key_away(room: Room, desk: BrowserContext) -> None:
    voters = await room.volunteer.call(disposition="canvassed", answers={"support": 1})
    page = await room.open(desk, f"{room.overview}/lists/supporters")
    link = page.get_by_role("link", name=voters[0]["name"], exact=True).first
    await link.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(voters[0]["name"])
    await expect(page.get_by_role("rowheader")).not_to_have_count(0)
    await expect(page.get_by_text("1, strong for").first).to_be_visible()


async def test_who_reads_on_is_told_of_newcomers(room: Room, desk: BrowserContext) -> None:
    first = (await room.volunteer.call(disposition="canvassed", answers={"support": 1}))[0]
    page = await room.open(desk, f"{room.overview}/lists/supporters")
    rows = page.locator("[data-rows] tr")
    await expect(rows.first).to_have_attribute("data-voter", first["voter_id"])
    await expect(page.locator("[data-connection]")).to_have_text("Live")
    await rows.first.get_by_role("link").focus()

    voters = await room.volunteer.call(disposition="canvassed", answers={"support": 2})
    news = page.get_by_role("button", name="1 new: show them")
    await expect(news).to_be_visible()
    await expect(rows.first).to_have_attribute("data-voter", first["voter_id"])
    await news.press("Enter")
    await expect(rows.first).to_have_attribute("data-voter", voters[0]["voter_id"])
    await expect(news).to_be_hidden()
    await expect(rows.first.get_by_role("link")).to_be_focused()

    # At the top of the page, and with the hand elsewhere, they come by themselves.
    await page.locator("main").focus()
    voters = await room.volunteer.call(disposition="canvassed", answers={"support": 2})
    await expect(rows.first).to_have_attribute("data-voter", voters[0]["voter_id"])


async def test_nobody_is_left_in_a_bank_that_has_ended(room: Room, desk: BrowserContext) -> None:
    """The snapshot is the house's own, its phone bank ended and practising left out."""

    async def ended(route: Route) -> None:
        answer = await route.fetch()
        said = await answer.json()
        for line in said["phone_banks"]:
            line |= {"status": "closed", "left": {"now": 7, "later": 8, "exhausted": 9}}
        left = dict.fromkeys(("now", "later", "exhausted", "banks", "banks_counted"), 0)
        await route.fulfill(response=answer, json=said | {"practice_calls": 0, "left": left})

    page = await desk.new_page()
    await page.route("**/dashboard/live", lambda route: route.abort())
    await page.route("**/dashboard", ended)
    await page.goto(f"{room.demo.url}/log-in?next={room.overview}")
    await log_in(page, *room.demo.accounts["Organizer"])
    line = page.locator(f"tr[data-bank='{room.bank_id}']")
    await expect(line.locator("[data-status]")).to_have_text("Closed")
    await expect(line.locator("[data-cell=now]")).to_have_text("\u2013")
    await expect(line.locator("[data-cell=later]")).to_have_text("\u2013")
    await expect(line.locator("[data-cell=exhausted]")).to_have_text("\u2013")
    await expect(page.get_by_text("No phone bank has anybody to call.")).to_be_visible()
    await expect(page.locator("[data-left-bank]")).to_have_count(0)
    await expect(page.get_by_text("Includes results of calls in practice")).to_be_hidden()


@pytest.mark.parametrize("window", WINDOWS)
async def test_a_lead_answers_those_who_ask_for_help(
    room: Room, chromium: Browser, window: ViewportSize
) -> None:
    """The hands are made up, so that their list can fail, refuse and be answered."""
    raised_at = datetime.now(UTC).isoformat()
    hands = [
        {"caller_id": f"01{name}", "organization_id": None, "raised_at": raised_at}
        for name in ("casper", "dorada")
    ]
    answers = {"GET": [503, OK], "DELETE": [503, OK, LATE]}
    keys: list[str | None] = []

    async def board(route: Route) -> None:
        answer = await route.fetch()
        said = {"raised": len(hands), "since": raised_at, "latest": raised_at}
        await route.fulfill(response=answer, json=await answer.json() | {"hands": said})

    async def queue(route: Route) -> None:
        method = route.request.method
        status = answers[method].pop(0)
        if method == "DELETE":
            keys.append(await route.request.header_value("idempotency-key"))
        told = {"type": TOLD.get(status), "detail": "Please wait a moment."}
        await route.fulfill(status=status, json={"hands": hands} if status == OK else told)

    context = await chromium.new_context(viewport=window, locale="en-US")
    await context.route("**/dashboard/live", lambda route: route.abort())
    await context.route("**/gotv/phone-banks/*/dashboard", board)
    await context.route("**/queue/phone-banks/*/hands**", queue)
    page = await room.open(context, f"{room.overview}/phone-banks/{room.bank_id}")
    problem = page.locator("[data-hand-problem]")
    await expect(problem).to_contain_text("Please wait a moment.")
    await look(page, "hands-failing")
    await page.get_by_role("button", name="Try again").press("Enter")
    await expect(problem).to_be_hidden()
    rows = page.locator("[data-hand]")
    await expect(rows).to_have_count(2)
    await look(page, "hands-up")

    first = page.get_by_role("button", name="I am on it: Caller casper")
    await first.press("Enter")
    await expect(problem).to_contain_text("Please wait a moment.")
    await first.press("Enter")
    await expect(rows).to_have_count(1)
    await expect(page.get_by_text("You are on it. Caller casper is told")).to_be_visible()
    await expect(page.get_by_role("button", name="I am on it: Caller dorada")).to_be_focused()
    assert keys[0] is not None
    assert keys[0] == keys[1], "tried again, it is the same answer"
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Nobody asks for help now.")).to_be_visible()
    await expect(page.get_by_text("Another lead is on it. You need not get in")).to_be_visible()
    await expect(problem).to_be_hidden()
    await expect(page.get_by_role("heading", name="Asking for help")).to_be_focused()
    await look(page, "hands-answered")

    answers["GET"] = [403]
    await page.reload()
    await expect(problem).to_contain_text("Please wait a moment.")
    await expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    await context.close()


async def test_a_board_that_is_cut_off_says_so_and_comes_back(
    room: Room, desk: BrowserContext
) -> None:
    page = await desk.new_page()
    live = "**/dashboard/live"
    await page.route(live, lambda route: route.abort())
    await page.goto(f"{room.demo.url}/log-in?next={room.overview}")
    await log_in(page, *room.demo.accounts["Organizer"])
    connection = page.locator("[data-connection]")
    await expect(connection).to_have_text("Reconnecting")
    await figure_of(page, "calls")
    await expect(connection).to_have_text(re.compile(r"^Stale since \d+:\d\d"))
    await look(page, "overview-stale")
    await page.unroute(live)
    await expect(connection).to_have_text("Live")
