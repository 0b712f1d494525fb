// Policies that walk in the page: nothing is loaded before a click.

import { draw, parts } from "./ant_draw.js";
import { halves, modelOf, policy, Walker } from "./ant_walk.js";
import { DARK, METHODS } from "./plot.js";
import { check, readFragment, toAddress } from "./state.js";

const PUSH = 2, SLOWER = 4; // m/s; times
const FOLLOWS = 0.3; // of the way to the torso: the camera's, a picture
const FROM_DISK = `<p>From disk a browser does not load MuJoCo's WebAssembly, so the Ant does not walk here. Run <code>make serve</code> and open
  <a href="http://127.0.0.1:8000/notebooks/09_ant.html">http://127.0.0.1:8000/notebooks/09_ant.html</a>: there it does.</p>`;
const LONGEST = 0.1; // seconds that a picture may take up: after more the walk falls behind the clock

export class Live {
  // place: { base: address of the folder with MuJoCo and policies, size: megabytes to load }
  constructor(root, data, place) {
    Object.assign(this, { root, data, place, going: false, slow: false, policies: {} });
    const runs = [...new Set(Object.values(data.runs).flat())].map(String), starts = data.starts.map((_, i) => String(i + 1));
    this.description = { name: "ants", controls: [
      { name: "run", label: "trained run", values: runs, start: String(data.begins.run) },
      { name: "start", label: "start", values: starts, start: String(data.begins.start) },
    ] };
    if (place.base.startsWith("file:")) {
      root.innerHTML = FROM_DISK;
      return;
    }
    root.innerHTML = `<button type="button" class="load">Walk here: load MuJoCo, ${place.size} MB</button><p class="words" role="status"></p>`;
    this.load = root.querySelector(".load");
    this.load.addEventListener("click", () => this.begin());
  }

  say(text) {
    this.root.querySelector("[role=status]").textContent = text;
  }

  async begin() {
    if (this.load.getAttribute("aria-disabled")) return;
    this.load.setAttribute("aria-disabled", "true"); // and keeps the focus
    this.say(`Loading MuJoCo, ${this.place.size} MB …`);
    try {
      const { default: start } = await import(`${this.place.base}mujoco.js`);
      const [mujoco, xml] = await Promise.all([start(), this.fetched("ant.xml").then((answer) => answer.text())]);
      Object.assign(this, { mujoco, model: modelOf(mujoco, xml, this.data.task) });
      this.build();
      await this.set(readFragment(location.hash, this.description));
      this.play();
      this.part("play").focus();
    } catch (error) {
      this.load.removeAttribute("aria-disabled");
      this.say(`MuJoCo did not load (${error.message}). The films above stay.`);
    }
  }

  async fetched(name) {
    const answer = await fetch(this.place.base + name);
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return answer;
  }

  build() {
    const lists = this.description.controls.map(({ name, label, values }) => `<label><span>${label}</span><select name="${name}">${values.map((x) => `<option>${x}</option>`).join("")}</select></label>`);
    this.root.innerHTML = `<div class="controls">${lists.join("")}<label><span>slow motion</span><input type="checkbox" name="slow"></label></div>
      <div class="player"><button type="button" name="play">Pause</button><button type="button" name="again">Reset</button><button type="button" name="push">Push sideways</button></div>
      <div class="stages"></div><table><thead><tr><th scope="col">live</th><th scope="col">time</th><th scope="col">distance</th><th scope="col">height</th><th scope="col">return</th></tr></thead><tbody></tbody></table>
      <p class="words" role="status"></p><p>MuJoCo ${this.mujoco.mj_versionString()} by Google DeepMind, Apache-2.0, runs in this page.</p>`;
    this.part = (name) => this.root.querySelector(`[name=${name}]`);
    for (const input of this.root.querySelectorAll("select, input")) {
      input.dataset.lmSuppressShortcuts = "true";
      input.addEventListener("keydown", (event) => event.stopPropagation());
    }
    for (const { name } of this.description.controls) this.part(name).addEventListener("change", () => this.choose({ ...this.state, [name]: this.part(name).value }));
    this.part("slow").addEventListener("change", () => (this.slow = this.part("slow").checked));
    this.part("play").addEventListener("click", () => (this.going ? this.pause(true) : this.play()));
    this.part("again").addEventListener("click", () => this.reset());
    this.part("push").addEventListener("click", () => this.push());
  }

  async choose(wanted) {
    await this.set(check(wanted, this.description));
    toAddress("ants", this.state);
    this.play();
  }

  // Walk a run's policies from a start.
  async set({ state, complaints }) {
    this.pause();
    this.state = state;
    const methods = Object.keys(this.data.runs).filter((method) => this.data.runs[method].map(String).includes(state.run));
    const names = methods.map((method) => `${method}-${state.run}`);
    for (const name of names) this.policies[name] ??= halves(await (await this.fetched(`${name}.bin`)).arrayBuffer());
    if (state !== this.state) return; // another choice came in between
    for (const { walker } of this.walks ?? []) walker.data.delete();
    const { task } = this.data, look = (method) => this.data.films.find((film) => film.method === method);
    this.walks = methods.map((method, i) => ({ ...look(method), walker: new Walker(this.mujoco, this.model, task, policy(this.policies[names[i]], task.sizes, task.scale)) }));
    this.root.querySelector(".stages").innerHTML = this.walks.map(({ label }) => `<figure><canvas width="640" height="480" role="img" aria-label="The Ant, ${label}, drawn live; its numbers stand in the table below."></canvas><figcaption>${label}</figcaption></figure>`).join("");
    this.root.querySelector("tbody").innerHTML = this.walks.map(({ label }) => `<tr><th scope="row">${label}</th>${"<td></td>".repeat(4)}</tr>`).join("");
    const [canvases, rows] = ["canvas", "tbody tr"].map((part) => this.root.querySelectorAll(part));
    this.walks.forEach((walk, i) => Object.assign(walk, { context: canvases[i].getContext("2d"), row: rows[i].querySelectorAll("td") }));
    for (const { name } of this.description.controls) this.part(name).value = state[name];
    this.reset(complaints);
  }

  reset(complaints = []) {
    for (const walk of this.walks) {
      walk.walker.begin(this.data.starts[this.state.start - 1]);
      walk.center = [0, 0];
    }
    Object.assign(this, { left: 0, before: null });
    this.say(complaints.join(" "));
    this.draw();
  }

  push() {
    for (const { walker } of this.walks) walker.push(PUSH);
    this.say(`Pushed: the torso is ${PUSH} m/s faster to its left.`);
  }

  play() {
    if (this.walks.every(({ walker }) => walker.ended)) this.reset();
    this.going = true;
    this.before = null;
    this.part("play").textContent = "Pause";
    this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  pause(told = false) {
    cancelAnimationFrame(this.frame);
    this.going = false;
    if (this.part) this.part("play").textContent = "Play";
    if (told) this.say(this.words());
  }

  tick(now) {
    const { timestep } = this.model.opt;
    this.left += Math.min((now - (this.before ?? now)) / 1000, LONGEST) / (this.slow ? SLOWER : 1);
    this.before = now;
    for (; this.left >= timestep; this.left -= timestep) for (const { walker } of this.walks) walker.substep();
    this.draw();
    if (this.walks.every(({ walker }) => walker.ended)) this.pause(true);
    else this.frame = requestAnimationFrame((next) => this.tick(next));
  }

  draw() {
    const ink = getComputedStyle(this.root).color, dark = this.root.closest("[data-theme=dark], [data-jp-theme-light=false]");
    for (const { walker, context, look, center, row } of this.walks) {
      const color = (dark && DARK[METHODS[look][1]]) || METHODS[look][1];
      [walker.distance, walker.way[1] + walker.data.qpos[1]].forEach((x, i) => (center[i] += FOLLOWS * (x - center[i])));
      draw(context, parts(this.model, walker.data, walker.way), center, { color, ink });
      context.canvas.style.opacity = walker.ended ? 0.4 : 1;
      const numbers = [`${time(walker).toFixed(1)} s`, `${signed(walker.distance, 1)} m`, `${walker.height.toFixed(2)} m`, signed(walker.reward, 0)];
      numbers.forEach((text, i) => row[i].textContent !== text && (row[i].textContent = text));
    }
  }

  // Spoken where a walk stands still.
  words() {
    return this.walks.map(({ walker, label }) => `${label}: ${signed(walker.distance, 1)} m in ${time(walker).toFixed(1)} s, return ${signed(walker.reward, 0)}${walker.ended ? `, ended because the torso was ${walker.ended}` : ""}.`).join(" ");
  }
}

const time = ({ steps, frame, task, model }) => (steps * task.frames + frame) * model.opt.timestep;
const signed = (x, digits) => x.toFixed(digits).replace("-", "−");
