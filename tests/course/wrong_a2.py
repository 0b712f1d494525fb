"""Plausible wrong answers to assignment 2: {question: [(what went wrong, source, part of the message)]}.

Each source stands in for the answer of its name in a solved sheet, where c, gamma, carry, grid, np, torch and
the sheet's given functions are at hand. All are made from a right answer by one exchange of text.
"""

TARGET = """
def first_order_target(w, s, a):
    s_next, actions = np.tanh(carry * s + a), grid
    values = features(s_next[:, None], actions) @ w
    b = actions[np.argmax(values, axis=1)]
    best = features(s_next, b) @ w
    v = feature_slopes(s_next, b)[0] @ w
    f_a = 1 - s_next**2
    f_s = carry * f_a
    y = c * a - (a - s) ** 2 + gamma * best
    return y, 2 * (a - s) + gamma * f_s * v, c - 2 * (a - s) + gamma * f_a * v
"""
GRADIENT = """
def sobolev_gradient(weights, s, a, b, lam_s, lam_a):
    live = [x.clone().requires_grad_() for x in weights]
    held = weights
    s, a = s.clone().requires_grad_(), a.clone().requires_grad_()
    y = c * a - (a - s) ** 2 + gamma * critic(held, torch.tanh(carry * s + a), b)
    y_s, y_a = torch.autograd.grad(y.sum(), (s, a), retain_graph=True)
    q = critic(live, s, a)
    q_s, q_a = torch.autograd.grad(q.sum(), (s, a), create_graph=True)
    slopes = (lam_s * (q_s - y_s) ** 2 + lam_a * (q_a - y_a) ** 2).mean()
    loss = ((q - y) ** 2).mean() + slopes
    return loss.item(), list(torch.autograd.grad(loss, live))
"""
INPUT = """
def input_gradient(weights, x):
    hidden, kept = x, []
    for i in range(0, len(weights) - 2, 2):
        z = hidden @ weights[i] + weights[i + 1]
        hidden = np.tanh(z)
        kept.append(1 - hidden**2)
    g = 0 * hidden + weights[-2][:, 0]
    for i in reversed(range(len(kept))):
        back = weights[2 * i].T
        g = (g * kept[i]) @ back
    return g
"""
BY_TORCH = """
def input_gradient(weights, x):
    x = torch.tensor(x, requires_grad=True)
    q = critic([torch.tensor(p) for p in weights], *x.T)
    return torch.autograd.grad(q.sum(), x)[0].numpy()
"""
MATRIX = """
def td_matrix(s, a, b, lam):
    s_next = np.tanh(carry * s + a)
    f_a = (1 - s_next**2)[:, None]
    f_s = carry * f_a
    phi, (phi_s, phi_a) = features(s, a), feature_slopes(s, a)
    ahead = gamma * feature_slopes(s_next, b)[0]
    A = phi.T @ (phi - gamma * features(s_next, b))
    A = A + lam * phi_s.T @ (phi_s - f_s * ahead) + lam * phi_a.T @ (phi_a - f_a * ahead)
    return A / len(s)
"""
THRESHOLD = """
def stability_threshold(s, a, b):
    matrix = lambda lam: td_matrix(s, a, b, lam)
    margin = lambda lam: np.linalg.eigvals(A := matrix(lam)).real.min()
    low, high = 0.0, 10.0
    if margin(low) > 0:
        return 0.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if margin(middle) > 0 else (middle, high)
    return high
"""
TRAIN = """
def train(seed, lam_s, lam_a, steps):
    rng, weights, act = np.random.default_rng(seed), [], torch.nn.functional.leaky_relu
    for n, k in ((2, 64), (64, 64), (64, 1)):
        W, bias = (rng.uniform(-(n**-0.5), n**-0.5, size) for size in ((n, k), k))
        weights += [torch.tensor(W), torch.tensor(bias)]
    weights = [x.requires_grad_() for x in weights]
    optimizer, choices = torch.optim.Adam(weights, lr=3e-3), torch.tensor(grid)
    for _ in range(steps):
        s, a = (torch.tensor(rng.uniform(-1, 1, 50), requires_grad=True) for _ in "sa")
        with torch.no_grad():
            at = a[:, None]
            b = choices[critic(weights, *torch.broadcast_tensors(at, choices), act).argmax(dim=1)]
            held = [x.clone() for x in weights]
        y = c * a - (a - s) ** 2 + gamma * critic(held, a, b, act)
        y_s, y_a = torch.autograd.grad(y.sum(), (s, a), retain_graph=True)
        y = y.detach()
        q = critic(weights, s, a, act)
        q_s, q_a = torch.autograd.grad(q.sum(), (s, a), create_graph=True)
        gaps = (q - y) ** 2 + lam_s * (q_s - y_s) ** 2 + lam_a * (q_a - y_a) ** 2
        optimizer.zero_grad()
        gaps.mean().backward(inputs=weights)
        optimizer.step()
    return [x.detach() for x in weights]
"""
ALONE = "td_matrix(s, a, b, lam) - lam * _state(s, a, b)"
STATE = """
def _state(s, a, b):
    s_next = np.tanh(carry * s + a)
    phi_s, ahead = feature_slopes(s, a)[0], gamma * feature_slopes(s_next, b)[0]
    return phi_s.T @ (phi_s - carry * (1 - s_next**2)[:, None] * ahead) / len(s)
"""


def _made(source, *rows):
    """Return (name, source with each old text exchanged, message) of rows (name, {old: new}, message)."""
    made = []
    for name, changes, message in rows:
        changed = source
        for old, new in changes.items():
            if old not in changed:
                raise ValueError(f"{name}: {old!r} is not in the right answer")
            changed = changed.replace(old, new)
        made.append((name, changed, message))
    return made


WRONG = {
    "q1": _made(
        TARGET,
        ("no gamma in the value", {"gamma * best": "best"}, "gamma is missing: the next"),
        ("no gamma in the slopes", {"gamma * f_": "f_"}, "gamma is missing in the slopes"),
        ("the paper's dynamics", {"np.tanh(carry * s + a)": "a"}, "tanh(carry s + a), not a"),
        ("no tanh", {"np.tanh(carry * s + a)": "carry * s + a"}, "no tanh"),
        ("mean for maximum", {"features(s_next, b) @ w": "values.mean(axis=1)"}, "the mean over grid"),
        ("the action again", {"actions[np.argmax(values, axis=1)]": "a"}, "not a again"),
        ("greedy at s", {"features(s_next[:, None]": "features(s[:, None]"}, "not that at s"),
        ("a finer maximum", {", grid": ", np.linspace(-1, 1, 100_001)"}, "over all of [-1, 1]"),
        ("y_s without f_s", {"f_s = carry * f_a": "f_s = 0"}, "f_s is not zero here"),
        ("f_s without carry", {"f_s = carry * f_a": "f_s = f_a"}, "no carry"),
        ("no slope of tanh", {"f_a = 1 - s_next**2": "f_a = 1"}, "slope of tanh as a factor"),
        ("missing policy path", {"v = ": "v = -w[4] * b + "}, "the term w_4 b is missing"),
        ("slope in b", {"(s_next, b)[0]": "(s_next, b)[1]"}, "its first argument"),
        (
            "no stop-gradient",
            {"v = ": "v = feature_slopes(s_next, b)[1] @ w * (abs(b) < 1) * -w[4] / (2 * w[5]) + "},
            "stop-gradient",
        ),
        ("sign slip", {"return y, 2 * (a - s)": "return y, -2 * (a - s)"}, "leaves the reward's own part"),
    ),
    "q2": _made(
        GRADIENT,
        ("sum for mean", {".mean()": ".sum()"}, "the sum over the batch"),
        ("gradient in the target", {"held = weights": "held = live"}, "flows through y"),
        ("no gamma", {"gamma * critic": "critic"}, "gamma is missing"),
        ("half the loss", {"loss = (": "slopes = slopes / 2\n    loss = 0.5 * ("}, "half the loss"),
        ("the action again", {"+ a), b)": "+ a), a.detach())"}, "not a again"),
        ("no double backward", {"create_graph=True": "retain_graph=True"}, "create_graph=True"),
        ("lam squared", {"lam_s *": "lam_s**2 *", "lam_a *": "lam_a**2 *"}, "not squared"),
        ("lam_s and lam_a swapped", {"b, lam_s, lam_a": "b, lam_a, lam_s"}, "swapped"),
        ("y_s without f_s", {"carry * s + a)": "carry * s.detach() + a)"}, "f_s is not zero here"),
        ("slopes not doubled", {"grad(loss, live)": "grad(loss - slopes / 2, live)"}, "halved"),
        ("a single gradient", {"list(torch.autograd.grad(loss, live))": "live[0].detach()"}, "wanted a list"),
    ),
    "q3": [
        *_made(
            INPUT,
            ("transposed", {"back = ": "back = weights[2] if i == 1 == len(kept) - 1 else "}, "transpose"),
            ("slope at h", {"1 - hidden**2": "1 - np.tanh(hidden) ** 2"}, "taken at h"),
            ("1 - z^2", {"1 - hidden**2": "1 - z**2"}, "1 - z^2 is not"),
            ("no square", {"1 - hidden**2": "1 - hidden"}, "the square is missing"),
            ("bias forgotten", {" + weights[i + 1]": ""}, "biases are missing"),
            ("no activation's slope", {"(g * kept[i])": "g"}, "linear network"),
            ("no last slope", {"(g * kept[i])": "(g * kept[i] if kept[i + 1 :] else g)"}, "the last hidden"),
            ("no first slope", {"(g * kept[i])": "(g * kept[i] if i else g)"}, "of the first hidden"),
            ("output weights forgotten", {"+ weights[-2][:, 0]": "+ 1"}, "last layer's weights"),
        ),
        ("autograd after all", BY_TORCH, "NumPy's own operations"),
    ],
    "q4": [
        *_made(
            MATRIX,
            ("no gamma", {"gamma * ": ""}, "gamma is missing"),
            ("no gamma in the slopes", {"gamma * feature_slopes": "feature_slopes"}, "in the slopes' terms"),
            ("sum for mean", {" / len(s)": ""}, "the sum over the samples"),
            ("lam squared", {"lam *": "lam**2 *"}, "not squared"),
            ("transposed", {"return A": "return A.T"}, "the transpose"),
            ("no bootstrap in s", {"f_s = carry * f_a": "f_s = 0"}, "f_s is not zero here"),
            ("f_s without carry", {"f_s = carry * f_a": "f_s = f_a"}, "factor carry is missing"),
            ("no slope of tanh", {"(1 - s_next**2)[:, None]": "1"}, "slope of tanh as a factor"),
            ("slope in b", {"feature_slopes(s_next, b)[0]": "feature_slopes(s_next, b)[1]"}, "not in b"),
        ),
        *_made(
            STATE + THRESHOLD,
            ("largest real part", {"real.min()": "real.max()"}, "the least real part counts"),
            ("absolute values", {").real.min()": ").__abs__().min()"}, "the least real part counts"),
            ("symmetric part", {"vals(A := matrix(lam))": "vals((A := matrix(lam)) + A.T)"}, "not A + A^T's"),
            ("imaginary parts", {"real.min()": "imag.min()"}, "not imaginary"),
            ("action slopes alone", {"td_matrix(s, a, b, lam)": ALONE}, "the state's slopes count"),
            ("square root", {"return high": "return high**0.5"}, "square root"),
            ("coarse", {"return high": "return round(high, 2)"}, "stability_threshold: with"),
        ),
    ],
    "q5": _made(
        TRAIN,
        ("biases first", {"W, bias =": "bias, W =", "((n, k), k)": "(k, (n, k))"}, "W_l is drawn before b_l"),
        ("k of the units", {"-(n**-0.5), n**-0.5": "-(k**-0.5), k**-0.5"}, "not its units"),
        ("a drawn before s", {"s, a = (torch": "a, s = (torch"}, "s before a"),
        ("restarted", {"    for _": "    rng = np.random.default_rng(seed)\n    for _"}, "one generator"),
        ("plain gradient descent", {"optim.Adam": "optim.SGD"}, "wanted Adam"),
        ("Adam's default rate", {", lr=3e-3": ""}, "its default 1e-3"),
        ("a live target", {"[x.clone() for x in weights]": "weights", "y.detach()": "y"}, "through y"),
        ("no gamma", {"gamma * critic": "critic"}, "gamma is missing"),
        ("greedy at s", {"at = a[:, None]": "at = s[:, None]"}, "not at s"),
        ("the action again", {"critic(held, a, b, act)": "critic(held, a, a.detach(), act)"}, "not a again"),
        ("y_a without critic", {"critic(held, a, b, act)": "critic(held, a.detach(), b, act)"}, "y_a lacks"),
        ("no double backward", {"create_graph=True": "retain_graph=True"}, "create_graph=True"),
        ("no zero_grad", {"        optimizer.zero_grad()\n": ""}, "zero_grad is missing"),
        ("sum for mean", {"gaps.mean()": "gaps.sum()"}, "not the sum"),
        ("lam squared", {"lam_s *": "lam_s**2 *", "lam_a *": "lam_a**2 *"}, "not squared"),
        ("lam_s and lam_a swapped", {"lam_s, lam_a, steps": "lam_a, lam_s, steps"}, "swapped"),
        ("tanh", {"torch.nn.functional.leaky_relu": "torch.tanh"}, "whose default is tanh"),
    ),
}
