"""What the explorers share: one ES module each, an anywidget in Jupyter and a custom element in the page."""

import json
import re
from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).resolve().parent
ALONE = "<p>Here the browser draws a figure to drag through. It needs JavaScript.</p>"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+\.js)";\n', re.MULTILINE)


def joined(name):
    """Return module ``name`` with the modules that it imports in front, as one source.

    A notebook hands the browser one text, in which relative imports lead nowhere. Known are lines
    ``import { ... } from "./x.js";`` and ``export`` in front of a declaration.
    """
    order = []

    def visit(file):
        if file not in order:
            for needed in IMPORT.findall((HERE / file).read_text(encoding="utf-8")):
                visit(needed)
            order.append(file)

    visit(name)
    parts = [IMPORT.sub("", (HERE / file).read_text(encoding="utf-8")) for file in order]
    inner = [re.sub(r"^export (?!default)", "", part, flags=re.MULTILINE) for part in parts[:-1]]
    return "\n".join([*inner, parts[-1]])


class Explorer(anywidget.AnyWidget):
    """An explorer whose traits are the values of its controls; ``_name`` names its module and element.

    In Jupyter traits and controls move each other. In the page stands the element, and in it what it
    shows at the start (``still.mjs`` draws that), for print and for readers without JavaScript.
    """

    _name = ""

    def __init_subclass__(cls, **kwargs):
        if "_name" in cls.__dict__:  # and not in the classes that adding a trait makes
            cls._esm = joined(f"{cls._name}.js")
        super().__init_subclass__(**kwargs)

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/html": self.element()}, metadata

    def __repr__(self):
        values = ", ".join(f"{name}={value!r}" for name, value in self.values().items())
        return f"{type(self).__name__}({values})"

    def values(self):
        """Return the value of each control, by name."""
        traits = self.traits(sync=True).items()
        return {name: getattr(self, name) for name, trait in sorted(traits) if trait.metadata.get("control")}

    def element(self):
        """Return the custom element as HTML, in it what it shows at the start."""
        return element(self._name, self.values())


class Filled(Explorer):
    """An explorer of ``data`` that Python made; its element holds them."""

    data = traitlets.Dict().tag(sync=True)

    def element(self):
        """Return the custom element as HTML, the data inside."""
        return inside(self._name, self.values(), self.data)


def element(name, values=()):
    """Return explorer ``name`` as HTML: its custom element, controls at ``values``, its still inside."""
    still = (HERE / "stills" / f"{name}.html").read_text(encoding="utf-8")
    return f"<sobolev-{name}{attributes(values)}>{still}</sobolev-{name}>"


def inside(name, values, data):
    """Return explorer ``name`` as HTML: ``data``, and words that the book's build replaces by a picture."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
    script = f'{ALONE}<script type="application/json">{text}</script>'
    return f"<sobolev-{name}{attributes(values)}>{script}</sobolev-{name}>"


def attributes(values):
    """Return ``values`` (name -> value) as the attributes of an element that its module reads."""
    told = {key: str(x).lower() if isinstance(x, bool) else x for key, x in dict(values).items()}
    return "".join(f' data-{key}="{x}"' for key, x in told.items())
