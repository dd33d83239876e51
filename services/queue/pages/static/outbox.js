// Results on their way: kept on this device and sent under one key until the server has answered.

import { Offline, ask } from "./api.js";

const RESULT = "phonebank.result.";
const RECEIPT = "phonebank.receipt.";
const RETRY_MS = 15_000;

/**
 * Keeps results of one caller. `changed(entries)` hears of every change, `recorded(entry, body)`
 * of every answer. An entry is `{key, caller, bank, assignment, body, summary, refusal, late}`;
 * `refusal` is the sentence with which the server declined it for good, null while it may still be
 * taken; `late` says that a first try to send it failed.
 */
export class Outbox {
  constructor(caller, { changed, recorded }) {
    this.caller = caller;
    this.changed = changed;
    this.recorded = recorded;
    this.memory = new Map(); // Also holds what storage could not take.
    this.sending = null;
    for (const name of stored(RESULT)) {
      const entry = JSON.parse(localStorage.getItem(name));
      if (entry.caller === caller) this.memory.set(entry.key, { ...entry, late: true });
    }
    addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden || this.flush());
    setInterval(() => this.flush(), RETRY_MS);
    // Closing the tab would lose only what storage refused to keep.
    addEventListener("beforeunload", (event) => {
      if (this.waiting.some((entry) => entry.unstored)) event.preventDefault();
    });
  }

  get entries() {
    return Array.from(this.memory.values());
  }

  get waiting() {
    return this.entries.filter((entry) => !entry.refusal);
  }

  put(entry) {
    this.#keep({ ...entry, caller: this.caller, refusal: null });
    this.changed(this.entries);
  }

  drop(key) {
    this.memory.delete(key);
    forget(RESULT + key);
    this.changed(this.entries);
  }

  /** Sends what waits, oldest first. Answers the error that stopped it, or null when all are answered. */
  flush() {
    this.sending ??= this.#send().finally(() => (this.sending = null));
    return this.sending;
  }

  async #send() {
    for (let entry = this.waiting[0]; entry; entry = this.waiting[0]) {
      try {
        const { body } = await ask("POST", "/results/calls", { body: entry.body, key: entry.key });
        if (body?.receipt) keepReceipt(this.caller, entry.bank, body.receipt);
        this.drop(entry.key);
        this.recorded(entry, body);
      } catch (error) {
        // Logged out, offline, or the server busy: the result waits. Nothing else may keep others back.
        const passes = error instanceof Offline || error.isPassing || error.status === 401;
        if (!passes && error.status === undefined) throw error;
        this.#keep({ ...entry, late: true, refusal: passes ? null : error.message });
        this.changed(this.entries);
        if (passes) return error;
      }
    }
    return null;
  }

  #keep(entry) {
    const kept = remember(RESULT + entry.key, JSON.stringify(entry));
    this.memory.set(entry.key, { ...entry, unstored: !kept });
  }
}

/** The receipt of the last result in this bank, sent along when asking for the next voter. */
export function receiptOf(caller, bank) {
  try {
    return localStorage.getItem(`${RECEIPT}${caller}.${bank}`);
  } catch {
    return null;
  }
}

export function keepReceipt(caller, bank, receipt) {
  remember(`${RECEIPT}${caller}.${bank}`, receipt);
}

export function dropReceipt(caller, bank) {
  forget(`${RECEIPT}${caller}.${bank}`);
}

function remember(name, text) {
  try {
    localStorage.setItem(name, text);
    return true;
  } catch {
    return false;
  }
}

function forget(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // Storage is off: there was nothing to forget.
  }
}

function stored(prefix) {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}
