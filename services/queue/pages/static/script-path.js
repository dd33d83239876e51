// Which parts of a script follow from the answers given so far. Pure: the call screen and the editor share it.

const END = "end";

function isGiven(given, value) {
  if (given === undefined || given === null) return false;
  return Array.isArray(given) ? given.includes(String(value)) : String(given) === String(value);
}

// 0 is "would not say": no level of support, so neither at most nor at least anything.
function compares(asked, given, value, test) {
  const number = Number(given);
  if (given === undefined || given === null || Number.isNaN(number)) return false;
  if (asked.meaning === "support" && number === 0) return false;
  return test === "at_most" ? number <= Number(value) : number >= Number(value);
}

function holds(condition, asked, answers) {
  const given = answers[asked.id];
  const { test = "is", value } = condition;
  if (test === "at_most" || test === "at_least") return compares(asked, given, value, test);
  const isOne = [value].flat().some((each) => isGiven(given, each));
  if (test === "is_not") return given !== undefined && given !== null && !isOne;
  return isOne;
}

/**
 * `{blocks, steps, waits}`: the ids of what to show (steps that show something), and whether an answer is needed
 * to know what comes next.
 * A block with a condition is shown only while the question it is about is shown and so answered.
 */
export function pathOf(script, answers) {
  const all = new Map(script.blocks.map((block) => [block.id, block]));
  const order = [null, ...(script.steps ?? []).map((step) => step.id)];
  const then = new Map((script.steps ?? []).map((step) => [step.id, step.then]));
  const path = { blocks: new Set(), steps: new Set(), waits: false };
  for (let at = 0; at >= 0 && at < order.length;) {
    const step = order[at];
    let next = then.get(step) ?? order[at + 1] ?? END;
    for (const block of script.blocks.filter((each) => (each.step ?? null) === step)) {
      const condition = block.show_if;
      if (condition && !(path.blocks.has(condition.block) && holds(condition, all.get(condition.block), answers))) continue;
      path.blocks.add(block.id);
      if (step !== null) path.steps.add(step);
      const chosen = block.options?.find((option) => isGiven(answers[block.id], option.value));
      if (chosen?.go_to) {
        next = chosen.go_to;
        break;
      }
      if (!chosen && block.options?.length && block.options.every((option) => option.go_to)) {
        path.waits = true;
        return path;
      }
    }
    if (next === END) return path;
    at = order.indexOf(next);
  }
  return path;
}

/** The answers to what is shown: one that a later answer made beside the point is not the voter's. */
export function answersShown(script, answers) {
  const { blocks } = pathOf(script, answers);
  return Object.fromEntries(Object.entries(answers).filter(([id]) => blocks.has(id)));
}
