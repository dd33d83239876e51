// Builds elements from text, never from HTML: what a voter said cannot become markup.

/** `element("p", {class: "hint"}, "text", child)`; attributes that are null, undefined or false are left out. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

let toastTimer;

/** Says one sentence at the foot of the page, also to screen readers. */
export function toast(sentence) {
  const place = document.querySelector("[data-toast]");
  if (!place) return;
  place.textContent = sentence;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (place.textContent = ""), 6000);
}
