// An agent's path as hops along the line: what the explorers of chapter 02 draw alike.

export const WALL = 1, AT_REST = 1e-9;

// A path [s0, s1, ...] as one line of plot.js: an arc for each step, as high as the step is long.
export function hops(path, method) {
  const x = [], y = [];
  for (let k = 1; k < path.length; k++) {
    const step = path[k] - path[k - 1];
    if (Math.abs(step) < AT_REST) continue;
    for (let i = 0; i <= 24; i++) {
      const angle = (Math.PI * i) / 24;
      x.push(path[k - 1] + (step * (1 - Math.cos(angle))) / 2);
      y.push(Math.abs(step) * Math.sin(angle));
    }
    x.push(NaN); // the pen is lifted
    y.push(NaN);
  }
  return { x, y, method };
}

// Dots on the ground where a path sets its foot.
export function feet(path, method) {
  return [...new Set(path)].map((x) => ({ x, y: 0, method }));
}

// The path that begins with `path` and follows `rule` for `steps` steps in all.
export function follow(path, rule, steps) {
  const whole = [...path];
  while (whole.length <= steps) whole.push(rule(whole.at(-1)));
  return whole;
}

// What a path has earned after each of `steps` steps, discounted; at its end the agent stays.
export function collected(problem, path, steps) {
  const found = [];
  for (let k = 0, total = 0; k < steps; k++) {
    const [s, a] = [path[k] ?? path.at(-1), path[k + 1] ?? path.at(-1)];
    total += problem.discount ** k * problem.reward(s, a);
    found.push(total);
  }
  return found;
}
