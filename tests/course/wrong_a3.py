"""Plausible wrong answers to assignment 3: {question: [(what went wrong, source, part of the message)]}.

Each source stands in for the answer of its name in a solved sheet, where np, torch and the term's numbers
are at hand.
"""

import textwrap


def _entropy(result):
    return f"""
def entropy_slope(s_next, noise, W, b, C, d):
    sigma = (s_next @ C + d).exp()
    a = torch.tanh(s_next @ W + b + sigma * noise)
    mean, spread, log = a @ W.T, (a * sigma * noise) @ C.T, C.sum(1).expand(len(a), -1)
    return {result}
"""


BY_AUTOGRAD = """
def entropy_slope(s_next, noise, W, b, C, d):
    s = s_next.clone().requires_grad_()
    log_sigma = s @ C + d
    a = torch.tanh(s @ W + b + log_sigma.exp() * noise)
    log_prob = -(noise**2) / 2 - log_sigma - torch.log(1 - a**2)
    return torch.autograd.grad(-temperature * log_prob.sum(), s)[0]
"""


Y_S, Y_A = "r_s + pulled(f_s)", "r_a + pulled(f_a)"


def _targets(over="terminated", slope_over=None, value=None, y_s=Y_S, y_a=Y_A):
    return f"""
def targets(r, r_s, r_a, f_s, f_a, V, V_s, terminated, truncated):
    over = {over}
    v = gamma * np.where(({slope_over or "over"})[:, None], 0, V_s)
    pulled = lambda f: (f.transpose(0, 2, 1) @ v[..., None])[..., 0]
    return {value or "r + gamma * np.where(over, 0, V)"}, {y_s}, {y_a}
"""


BY_ZERO = """
def targets(r, r_s, r_a, f_s, f_a, V, V_s, terminated, truncated):
    with np.errstate(invalid="ignore"):
        v, V = gamma * (1 - terminated)[:, None] * V_s, (1 - terminated) * V
    return (r + gamma * V, r_s + np.einsum("bij,bi->bj", f_s, v),
            r_a + np.einsum("bij,bi->bj", f_a, v))
"""


def _block(
    error="gap / np.maximum(norm(given), norm(measured))",
    middle="np.median(error)",
    before="",
    name="worst if errors[worst] > 1e-3 else 'none'",
    width="2 * h",
):
    return f"""
def wrong_block(claimed, plus, minus, h):
    norm = lambda x: np.linalg.norm(x.reshape(len(x), -1), axis=1)
    errors = {{}}
    for name, given in claimed.items():
        measured = np.moveaxis(plus[name] - minus[name], 0, -1) / ({width})
        gap = norm(given - measured)
        with np.errstate(all="ignore"):
            error = {error}
        {before or "error = np.where(np.isnan(norm(given)), np.inf, np.where(gap == 0, 0, error))"}
        errors[name] = {middle}
    worst = max(errors, key=errors.get)
    return {name}, float(errors[worst])
"""


def _slope(
    result="-2 * (0.1 * a + s @ N.T + discount * s_next @ P @ B)",
    stage="np.eye(2) + 0.1 * K.T @ K - K.T @ N - N.T @ K",
    lyapunov="np.sqrt(discount) * F.T",
    loop="A - B @ K",
    infinite="np.sqrt(discount) * radius >= 1",
):
    return f"""
def q_slope(K, s, a):
    N, F = np.array([[0.0, 0.05]]), {loop}
    radius = np.abs(np.linalg.eigvals(F)).max()
    if {infinite}:
        return np.full(a.shape, np.nan)
    P = solve_discrete_lyapunov({lyapunov}, {stage})
    s_next = s @ A.T + a @ B.T
    return {result}
"""


def _gain(result):
    return f"""
def improved(K):
    N, F, P = N_ROW, A - B @ K, cost_to_go(K)
    R, g = 0.1, discount
    return {result}
"""


ITERATED = """
def improved(K):
    for _ in range(200):
        P = cost_to_go(K)
        K = np.linalg.solve(0.1 + discount * B.T @ P @ B, discount * B.T @ P @ A + N_ROW)
    return K
"""


def _rule(lam, memory="memory", before=""):
    return f"""
def weights(memory, y, y_s, y_a, pull, pull_s, pull_a):
    n, pulls, slopes = len(pull_s), np.append(pull_s, pull_a), np.hstack([y_s, y_a])
    good = np.isfinite(pulls) & (pulls > 0) & np.isfinite(pull)
    ratio = np.where(good, pull / np.where(good, pulls, 1) / len(pulls), 0)
    ratio = np.where(np.isfinite(ratio), ratio, 0)
{textwrap.indent(textwrap.dedent(before), "    ")}
    lam = {lam}
    return lam[:n], lam[n:], {memory}
"""


GUARDED = """
usual = np.mean(np.where(np.isfinite(slopes) & (np.abs(slopes) < 1e50), slopes, 0) ** 2, axis=0)
lam = np.var(y) / np.where(usual > 0, usual, np.inf)
"""
FIRST_VALUES = """
done = (memory or 0) + 1
"""

WRONG = {
    "q1": [
        ("sign slip", _entropy("-temperature * (log - 2 * (mean + spread))"), "the sign: it is minus alpha"),
        ("no temperature", _entropy("log - 2 * (mean + spread)"), "the temperature is missing"),
        ("no squeezing", _entropy("temperature * log"), "what tanh squeezes is missing"),
        ("squeezing added", _entropy("temperature * (log + 2 * (mean + spread))"), "the sign of tanh's term"),
        ("mean only", _entropy("temperature * (log - 2 * mean)"), "u moves with the spread too"),
        ("no log sigma", _entropy("-2 * temperature * (mean + spread)"), "log sigma itself is missing"),
        ("no factor 2", _entropy("temperature * (log - mean - spread)"), "has a factor 2 in its slope"),
        ("batch mean", _entropy("temperature * (log - 2 * (mean + spread)) / len(a)"), "a row a sample"),
        (
            "action held still",
            _entropy("temperature * ((1 - noise**2) @ C.T - (noise / sigma) @ W.T)"),
            "you held a' still",
        ),
        (
            "chain through tanh forgotten",
            _entropy(
                "temperature * (log - 2 * ((a / (1 - a**2)) @ W.T + (a / (1 - a**2) * sigma * noise) @ C.T))"
            ),
            "the chain through tanh",
        ),
        ("autograd through 1 - a^2", BY_AUTOGRAD, "has no digits left"),
        ("batch sum", _entropy("(temperature * (log - 2 * (mean + spread))).sum(0)"), "a row a sample"),
    ],
    "q2": [
        ("done is either", _targets(over="terminated | truncated"), "a time limit is no end"),
        ("flags exchanged", _targets(over="truncated"), "the flags are the wrong way round"),
        ("never over", _targets(over="terminated & False"), "after termination no reward follows"),
        ("truncation wins", _targets(over="terminated & ~truncated"), "where both flags are set"),
        ("slopes outlive the end", _targets(slope_over="over & False"), "V's slope ends with V"),
        ("no gamma", _targets(value="r + np.where(over, 0, V)", y_s="r_s + pulled(f_s) / gamma",
                              y_a="r_a + pulled(f_a) / gamma"), "the discount is missing"),
        ("no gamma in slopes", _targets(y_s="r_s + pulled(f_s) / gamma", y_a="r_a + pulled(f_a) / gamma"),
         "the slopes lack the discount"),
        ("f_s the wrong way", _targets(y_s="r_s + (f_s @ v[..., None])[..., 0]"), "f_s the wrong way round"),
        ("no reward slopes", _targets(y_s="pulled(f_s)", y_a="pulled(f_a)"), "the reward's own slopes"),
        (
            "reward's slopes dropped at the end",
            _targets(y_s="np.where(over[:, None], 0, r_s + pulled(f_s))",
                     y_a="np.where(over[:, None], 0, r_a + pulled(f_a))"),
            "the last reward counts",
        ),
        ("zero times NaN", BY_ZERO, "zero times NaN"),
    ],
    "q3": [
        ("h for 2 h", _block(width="h"), "you name"),
        ("mean", _block(middle="np.mean(error)"), "the median, not the mean"),
        ("maximum", _block(middle="np.max(error)"), "the median, not the maximum"),
        ("absolute", _block(error="gap"), "the errors are absolute"),
        ("over the difference", _block(error="gap / norm(measured)"), "not by the difference's"),
        ("over the claim", _block(error="gap / norm(given)"), "not by the claim's"),
        ("over the sum", _block(error="gap / (norm(given) + norm(measured))"), "not by their sum"),
        (
            "entry by entry",
            _block(
                error="np.abs(given - measured) / np.maximum(np.abs(given), np.abs(measured))",
                before="error = np.where(np.isnan(given), np.inf, np.where(given == measured, 0, error))",
            ),
            "norms first",
        ),
        ("NaN passes", _block(before="error = np.nan_to_num(error)"), "wrong by infinity"),
        (
            "zero over zero",
            _block(before="error = np.where(np.isnan(norm(given)), np.inf, error)"),
            "an error of 0 and not of 0/0",
        ),
        ("always accuses", _block(name="worst"), "no block is wrong here"),
    ],
    "q4": [
        ("cost for value", _slope("2 * (0.1 * a + s @ N.T + discount * s_next @ P @ B)"), "the sign"),
        ("no factor 2", _slope("-(0.1 * a + s @ N.T + discount * s_next @ P @ B)"), "factor 2"),
        ("no discount ahead", _slope("-2 * (0.1 * a + s @ N.T + s_next @ P @ B)"), "before V(s')"),
        ("no discount in P", _slope(lyapunov="F.T"), "its root times the loop"),
        ("policy acts for free", _slope(stage="np.eye(2) - K.T @ N - N.T @ K"), "pays for its own actions"),
        (
            "module's regulator",
            _slope("-2 * (0.1 * a + discount * s_next @ P @ B)", stage="np.eye(2) + 0.1 * K.T @ K"),
            "N is missing everywhere",
        ),
        ("no power in P", _slope(stage="np.eye(2) + 0.1 * K.T @ K"), "N belongs into the Lyapunov equation"),
        ("no power first", _slope("-2 * (0.1 * a + discount * s_next @ P @ B)"), "missing in the first"),
        ("transposed", _slope(lyapunov="np.sqrt(discount) * F"), "hand over F^T"),
        (
            "the policy's action",
            _slope("-2 * (-0.1 * s @ K.T + s @ N.T + discount * s @ F.T @ P @ B)"),
            "Q takes any first action",
        ),
        ("infinite cost overlooked", _slope(infinite="False"), "wanted NaN"),
        ("radius without discount", _slope(infinite="radius >= 1"), "sqrt(discount) times the radius"),
        ("sign of K", _gain("-np.linalg.solve(R + g * B.T @ P @ B, g * B.T @ P @ A + N)"), "the other sign"),
        ("gain without discount", _gain("np.linalg.solve(R + B.T @ P @ B, B.T @ P @ A + N)"), "the discount"),
        ("gain without R", _gain("np.linalg.solve(g * B.T @ P @ B, g * B.T @ P @ A + N)"), "own cost 0.1"),
        ("K without N", _gain("np.linalg.solve(R + g * B.T @ P @ B, g * B.T @ P @ A)"), "N belongs into"),
        ("the optimum", ITERATED, "not the optimum that many lead to"),
        ("closed loop", _gain("np.linalg.solve(R + g * B.T @ P @ B, g * B.T @ P @ F + N)"), "from scratch"),
    ],
    "q5": [
        ("constant", _rule("np.ones(len(pulls))"), "do not notice the unit"),
        ("upside down", _rule("np.where(good, pulls / pull, 0)"), "upside down"),
        ("root", _rule("np.sqrt(ratio)"), "the ratio of squares, not its root"),
        ("square", _rule("ratio**2"), "the square of the right ratio"),
        ("no pull of values", _rule("np.where(good, 1 / np.where(good, pulls, 1), 0)"), "rewards in another"),
        ("one for all", _rule("np.full(len(pulls), np.nan_to_num(pull / pulls.sum(), posinf=0))",
                              before="pulls, pull = np.nan_to_num(pulls), np.nan_to_num(pull, posinf=0)\n"
                                     "pulls = pulls + 1e-30 * (pulls.sum() == 0)"), "a weight of its own"),
        ("normalised, not balanced", _rule("lam", before=GUARDED), "divide by what they pull"),
        ("no guard", "def weights(memory, y, y_s, y_a, pull, pull_s, pull_a):\n"
                     "    with np.errstate(all='ignore'):\n"
                     "        return pull / pull_s / 3, pull / pull_a / 3, memory\n", "wanted finite"),
        ("it grows", _rule("memory * ratio", before="memory = 1.1 * (memory or 1.0)"), "they drift"),
        ("not yet", _rule("ratio * (done > 395)", "done", FIRST_VALUES), "the action slope errs by"),
    ],
}
