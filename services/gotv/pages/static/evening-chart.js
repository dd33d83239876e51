// Dials and contacts by time: a chart for the eye, and the same figures as a table.

import { element } from "./element.js";
import { inWords } from "./local-time.js";

const HEIGHT_PX = 220;
const STEPS_SECONDS = [600, 1200, 1800, 3600, 7200, 10800];
const dark = matchMedia("(prefers-color-scheme: dark)");

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function timesOf(series) {
  return series.dials.map((_, place) => series.begins_at + place * series.step_seconds);
}

function options(width) {
  const ink = token("--ink-quiet");
  const grid = { stroke: token("--line"), width: 1 };
  // Contacts are among the dials: a narrower bar in front of theirs.
  const wide = globalThis.uPlot.paths.bars({ size: [0.8, 60], align: 1 });
  const narrow = globalThis.uPlot.paths.bars({ size: [0.4, 30], align: 1 });
  const axis = { stroke: ink, grid, ticks: grid, font: `12px ${token("--font")}` };
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, low, high) => [0, Math.max(5, Math.ceil(high * 1.1))] } },
    axes: [
      { ...axis, space: 70, incrs: STEPS_SECONDS, values: (_, splits) => splits.map((seconds) => inWords(new Date(seconds * 1000), "time")) },
      { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] },
    ],
    series: [
      {},
      { fill: token("--support-2"), stroke: token("--support-2"), width: 0, points: { show: false }, paths: wide },
      { fill: token("--support-4"), stroke: token("--support-4"), width: 0, points: { show: false }, paths: narrow },
    ],
  };
}

/** Answers a function that shows a series `{begins_at, step_seconds, dials, contacts}` on `page`. */
export function eveningChart(page) {
  const place = page.querySelector("[data-chart]");
  const rows = page.querySelector("[data-chart-rows]");
  let chart = null;
  let series = null;
  let shown = "";

  function data() {
    const times = timesOf(series);
    // One more moment without figures, so that the last bar has room.
    return [[...times, times.at(-1) + series.step_seconds], [...series.dials, null], [...series.contacts, null]];
  }

  function draw() {
    if (!series || !globalThis.uPlot || !place.clientWidth) return;
    chart?.destroy();
    chart = new globalThis.uPlot(options(place.clientWidth), data(), place);
  }

  function showRows() {
    rows.replaceChildren(...timesOf(series).map((seconds, at) => {
      const moment = new Date(seconds * 1000);
      return element("tr", {},
        element("th", { scope: "row" }, element("time", { datetime: moment.toISOString() }, inWords(moment, "time"))),
        element("td", { class: "figure" }, series.dials[at].toLocaleString()),
        element("td", { class: "figure" }, series.contacts[at].toLocaleString()));
    }).reverse());
  }

  new ResizeObserver(() => {
    if (chart && place.clientWidth && chart.width !== place.clientWidth) chart.setSize({ width: place.clientWidth, height: HEIGHT_PX });
  }).observe(place);
  dark.addEventListener("change", draw);

  return (next) => {
    const said = JSON.stringify(next);
    if (said === shown) return;
    shown = said;
    series = next;
    if (chart) chart.setData(data());
    else draw();
    showRows();
  };
}
