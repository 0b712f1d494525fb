"""The explorer of chapter 02."""

import traitlets

from sobolev_mini.widgets.base import Explorer


class Optimum(Explorer):
    """The exact optimum and the clipped shortcut, for any reward c and discount.

    Parameters
    ----------
    slope : c, from -1 to 1
    discount : from 0 to 0.99
    state : where Q is cut, from -1 to 1
    """

    _name = "optimum"
    slope = traitlets.Float(0.2).tag(sync=True, control=True)
    discount = traitlets.Float(0.9).tag(sync=True, control=True)
    state = traitlets.Float(-0.5).tag(sync=True, control=True)
