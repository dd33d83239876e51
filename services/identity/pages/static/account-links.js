// What the account pages pass on to each other: where the visitor was going, and the address just typed.

const WAITING = "phonebank.waiting-for-mail";

/** Lets the links between log-in and sign-up keep ?next=. */
export function keepNext() {
  const next = new URLSearchParams(location.search).get("next");
  if (!next) return;
  for (const link of document.querySelectorAll("a[data-keep-next]")) {
    link.href = `${link.getAttribute("href")}?next=${encodeURIComponent(next)}`;
  }
}

/** The address whose mail is awaited, kept in this tab only: addresses never go into a URL. */
export function rememberAddress(email) {
  try {
    sessionStorage.setItem(WAITING, email);
  } catch {
    // Storage is off: the next page asks for the address instead.
  }
}

/** The address remembered in this tab, or "". */
export function rememberedAddress() {
  try {
    return sessionStorage.getItem(WAITING) ?? "";
  } catch {
    return "";
  }
}
