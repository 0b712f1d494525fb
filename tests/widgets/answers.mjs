// Answers questions about the widgets, without a browser: JSON in on stdin, JSON out.
import { readFileSync } from "node:fs";
import { readFragment, writeFragment } from "../../sobolev_mini/widgets/explorer.js";
import * as optimum from "../../sobolev_mini/widgets/optimum.js";
import { decades, label, METHODS, svg, ticks } from "../../sobolev_mini/widgets/plot.js";
import { Critic, greedy } from "../../sobolev_mini/widgets/quadratic.js";
import { Sfc32 } from "../../sobolev_mini/widgets/sfc32.js";
import { ToyProblem } from "../../sobolev_mini/widgets/toy.js";

const answers = {
  toy({ slope, discount, points }) {
    const problem = new ToyProblem(slope, discount);
    const found = { breakpoints: problem.breakpoints() };
    for (const name of ["optimalPolicy", "optimalValue", "clippedPolicy", "clippedValue"]) {
      found[name] = points.map(([s]) => problem[name](s));
    }
    for (const name of ["reward", "rewardGradients", "optimalQ", "optimalQGradients", "clippedQ"]) {
      found[name] = points.map(([s, a]) => problem[name](s, a));
    }
    return found;
  },
  train({ slope, discount, settings, steps, seed, batchSize }) {
    const critic = new Critic(new ToyProblem(slope, discount), settings), random = new Sfc32(seed);
    const s = new Float64Array(batchSize), a = new Float64Array(batchSize);
    for (let i = 0; i < steps; i++) critic.step(random.uniform(s), random.uniform(a));
    return { w: [...critic.w], steps: critic.steps, diverged: critic.diverged };
  },
  greedy: ({ w, states, nActions }) => {
    const { actions } = new Critic(new ToyProblem(), { nActions });
    return states.map((s) => greedy(w, s, actions));
  },
  bits({ seed, n }) {
    const random = new Sfc32(seed);
    return Array.from({ length: n }, () => random.next());
  },
  fails({ slope, discount, seed }) {
    try {
      new ToyProblem(slope, discount);
      new Sfc32(seed);
      return "";
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  },
};

Object.assign(answers, {
  methods: () => METHODS,
  ticks: ({ low, high }) => ticks(low, high),
  decades: ({ low, high }) => decades(low, high),
  label: ({ values }) => values.map(label),
  svg: ({ panel }) => svg(panel),
  fragment: ({ hash }) => readFragment(hash, optimum.description),
  written: ({ hash, state }) => writeFragment(hash, "optimum", state),
  optimum: ({ state }) => optimum.show(state),
});

const questions = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(questions.map(({ what, ...rest }) => answers[what](rest))));
