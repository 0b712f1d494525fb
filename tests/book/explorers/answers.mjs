// Answers questions about the explorers, without a browser: JSON in on stdin, JSON out.
import { readFileSync } from "node:fs";
import { check, readFragment, writeFragment } from "../../../book/sobolev_book/explorers/state.js";
import { halves, modelOf, policy, Walker } from "../../../book/sobolev_book/explorers/ant_walk.js";
import * as agent from "../../../book/sobolev_book/explorers/agent.js";
import * as backup from "../../../book/sobolev_book/explorers/backup.js";
import { open, scene } from "../../../book/sobolev_book/explorers/clip.js";
import * as footprints from "../../../book/sobolev_book/explorers/footprints.js";
import * as hero from "../../../book/sobolev_book/explorers/hero.js";
import * as lab from "../../../book/sobolev_book/explorers/lab.js";
import { LabRun } from "../../../book/sobolev_book/explorers/lab_run.js";
import * as optimum from "../../../book/sobolev_book/explorers/optimum.js";
import * as plane from "../../../book/sobolev_book/explorers/plane.js";
import * as stretch from "../../../book/sobolev_book/explorers/stretch.js";
import { Player } from "../../../book/sobolev_book/explorers/player.js";
import { DARK, decades, label, METHODS, svg, ticks, under } from "../../../book/sobolev_book/explorers/plot.js";
import { Critic, greedy } from "../../../book/sobolev_book/explorers/quadratic.js";
import { describe } from "../../../book/sobolev_book/explorers/recorded.js";
import { Sfc32 } from "../../../book/sobolev_book/explorers/sfc32.js";
import { ToyProblem } from "../../../book/sobolev_book/explorers/toy.js";

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
  dark: () => DARK,
  ticks: ({ low, high }) => ticks(low, high),
  decades: ({ low, high }) => decades(low, high),
  label: ({ values }) => values.map((x) => label(x)),
  svg: ({ panel }) => svg(panel),
  fragment: ({ hash, of = "optimum" }) => readFragment(hash, explorers[of].description),
  written: ({ hash, state }) => writeFragment(hash, "optimum", state),
  numbers: ({ state }) => backup.numbers(state),
  stretched: ({ distances }) => distances.map(stretch.stepsFrom),
  shows: ({ of, state }) => explorers[of].show(state),
  walked: ({ state, n }) => plane.walk(state, n),
  under: ({ panel, places }) => places.map((place) => under(panel, ...place)),
  starts: ({ of }) => check({}, explorers[of].description).state,
  adjusted: ({ of = "lab", state, name }) => explorers[of].description.adjust(state, name),
  moved: ({ asked, state, name }) => lab.description.moved(asked, state, name),
  run({ settings, parts }) {
    const run = new LabRun(settings);
    const seen = parts.map((n) => {
      if (run.ended) run.goOn(60000);
      run.advance((i) => i < n);
      const { steps, end, every, overflow, records } = run;
      const w = [...run.critics.value_only.w, ...run.critics.sobolev.w];
      const [outcomes, states] = ["outcome", "states"].map((of) => ["value_only", "sobolev"].map((x) => run[of](x)));
      return { steps, end, every, overflow, records, w, outcomes, states };
    });
    return seen.at(-1);
  },
  live({ of, wanted, steps }) {
    const { description } = explorers[of], { state, complaints } = check(wanted, description);
    const run = description.live.begin(state);
    description.live.advance(run, (i) => i < steps);
    return { complaints, ...description.show(state, run) };
  },
  // steps of a run of 60,000, and whether it goes on, after each frame of the browser; a frame "play" is a press of Play
  played({ live, frames, calm = false }) {
    let clock = 0;
    const run = { steps: 0, get ended() { return this.steps >= 60000; } };
    const advance = (_, goes) => { for (let i = 0; !run.ended && goes(i); i++) run.steps += 1; };
    const stand = { requestAnimationFrame: () => 0, matchMedia: () => ({ matches: calm }), performance: { now: () => clock } };
    for (const [name, value] of Object.entries(stand)) Object.defineProperty(globalThis, name, { value, configurable: true });
    const player = Object.assign(new Player({ ...live, advance }, () => null), { run });
    return frames.map((frame) => {
      if (frame === "play") player.play(true);
      else clock = frame;
      if (frame !== "play" && player.going) player.tick(frame);
      return [run.steps, player.going];
    });
  },
  recorded({ data, wanted }) {
    const description = describe(data), { state, complaints } = check(wanted, description);
    return { complaints, ...description.show(state) };
  },
  clip: ({ data, panel, step }) => scene(open(data)[panel], step),
  policy({ weights, task, states }) {
    const act = policy(halves(Uint8Array.from(Buffer.from(weights, "base64")).buffer), task.sizes, task.scale);
    return states.map((s) => [...act(s)]);
  },
  async pushed({ mujoco: path, model: xml, task, state, actions, frame, speed }) {
    const { default: load } = await import(path), mujoco = await load();
    const model = modelOf(mujoco, readFileSync(xml, "utf8"), task), found = {};
    for (const [name, size] of [["alone", 0], ["pushed", speed]]) {
      const walker = new Walker(mujoco, model, task, () => actions);
      walker.begin(state);
      for (let k = 0; k < frame; k++) walker.substep();
      const before = walker.data.qvel[1];
      walker.push(size);
      const gained = walker.data.qvel[1] - before;
      walker.substep();
      const kept = walker.data.qvel[1];
      while (walker.steps < 20) walker.step();
      found[name] = { gained, kept, side: walker.way[1] };
      walker.data.delete();
    }
    model.delete();
    return found;
  },
  async decisions({ mujoco: path, model: xml, task, states, actions }) {
    const { default: load } = await import(path), mujoco = await load();
    const model = modelOf(mujoco, readFileSync(xml, "utf8"), task);
    let now = 0;
    const walker = new Walker(mujoco, model, task, () => actions[now]);
    return states.map((s, i) => {
      now = i;
      walker.begin(s);
      walker.step();
      return { state: [...walker.state], reward: walker.reward, ended: walker.ended };
    });
  },
});
const explorers = { agent, backup, footprints, hero, lab, optimum, plane, stretch };

const questions = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(await Promise.all(questions.map(({ what, ...rest }) => answers[what](rest)))));
