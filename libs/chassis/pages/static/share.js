// Share and Copy buttons. Whoever is logged in shares an invitation of their own, which counts who comes.

import { ask, newKey } from "./api.js";
import { toast } from "./element.js";

// A browser lets a press of a button share for a few seconds only; the plain link is better than none.
const INVITATION_MS = 3000;
const SAID = "The link is copied. Send it to a friend.";
const invitations = new Map();

/** Copies `text` and says so; shows it where that is not allowed. */
export async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    toast(`Please copy it by hand: ${text}`); // No permission, or a page served without TLS.
  }
}

async function invitationTo(body) {
  const named = JSON.stringify(body);
  if (!invitations.has(named)) {
    const signal = AbortSignal.timeout(INVITATION_MS);
    const answer = await ask("POST", "/identity/invitations", { body, key: newKey(), signal });
    invitations.set(named, new URL(`/invitations/${answer.body.invitation_id}`, location.href).href);
  }
  return invitations.get(named);
}

/** The caller's invitation where `data-invite` asks for one (to a phone bank, if it names one), else the plain link. */
async function linkOf({ share: path, invite, inviteOrganization }) {
  const plain = new URL(path || location.pathname, location.href).href;
  if (invite === undefined || !document.body.dataset.caller) return plain;
  try {
    return await invitationTo({ bank_id: invite || null, organization: inviteOrganization || null });
  } catch {
    return plain; // No network, a session that is over, no organization yet: a friend finds the way without it.
  }
}

/** Shares or copies what `button` stands for. */
export async function share(button) {
  const title = button.dataset.shareTitle || document.title;
  const url = await linkOf(button.dataset);
  if (!navigator.share) return copy(url, SAID);
  try {
    await navigator.share({ title, url });
  } catch (error) {
    if (error.name !== "AbortError") await copy(url, SAID);
  }
}
