// A server-sent event stream that says whether it is live, and never gives up.

const RETRY_MS = 5_000;

/**
 * Listens at `path`. `on` maps event names to functions of the parsed JSON; `state` hears `live`
 * or `waiting`, and `closed` when an answer was no stream, which does not say why. Answers a
 * function that stops listening.
 */
export function listen(path, on, state = () => {}, closed = () => {}) {
  let source;
  let timer;
  let stopped = false;

  function open() {
    source = new EventSource(path);
    source.onopen = () => state("live");
    source.onerror = () => {
      state("waiting");
      // The browser gives up for good on any answer but a stream (a restart's 503, say); we do not.
      if (source.readyState !== EventSource.CLOSED || stopped) return;
      timer = setTimeout(open, RETRY_MS);
      closed();
    };
    for (const [name, take] of Object.entries(on)) {
      source.addEventListener(name, (event) => take(JSON.parse(event.data)));
    }
  }

  open();
  return () => {
    stopped = true;
    clearTimeout(timer);
    source.close();
  };
}
