// Lets a live explorer's run go on a little in every frame of the browser, so that the page never stops.
//
// live = { restart, begin, advance, more, pace, halt }
// restart: names of the controls whose change begins a new run; begin(state): a new run
// advance(run, goes): takes steps while goes(step of this call) is true and the run is not at its end
// more(run): moves the end away, so that a run at its end can go on
// pace, optional: steps a second of a run that is watched, as the first one then is
// halt, optional: the step at which a watched run stands still once, to be looked at

const SLICE = 10; // milliseconds of arithmetic a frame
const PAINT = 60; // milliseconds between pictures, at least
const SLOW = 120; // steps a frame when a reader watches, without a pace
const GAP = 100; // milliseconds that a frame makes up for at most

export class Player {
  // draw(ended) is called with each new picture; `ended` is true when the run stands still.
  constructor(live, draw) {
    Object.assign(this, { live, draw, going: false, painted: 0, slices: 0 });
  }

  get calm() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  begin(state) {
    this.pause();
    this.run = this.live.begin(state);
  }

  // Go on to the end: as fast as the machine can, or to be watched.
  play(watched = false) {
    if (this.run.ended) this.live.more(this.run);
    this.watched = watched && !this.calm;
    this.ticked = performance.now();
    if (!this.going) this.frame = requestAnimationFrame((now) => this.tick(now));
    this.going = true;
  }

  tick(now) {
    const until = performance.now() + SLICE, { live, run, watched } = this, before = run.steps;
    const { pace, halt } = watched ? live : {};
    const due = pace ? (pace * Math.min(now - this.ticked, GAP)) / 1000 : watched ? SLOW : Infinity;
    live.advance(run, (i) => i < due && (i === 0 || run.steps !== halt) && (i % 16 > 0 || performance.now() < until));
    this.ticked = now;
    this.slices += 1;
    this.going = !run.ended && (run.steps !== halt || before === halt);
    if (this.going) this.frame = requestAnimationFrame((next) => this.tick(next));
    if (!this.going || (!this.calm && now - this.painted >= PAINT)) {
      this.painted = now;
      this.draw(!this.going);
    }
  }

  pause() {
    cancelAnimationFrame(this.frame);
    this.going = false;
  }

  // Take n steps and stand still.
  step(n) {
    this.pause();
    if (this.run.ended) this.live.more(this.run);
    this.live.advance(this.run, (i) => i < n);
  }
}

// The run at its end, at once.
export function finish(live, run) {
  live.advance(run, () => true);
  return run;
}
