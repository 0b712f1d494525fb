// Numbers that Python packed into text (`recorded.py`).

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The n numbers of a series at a place on its axes: each a few digits to the base of 64, zero for span[0], the last but
// one number for span[1], the last for none; with `log` these are logarithms.
export function unpack(data, { on, n, digits, span: [low, high], log, ...packed }, which, place) {
  const axes = data.axes.filter(({ name }) => on.includes(name));
  const first = n * axes.reduce((sum, { name, values }) => sum * values.length + place[name], 0), text = packed[which];
  const levels = 64 ** digits - 2;
  return Array.from({ length: n }, (_, i) => {
    const word = text.slice(digits * (first + i), digits * (first + i + 1));
    const level = [...word].reduce((sum, digit) => 64 * sum + DIGITS.indexOf(digit), 0);
    if (level > levels) return NaN;
    const value = low + ((high - low) * level) / levels;
    return log ? 10 ** value : value;
  });
}
