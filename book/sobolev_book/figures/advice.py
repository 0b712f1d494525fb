"""When to take slopes: what to ask, in which order; one source for the table and for the tree."""

from sobolev_book import style
from sobolev_book.figures.boxes import diagram

PLAIN = "value-only; two\nupdates a step where\nsamples are dear"
QUESTIONS = (  # in this order: question, answers that decide, answer that goes on
    ("Does the gate find\nmistakes in its slopes?", {"yes": PLAIN}, "no"),
    ("Does value-only get\nthere in every seed,\nwithin the budget?", {"yes": "keep it"}, "no"),
    ("What does\nthe pilot say?",
     {"does not\npay": PLAIN, "cannot tell": "try both, on three\nseeds at first"}, "pays"),
    ("What is dear?",
     {"seconds": "a quarter of the\nbatch, if any", "samples": "the same, and two\nupdates a step"}, None),
)  # fmt: skip


def rows():
    """Return (question, answer, what to do), in the order in which they are asked."""
    told = [(x, answer, do) for x, answers, _ in QUESTIONS for answer, do in answers.items()]
    return [tuple(text.replace("\n", " ") for text in row) for row in told]


def fig_tree(ax):
    """Draw the questions down the left, what each answer leads to at the right."""
    look, y = {"color": style.color("clipped"), "linestyle": "-"}, 0.0
    boxes, arrows, words = {}, [], []
    for i, (question, answers, onward) in enumerate(QUESTIONS):
        boxes[i] = 0.0, y, question
        for k, (answer, do) in enumerate(answers.items()):
            boxes[i, k] = 2.75, y - k, do
            arrows.append((i, (i, k), look))
            words.append((1.15 - 0.15 * k, y - 0.56 * k + 0.08 * (not k), answer, "top" if k else "bottom"))
        if onward:
            arrows.append((i, i + 1, look))
            words.append((0.1, y - 0.6, onward, "bottom"))
        y -= 1.15 * len(answers)
    diagram(ax, boxes, arrows)
    for x, y, text, side in words:
        ax.text(x, y, text, ha="center" if x > 0.5 else "left", va=side, fontsize=10.5)


def fig_flow(ax, stations, title):
    """Draw ``stations`` (question, answer), one below the other, the answers at the right under ``title``."""
    look = {"color": style.color("clipped"), "linestyle": "-"}
    boxes = {i: (0.0, -i, question) for i, (question, _) in enumerate(stations)}
    diagram(ax, boxes, [(i, i + 1, look) for i in range(len(stations) - 1)])
    for y, text in enumerate([title, *(answer for _, answer in stations)], start=-1):
        ax.text(0.75, min(-y, 0.7), text, va="center", fontsize=10.5, weight=700 if y < 0 else 400)
    ax.set(xlim=(-0.7, 2.1), ylim=(0.5 - len(stations), 0.9))
