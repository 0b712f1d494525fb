"""How far an output that hangs on training may be off: processors round differently; a cell says how much.

A cell whose output hangs on training has ``"tolerance"`` in its metadata, a dict of

- ``relative``, ``absolute``: a number with a decimal point or an exponent may be off by
  ``absolute + relative * |stored|``;
- ``whole``: a whole number may be off by this; without it whole numbers are compared exactly;
- ``curves``: the numbers packed into an explorer may be off by this share of their series' range, its
  panels' limits by this share of themselves;
- ``bulk``: nine in ten of each series' by no more than this share, where single ones may jump.

Everything else, and every other cell, is compared as strictly as ever.
"""

import json
import re

import numpy as np

from sobolev_book.explorers.recorded import unpacked

KEYS = {"relative", "absolute", "whole", "curves", "bulk"}
# the blanks in front belong to a number: where it takes a digit more, its padding has a blank less
NUMBER = re.compile(r" *(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\w])")
DATA = re.compile(r'(<script type="application/json">)(.*?)(</script>)', re.DOTALL)


def settled(seen, stored, tolerance):
    """Return the text ``seen`` with ``stored``'s number in place of each that is within tolerance of it.

    Equal texts mean agreement; a word, a line or a number too far stays as it is, and still differs. Raises
    ``ValueError`` where ``tolerance`` is not what the module says.
    """
    checked(tolerance)
    if "curves" in tolerance and (DATA.search(seen) and DATA.search(stored)):
        same = _same_data(*(json.loads(DATA.search(x).group(2)) for x in (seen, stored)), tolerance)
        return DATA.sub(lambda _: DATA.search(stored).group(0), seen) if same else seen
    pairs = NUMBER.findall(seen), NUMBER.findall(stored)
    if len(pairs[0]) != len(pairs[1]):
        return seen
    kept = iter([old if _close(new, old, tolerance) else new for new, old in zip(*pairs, strict=True)])
    return NUMBER.sub(lambda _: next(kept), seen)


def checked(tolerance):
    """Raise ``ValueError`` where ``tolerance`` is no dict of known names and positive numbers."""
    known = isinstance(tolerance, dict) and tolerance and set(tolerance) <= KEYS
    if not known or not all(isinstance(x, int | float) and x > 0 for x in tolerance.values()):
        raise ValueError(f"tolerance: got {tolerance!r}, wanted some of {sorted(KEYS)}, each a number > 0")


def _close(new, old, tolerance):
    if new == old:
        return True
    whole = [re.fullmatch(r" *[-+]?\d+", x) is not None for x in (new, old)]
    if whole[0] != whole[1]:
        return False
    new, old = float(new), float(old)
    if whole[0]:
        return abs(new - old) <= tolerance.get("whole", 0)
    room = tolerance.get("absolute", 0) + tolerance.get("relative", 0) * abs(old)
    return abs(new - old) <= room * (1 + 1e-9)  # 0.11 is within a tenth of 0.10


def _same_data(seen, stored, tolerance):
    """Return whether explorers' data agree but for packed numbers off by a share of their range."""
    if isinstance(stored, dict) and isinstance(seen, dict) and seen.keys() == stored.keys():
        if "span" in stored:
            return _same_series(seen, stored, tolerance)
        return all(
            _same_limits(seen[name], x, tolerance) if name == "y" else _same_data(seen[name], x, tolerance)
            for name, x in stored.items()
        )
    if isinstance(stored, list) and isinstance(seen, list) and len(seen) == len(stored):
        return all(_same_data(x, y, tolerance) for x, y in zip(seen, stored, strict=True))
    return seen == stored


def _same_limits(seen, stored, tolerance):
    """Return whether a panel's limits agree, None or [low, high]."""
    if seen is None or stored is None:
        return seen == stored
    return len(seen) == len(stored) and np.allclose(seen, stored, rtol=tolerance["curves"], atol=0)


def _same_series(seen, stored, tolerance):
    packed = {"mean", "low", "high"} & stored.keys()
    if any(seen[name] != stored[name] for name in stored.keys() - packed - {"span"}):
        return False
    low, high = stored["span"]
    room, most = ((high - low) * x for x in (tolerance["curves"], tolerance.get("bulk", tolerance["curves"])))
    pairs = [(unpacked(seen, name), unpacked(stored, name)) for name in packed]
    if not all(x.shape == y.shape and np.allclose(x, y, rtol=0, atol=room, equal_nan=True) for x, y in pairs):
        return False
    return all(np.quantile(np.nan_to_num(np.abs(x - y)), 0.9) <= most for x, y in pairs)
