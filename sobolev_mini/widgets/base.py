"""What the explorers share: one ES module each, an anywidget in Jupyter and a custom element in the page."""

import re
from pathlib import Path

import anywidget

HERE = Path(__file__).resolve().parent
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

    In Jupyter traits and sliders move each other. In the page stands the element, and in it what it
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
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in sorted(self.controls()))
        return f"{type(self).__name__}({values})"

    @classmethod
    def controls(cls):
        """Return the names of the traits that are this explorer's own."""
        return [name for name, trait in cls.class_traits(sync=True).items() if trait.metadata.get("control")]

    def element(self):
        """Return the custom element as HTML, with its still inside."""
        still = (HERE / "stills" / f"{self._name}.html").read_text(encoding="utf-8")
        values = "".join(f' data-{name}="{getattr(self, name):g}"' for name in sorted(self.controls()))
        return f"<sobolev-{self._name}{values}>{still}</sobolev-{self._name}>"
