"""The letters themselves: who writes, why, what to press, and what to do if it was not you."""

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from services.identity.outbox import Letter

# A name is greeted only if it cannot be an advertisement: anybody may type anybody's address.
_GREETABLE = re.compile(r"[^\W\d_][^\d_<>@:/\\]{0,39}")

_HTML = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body style="margin:0;background:#f5f5f2;color:#1d2321;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:34rem;margin:0 auto;padding:32px 24px">
{paragraphs}
</div>
</body>
</html>
"""
_PARAGRAPH = '<p style="margin:0 0 16px">{}</p>'
_BUTTON = (
    '<p style="margin:24px 0"><a href="{href}" style="display:inline-block;padding:12px 20px;'
    'border-radius:8px;background:#1f5f4a;color:#ffffff;text-decoration:none;font-weight:600">'
    "{label}</a></p>"
)
_WELCOME = (
    "you created an account to call voters with {sender}. "
    "One step is left: please confirm that this is your e-mail address."
)
_REMEMBER = (
    "The link works for 24 hours, on any device. "
    "Remember your e-mail address and password: you log in with them to call."
)
_WELCOME_BY_MAIL = (
    "you registered to call voters with {sender}. "
    "Please confirm that this is your e-mail address, here or with a code when you log in."
)
_REMEMBER_ORGANIZATION = (
    "The link works for 24 hours, on any device. From then on your e-mail address and your "
    "volunteer organization are all you need to log in."
)
_KNOWN = (
    "somebody, probably you, asked for an account or a confirmation link "
    "for this address at {sender}. You already have an account and it is confirmed: just log in."
)
_NO_PASSWORD = "No password, or forgotten? Choose a new one: {url}/forgot"  # noqa: S105 - a text.
_CODE = "your code to log in at {sender} is:"
_CODE_HELP = (
    "Type it in the page that asked for it. It works once, within 10 minutes. Reading this on "
    "another device? Press the button below and go on right there."
)
_CODE_NOT_YOU = (
    "Nobody of ours will ever ask you for this code. If you did not ask for it, ignore this "
    "message: without it nobody gets in."
)
_RESET = (
    "somebody, probably you, asked to choose a new password for your account at {sender}. "
    "The link works once, within an hour. You will be logged out everywhere else."
)
_RESET_NOT_YOU = "If it was not you, ignore this message; your password is as it was."
_CHANGED = (
    "a new password was just set for your account at {sender}. "
    "You are logged out everywhere else. If it was you, there is nothing to do."
)
_CHANGED_NOT_YOU = (
    "If it was not you, choose a new password at once; that logs everybody else out, too."
)


@dataclass(frozen=True, slots=True)
class CallsPage:
    """An organization's public page, and whom to ask."""

    name: str
    path: str
    help_contact: str


@dataclass(frozen=True, slots=True)
class Stationery:
    """What all letters of this installation have in common; `sender` is the name in From."""

    public_url: str
    sender: str

    def confirmation(
        self,
        to: str,
        first_name: str,
        token: str,
        next_path: str | None,
        calls_page: CallsPage | None,
        *,
        has_password: bool = True,
    ) -> Letter:
        """The link that confirms an account, good for a day."""
        link = f"{self.public_url}/confirm?token={quote(token, safe='')}"
        if next_path:
            link += f"&next={quote(next_path, safe='')}"
        what = "account" if has_password else "registration"
        welcome = _WELCOME if has_password else _WELCOME_BY_MAIL
        return self._letter(
            to,
            f"Confirm your {what}",
            [
                _greeting(first_name),
                welcome.format(sender=self.sender),
            ],
            ("Confirm My Account" if has_password else "Confirm Registration", link),
            [
                _REMEMBER if has_password else _REMEMBER_ORGANIZATION,
                "If you did not create an account, ignore this message; nothing happens then.",
            ],
            calls_page,
        )

    def already_known(self, to: str, calls_page: CallsPage | None) -> Letter:
        """For an address with an account, when somebody signs up or asks for a link again."""
        return self._letter(
            to,
            "You already have an account",
            [
                "Hello,",
                _KNOWN.format(sender=self.sender),
            ],
            ("Log in", f"{self.public_url}/log-in"),
            [
                _NO_PASSWORD.format(url=self.public_url),
                "If it was not you, ignore this message; your account is as it was.",
            ],
            calls_page,
        )

    def code(
        self, to: str, first_name: str, code: str, token: str, calls_page: CallsPage | None
    ) -> Letter:
        """A six-digit code and a link that does the same; each works once, for ten minutes."""
        return self._letter(
            to,
            "Your code to start calling",
            [_greeting(first_name), _CODE.format(sender=self.sender), code, _CODE_HELP],
            ("Log in here", f"{self.public_url}/log-in/mail?token={quote(token, safe='')}"),
            [_CODE_NOT_YOU],
            calls_page,
        )

    def reset(self, to: str, first_name: str, token: str, calls_page: CallsPage | None) -> Letter:
        """The link under which a new password is chosen, once, within an hour."""
        return self._letter(
            to,
            "Choose a new password",
            [_greeting(first_name), _RESET.format(sender=self.sender)],
            ("Choose a new password", f"{self.public_url}/reset?token={quote(token, safe='')}"),
            [_RESET_NOT_YOU],
            calls_page,
        )

    def password_changed(self, to: str, first_name: str, calls_page: CallsPage | None) -> Letter:
        """After every change: the owner hears of it even where somebody else made it."""
        return self._letter(
            to,
            "Your password was changed",
            [_greeting(first_name), _CHANGED.format(sender=self.sender), _CHANGED_NOT_YOU],
            ("It was not me: choose a new password", f"{self.public_url}/forgot"),
            [],
            calls_page,
        )

    def _letter(
        self,
        to: str,
        subject: str,
        before: list[str],
        button: tuple[str, str],
        after: list[str],
        calls_page: CallsPage | None,
    ) -> Letter:
        label, link = button
        closing = f"{self.sender} · {self.public_url}"
        text = [*before, f"{label}: {link}", *after]
        html = [*map(_paragraph, before), _BUTTON.format(href=escape(link), label=escape(label))]
        html += map(_paragraph, after)
        if calls_page:
            address = self.public_url + calls_page.path
            text.append(
                f"The Calls Page of {calls_page.name}: {address}\n"
                f"Questions? {calls_page.help_contact}"
            )
            html.append(_calls_page(calls_page, address))
        text.append(closing)
        html.append(_paragraph(closing))
        return Letter(
            to=to,
            subject=subject,
            text="\n\n".join(text) + "\n",
            html=_HTML.format(title=escape(subject), paragraphs="\n".join(html)),
        )


def _greeting(first_name: str) -> str:
    name = first_name.strip()
    return f"Hello {name}," if _GREETABLE.fullmatch(name) and "." not in name else "Hello,"


def _paragraph(text: str) -> str:
    return _PARAGRAPH.format(escape(text))


def _calls_page(page: CallsPage, address: str) -> str:
    link = f'<a href="{escape(address)}">{escape(address)}</a>'
    return _PARAGRAPH.format(
        f"The Calls Page of {escape(page.name)}: {link}<br>Questions? {escape(page.help_contact)}"
    )
