// sfc32, the "small fast counting" generator of Chris Doty-Humphrey's PractRand: 128 bits of state, period
// above 2^32, the same numbers as `sfc32.py`. `uniform` fills an array with numbers in [-1, 1), 32 bits each.

export class Sfc32 {
  // seed: a whole number in [0, 2^32). Twelve outputs are thrown away, so that near seeds part.
  constructor(seed) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
      throw new RangeError(`seed: got ${seed}, wanted a whole number in [0, 2^32)`);
    }
    this.state = new Uint32Array([0, 0, seed, 1]); // a, b, c and the counter
    for (let i = 0; i < 12; i++) this.next();
  }

  // The next 32 bits.
  next() {
    const x = this.state;
    const out = (x[0] + x[1] + x[3]) >>> 0;
    x[3] += 1;
    x[0] = x[1] ^ (x[1] >>> 9);
    x[1] = x[2] + (x[2] << 3);
    x[2] = ((x[2] << 21) | (x[2] >>> 11)) + out;
    return out;
  }

  uniform(array) {
    for (let i = 0; i < array.length; i++) array[i] = this.next() / 2 ** 31 - 1;
    return array;
  }
}
