"""The explorers, one class each: traits are the values of the controls, synced both ways in Jupyter."""

import traitlets

from sobolev_book.explorers.base import Explorer


def _control(trait):
    return trait.tag(sync=True, control=True)


class Footprints(Explorer):
    """An agent's feet between 0 and the wall, four of them from 0 to 1 and in order (chapter 02).

    ``best`` says whether the best path is shown beside them.
    """

    _name = "footprints"
    first = _control(traitlets.Float(0.5))
    second = _control(traitlets.Float(1.0))
    third = _control(traitlets.Float(1.0))
    fourth = _control(traitlets.Float(1.0))
    best = _control(traitlets.Bool(False))


class Stretch(Explorer):
    """The steps from a ``distance`` of 0 to 2 to the wall, and what the short last one adds (chapter 02)."""

    _name = "stretch"
    distance = _control(traitlets.Float(0.85))


class Agent(Explorer):
    """One action of the reader's, then a rule for ever, and what that returns (chapter 02).

    ``start`` and ``first`` are from -1 to 1, ``after`` is "clipped", "steps of 0.1" or "best".
    """

    _name = "agent"
    start = _control(traitlets.Float(0.0))
    first = _control(traitlets.Float(1.0))
    after = _control(traitlets.Unicode("clipped"))


class Optimum(Explorer):
    """The exact optimum and the clipped shortcut, for any reward c and discount (chapter 02).

    ``slope``, which is c, is from -1 to 1, ``discount`` from 0 to 0.99.
    """

    _name = "optimum"
    slope = _control(traitlets.Float(0.2))
    discount = _control(traitlets.Float(0.9))


class Backup(Explorer):
    """The backup as a diagram with the slope along each arrow (chapter 03).

    ``s`` and ``a`` are from -1 to 1, ``who`` picks the next action: "the maximum" or "an actor".
    """

    _name = "backup"
    s = _control(traitlets.Float(0.2))
    a = _control(traitlets.Float(0.5))
    who = _control(traitlets.Unicode("the maximum"))


class Plane(Explorer):
    """Expected steps of the quadratic critic's weights, in the plane of those of s^2 and a^2 (chapter 04).

    ``start_s`` and ``start_a``, where these two begin, are from -3 to 3 (the others begin at 0), ``weight``,
    of both slopes, from 0 to 1; ``steps`` are "by sign" or "plain", ``features`` "1, s², a²" or
    "1, s² − ⅓, a² − ⅓".
    """

    _name = "plane"
    start_s = _control(traitlets.Float(0.0))
    start_a = _control(traitlets.Float(0.0))
    weight = _control(traitlets.Float(0.0))
    steps = _control(traitlets.Unicode("by sign"))
    features = _control(traitlets.Unicode("1, s², a²"))


class CriticLab(Explorer):
    """The quadratic critic trained live, without and with slopes, on the same samples (chapter 04).

    Parameters
    ----------
    lam_s, lam_a : weights of the slopes in the state and in the action, from 0 to 10
    equal : whether one slider moves the other
    rate : the optimiser's, from 1e-5 to 0.3
    optimizer : "Adam" or "plain steps"
    target : "current critic", "Polyak, 0.005 a step", or "copied every 1,000 steps" or "10,000"
    seed : of the samples, from 0 to 9
    state : where Q is cut, from -1 to 1
    error : "policy", "slope", "value" or "value less its offset"
    clipped : whether the clipped shortcut is drawn beside the exact optimum

    Notes
    -----
    The browser trains; Python sees the settings. Numbers become the nearest that a slider offers.
    """

    _name = "lab"
    lam_s = _control(traitlets.Float(0.2))
    lam_a = _control(traitlets.Float(0.2))
    equal = _control(traitlets.Bool(True))
    rate = _control(traitlets.Float(1e-4))
    optimizer = _control(traitlets.Unicode("Adam"))
    target = _control(traitlets.Unicode("current critic"))
    seed = _control(traitlets.Int(0))
    state = _control(traitlets.Float(0.5))
    error = _control(traitlets.Unicode("policy"))
    clipped = _control(traitlets.Bool(False))
