// Draws a robot of capsules and spheres on a canvas: from the side, the camera beside its torso.

const AWAY = 3.8, RISE = 1.5, LOOK = 0.5, FOCUS = 1.5; // metres behind, above, the height looked at; the lens, in heights of the picture
const SPHERE = 2; // MuJoCo's number of that kind
const NEAR = -2, FAR = 7, SIDE = 9; // metres of floor that are drawn

// A function from metres (x, y, z) beside `center` to [pixels across, pixels down, pixels a metre], null behind the lens.
export function camera([cx, cy], width, height) {
  const tilt = Math.atan2(RISE - LOOK, AWAY), cos = Math.cos(tilt), sin = Math.sin(tilt);
  return ([x, y, z]) => {
    const ahead = y - cy + AWAY, up = z - RISE, depth = ahead * cos - up * sin;
    if (depth < 0.3) return null;
    const scale = (FOCUS * height) / depth;
    return [width / 2 + (x - cx) * scale, height / 2 - (ahead * sin + up * cos) * scale, scale];
  };
}

// The robot's parts in metres, from MuJoCo's arrays, the floor left out: two ends and a radius each, `way` added.
export function parts({ geom_type: types, geom_size: sizes }, { geom_xpos: places, geom_xmat: turns }, [wx, wy]) {
  return Array.from({ length: types.length - 1 }, (_, k) => {
    const i = k + 1, [x, y, z] = places.slice(3 * i, 3 * i + 3), half = types[i] === SPHERE ? 0 : sizes[3 * i + 1];
    const [ax, ay, az] = [2, 5, 8].map((j) => half * turns[9 * i + j]);
    return { radius: sizes[3 * i], ends: [[x + wx - ax, y + wy - ay, z - az], [x + wx + ax, y + wy + ay, z + az]] };
  });
}

// A picture: floor with a line a metre and its number, shadows, then parts from the farthest to the nearest.
export function draw(context, shapes, center, { color, ink }) {
  const { width, height } = context.canvas, see = camera(center, width, height), line = height / 240;
  context.clearRect(0, 0, width, height);
  context.lineCap = "round";
  floor(context, see, center, ink, line);
  const stroke = (lines, thick, style) => {
    context.strokeStyle = style;
    context.lineWidth = thick;
    context.beginPath();
    for (const [a, b] of lines) {
      context.moveTo(a[0], a[1]);
      context.lineTo(b[0] + 0.01, b[1]); // a sphere is a line with round ends and no length
    }
    context.stroke();
  };
  const seen = shapes.map(({ ends, radius }) => ({ ends, radius, at: ends.map(see) })).filter(({ at }) => at[0] && at[1]);
  const below = seen.map(({ ends }) => ends.map(([x, y]) => see([x, y, 0]))).filter(([a, b]) => a && b);
  context.globalAlpha = 0.2;
  if (below.length) stroke(below, 2 * seen.at(-1).radius * below[0][0][2], ink);
  context.globalAlpha = 1;
  seen.sort((one, two) => one.at[0][2] + one.at[1][2] - two.at[0][2] - two.at[1][2]);
  for (const { at, radius } of seen) {
    const thick = radius * (at[0][2] + at[1][2]);
    stroke([at], thick + 2 * line, ink);
    stroke([at], thick, color);
  }
}

function floor(context, see, [cx, cy], ink, line) {
  const segment = (a, b) => {
    const [from, to] = [see(a), see(b)];
    if (!from || !to) return;
    context.moveTo(from[0], from[1]);
    context.lineTo(to[0], to[1]);
  };
  context.strokeStyle = context.fillStyle = ink;
  context.lineWidth = line;
  context.globalAlpha = 0.25;
  context.beginPath();
  const [x0, y0] = [Math.round(cx), Math.round(cy)];
  for (let x = x0 - SIDE; x <= x0 + SIDE; x++) segment([x, y0 + NEAR, 0], [x, y0 + FAR, 0]);
  for (let y = y0 + NEAR; y <= y0 + FAR; y++) segment([x0 - SIDE, y, 0], [x0 + SIDE, y, 0]);
  context.stroke();
  context.globalAlpha = 1;
  context.font = `${Math.round(12 * line)}px sans-serif`;
  context.textAlign = "center";
  for (let x = x0 - SIDE; x <= x0 + SIDE; x++) {
    const at = x % 2 ? null : see([x, cy - 0.9, 0]);
    const text = `${String(x).replace("-", "−")} m`, half = context.measureText(text).width / 2;
    if (at && at[0] >= half && at[0] + half <= context.canvas.width) context.fillText(text, at[0], at[1] + 4 * line);
  }
}
