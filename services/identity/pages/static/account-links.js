// What the account pages pass on to each other: the address just typed.

const WAITING = "phonebank.waiting-for-mail";

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
