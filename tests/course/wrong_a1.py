"""Plausible wrong answers to assignment 1: {question: [(what went wrong, source, part of the message)]}.

Each source stands in for the answer of its name in a solved sheet, where c, gamma and np are at hand.
"""

STEPS = """
    steps = np.append(0, c / 2 * np.cumsum(gamma ** np.arange(100)))
    far = np.cumsum(steps)
"""
BOOK = """
    steps = 1 - 0.9 ** np.arange(100)
    far = np.cumsum(steps)
"""
VALUE = f"""
def value(s):
{STEPS}
    area = np.append(0, np.cumsum((steps[1:] + steps[:-1]) * np.diff(far)))
    u = 1 - s
    m = np.searchsorted(far, u, side="right") - 1
    return c / (1 - gamma) - area[m] - (steps[m] + np.interp(u, far, steps)) * (u - far[m])

def rolled(s, step, discount=None, count=500):
    total = 0.0
    for k in range(count):
        a = np.minimum(1, s + step(s))
        total, s = total + (gamma if discount is None else discount) ** k * (c * a - (a - s) ** 2), a
    return total

def best_step(s):
{STEPS}
    return np.interp(1 - s, far, steps)

def stride(s):
    return c / (2 * (1 - gamma))
"""


def _function(head, result, before=""):
    return f"def {head}:\n{before}\n    return {result}\n"


def _slopes(result):
    return _function("reward_slopes(s, a)", result)


def _full(result):
    return _function("full_steps(k)", result, "    sums = np.cumsum(gamma ** np.arange(k))")


def _breaks(result, before=STEPS):
    before += "    inside, d = (0 < far) & (far < 2), c / (2 * (1 - gamma))"
    return _function("breakpoints()", result, before)


def _policy(result, before=STEPS):
    before += "    m, d = np.searchsorted(far, 1 - s, side='right') - 1, c / (2 * (1 - gamma))"
    return _function("optimal_policy(s)", result, before)


def _value(result):
    before = (
        STEPS
        + """
    d, top = stride(s), c / (1 - gamma)
    low = np.append(0, np.cumsum(2 * steps[:-1] * np.diff(far)))
"""
    )
    return VALUE + _function("optimal_value(s)", result, before)


def _q_slopes(result, before=STEPS):
    before += "    v, r_s, r_a = gamma * 2 * np.interp(1 - a, far, steps), 2 * (a - s), c - 2 * (a - s)"
    return _function("q_slopes(s, a)", result, before)


def _cost(result):
    before = "    a, top = np.minimum(1, s + stride(s)), c / (1 - gamma)"
    return VALUE + _function("clipped_cost(s)", result, before)


def _residual(target, best="critic(a[:, None], grid).max(axis=1)", grid=100, order="s**2, s * a, a**2"):
    return f"""
def bellman_residual(w, s, a):
    grid = np.linspace(-1, 1, {grid})
    def critic(s, a):
        return sum(x * y for x, y in zip(w, (1, s, a, {order})))
    r = c * a - (a - s) ** 2
    best = {best}
    return {target}
"""


def _iteration(loop="range(backups)", start="np.zeros(n)", best="(r + gamma * v).max(axis=1)"):
    return f"""
def value_iteration(n, backups):
    x = np.linspace(-1, 1, n)
    r = c * x - (x - x[:, None]) ** 2
    v = {start}
    for _ in {loop}:
        v = {best}
    return v
"""


def _agree(result):
    return _function(
        "slopes_agree(x, v, g)",
        result,
        "    h, e = x[1] - x[0], (v[2:] - v[:-2]) / (x[2:] - x[:-2]) - g[1:-1]",
    )


WRONG = {
    "q1": [
        ("sign of r_s", _slopes("-2 * (a - s), c - 2 * (a - s)"), "r_s has the wrong sign"),
        ("sign in r_a", _slopes("2 * (a - s), c + 2 * (a - s)"), "wrong sign in r_a"),
        ("both signs", _slopes("2 * (s - a), c - 2 * (s - a)"), "both slopes"),
        ("factor 2", _slopes("a - s, c - (a - s)"), "factor 2"),
        ("no c", _slopes("2 * (a - s), -2 * (a - s)"), "lacks c"),
        ("1 for c", _slopes("2 * (a - s), 1 - 2 * (a - s)"), "is c, not 1"),
        ("the book's c", _slopes("2 * (a - s), 0.2 - 2 * (a - s)"), "book's c"),
        ("order", _slopes("c - 2 * (a - s), 2 * (a - s)"), "wrong order"),
        ("one slope", _slopes("c - 2 * (a - s)"), "shape"),
    ],
    "q2": [
        ("equal steps", _full("np.full(k, c / 2)"), "all your steps are c/2"),
        ("no gamma", _full("c / 2 * np.arange(1, k + 1)"), "gamma is missing"),
        ("from zero", _full("np.append(0, c / 2 * sums)[:k]"), "your first step is 0"),
        ("no sum", _full("c / 2 * gamma ** np.arange(k)"), "not its last term"),
        ("falling", _full("c / 2 * sums[::-1]"), "falling order"),
        ("distances", _full("c / 2 * np.cumsum(sums)"), "one sum too many"),
        ("twice", _full("c * sums"), "twice too long"),
        ("no wall", _full("np.full(k, c / 2 / (1 - gamma))"), "without a wall"),
        ("the book's steps", _full("1 - 0.9 ** np.arange(1, k + 1)"), "book's numbers"),
        ("rising", _breaks("(1 - far)[inside][::-1]"), "rising order"),
        ("distances", _breaks("far[inside]"), "distances from the wall"),
        ("one step each", _breaks("(1 - steps)[1:][steps[1:] < 2]"), "one more sum"),
        ("equal", _breaks("1 - c / 2 * np.arange(1, 2 / (c / 2))"), "where is the discount"),
        ("no wall", _breaks("1 - d * np.arange(1, np.ceil(2 / d))"), "as long as without a wall"),
        ("starts late", _breaks("1 - (y := np.cumsum(steps[2:]))[y < 2]"), "start with D_2"),
        ("one short", _breaks("(1 - far)[inside][:-1]"), "is missing"),
        ("with the wall", _breaks("(1 - far)[far < 2]"), "breakpoints in the box"),
        ("beyond the box", _breaks("(1 - far)[1:]"), "breakpoints in the box"),
        ("the book's", _breaks("(1 - far)[inside]", BOOK), "book's breakpoints"),
    ],
    "q3": [
        ("clipped", _policy("np.minimum(1, s + d)"), "clipped shortcut"),
        ("no wall", _policy("s + d"), "without a wall"),
        ("one step ahead", _policy("np.minimum(1, s + c / 2)"), "use gamma"),
        ("the step", _policy("np.interp(1 - s, far, steps)"), "the action is the state"),
        ("constant", _policy("s + steps[m]"), "constant steps"),
        ("longest", _policy("np.minimum(1, s + steps[m + 1])"), "longest step"),
        ("from the left", _policy("s + np.interp(1 + s, far, steps)"), "is 1 - s"),
        ("the book's", _policy("s + np.interp(1 - s, far, steps)", BOOK), "book's steps"),
        ("flat", _policy("(s + np.interp(1 - s, far, steps)).ravel()"), "shape"),
    ],
    "q4": [
        ("no constant", _value("value(s) - top"), "at the wall is missing"),
        ("one c", _value("value(s) - top + c"), "comes again at every step"),
        ("half", _value("(value(s) + top) / 2"), "half the slope"),
        ("sign", _value("2 * top - value(s)"), "the sign"),
        ("rectangles", _value("top - np.interp(1 - s, far, low)"), "rectangles"),
        ("no wall", _value("2 * d * s + (c * d + (2 * gamma - 1) * d**2) / (1 - gamma)"), "without a wall"),
        ("one leap", _value("top - (1 - s) ** 2"), "one leap"),
        ("clipped", _value("rolled(s, stride)"), "clipped policy earns"),
        ("too short", _value("rolled(s, best_step, count=20)"), "wanted"),
    ],
    "q5": [
        ("no gamma", _q_slopes("r_s, r_a + v / gamma"), "gamma is missing"),
        ("one step", _q_slopes("r_s, r_a + v / 2"), "twice"),
        ("at s", _q_slopes("r_s, r_a + gamma * 2 * np.interp(1 - s, far, steps)"), "differentiated at s"),
        ("reward only", _q_slopes("r_s, r_a"), "the reward's slopes"),
        ("sign", _q_slopes("r_s, r_a - v"), "wrong sign"),
        ("in both", _q_slopes("r_s + v, r_a + v"), "s is not in V*"),
        ("order", _q_slopes("r_a + v, r_s"), "wrong order"),
        ("no wall", _q_slopes("r_s, r_a + gamma * c / (1 - gamma)"), "value without a wall"),
        (
            "clipped",
            _q_slopes("r_s, r_a + gamma * 2 * np.minimum(1 - a, c / (2 * (1 - gamma)))"),
            "not the clipped",
        ),
        ("the book's", _q_slopes("r_s, r_a + v", BOOK), "got"),
    ],
    "q6": [
        (
            "at s",
            _residual("r + gamma * best - critic(s, a)", "critic(s[:, None], grid).max(axis=1)"),
            "taken in s",
        ),
        ("no gamma", _residual("r + best - critic(s, a)"), "gamma is missing"),
        ("sign", _residual("critic(s, a) - r - gamma * best"), "the sign"),
        ("target", _residual("r + gamma * best"), "this is the target"),
        (
            "mean",
            _residual("r + gamma * best - critic(s, a)", "critic(a[:, None], grid).mean(axis=1)"),
            "the mean",
        ),
        (
            "one maximum",
            _residual("r + gamma * best - critic(s, a)", "critic(a[:, None], grid).max()"),
            "one maximum",
        ),
        ("a again", _residual("r + gamma * best - critic(s, a)", "critic(a, a)"), "not a again"),
        ("101 actions", _residual("r + gamma * best - critic(s, a)", grid=101), "the grid has 100"),
        ("order", _residual("r + gamma * best - critic(s, a)", order="s * a, s**2, a**2"), "got"),
    ],
    "q7": [
        ("no gamma", _iteration(best="(r + v).max(axis=1)"), "gamma is missing"),
        ("wrong axis", _iteration(best="(r + gamma * v).max(axis=0)"), "over s"),
        ("one too many", _iteration("range(backups + 1)"), "too many"),
        ("one too few", _iteration("range(1, backups)"), "too few"),
        ("to the end", _iteration("range(500 if backups else 0)"), "end of the iteration"),
        ("starts at the end", _iteration(start="np.full(n, c / (1 - gamma))"), "starts from V = 0"),
        (
            "greedy",
            _iteration(best="(r + gamma * v)[np.arange(n), r.argmax(axis=1)]"),
            "for the reward alone",
        ),
        ("the action", _iteration(best="x[(r + gamma * v).argmax(axis=1)]"), "got"),
    ],
    "q8": [
        ("no absolute value", _agree("e < 1e-3"), "too large pass"),
        ("turned", _agree("-e < 1e-3"), "too small pass"),
        ("forward", _agree("abs((v[2:] - v[1:-1]) / h - g[1:-1]) < 1e-3"), "forward"),
        ("backward", _agree("abs((v[1:-1] - v[:-2]) / h - g[1:-1]) < 1e-3"), "backward"),
        ("h for 2 h", _agree("abs((v[2:] - v[:-2]) / h - g[1:-1]) < 1e-3"), "2 h"),
        ("relative", _agree("abs(e) < 1e-3 * abs(g[1:-1])"), "share of the slope"),
        ("squared", _agree("e**2 < 1e-3"), "squared error"),
        ("turned round", _agree("abs(e) >= 1e-3"), "where they agree"),
        ("all at once", _agree("np.full(len(e), np.all(abs(e) < 1e-3))"), "one answer"),
        ("with the ends", _agree("abs(np.gradient(v, h) - g) < 1e-3"), "shape"),
    ],
    "q9": [
        ("sign", _cost("rolled(s, stride) - value(s)"), "the sign"),
        ("clipped once", _cost("value(s) - c * a + (a - s) ** 2 - gamma * value(a)"), "only the first step"),
        ("c/2", _cost("value(s) - rolled(s, lambda s: c / 2)"), "not c/2"),
        ("one leap", _cost("value(s) - top + (1 - s) ** 2"), "one leap"),
        ("no discount", _cost("rolled(s, best_step, 1.0) - rolled(s, stride, 1.0)"), "gamma is missing"),
        ("actions", _cost("a - s - best_step(s)"), "these are actions"),
        ("too short", _cost("value(s) - rolled(s, stride, count=20)"), "got"),
    ],
}
