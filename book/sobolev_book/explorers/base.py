"""What the explorers share: one ES module each, an anywidget in Jupyter and a custom element in the page."""

import html
import json
import re
from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).resolve().parent
ALONE = "<p>Here the browser draws a figure to drag through. It needs JavaScript.</p>"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+\.js)";\n', re.MULTILINE)
EXPORT = re.compile("^export (?!default)", re.MULTILINE)
STYLE = re.search("STYLE = `(.*?)`", (HERE / "view.js").read_text("utf-8"), re.DOTALL)[1]


def joined(name):
    """Return module ``name`` with the modules that it imports in front, as one source.

    A notebook hands the browser one text, in which relative imports lead nowhere. Known are lines
    ``import { ... } from "./x.js";`` and ``export`` in front of a declaration.
    """
    sources = {}

    def visit(file):
        source = (HERE / file).read_text(encoding="utf-8")
        for needed in IMPORT.findall(source):
            if needed not in sources:
                visit(needed)
        sources[file] = IMPORT.sub("", source if file == name else EXPORT.sub("", source))

    visit(name)
    return "\n".join(sources.values())


def classic(name):
    """Return module ``name`` as a script, no module: from disk a browser loads none."""
    source = EXPORT.sub("", joined(f"{name}.js")).replace("\nexport default ", "\nvoid ")
    return f"(() => {{\n{source}}})();\n"


class Explorer(anywidget.AnyWidget):
    """An explorer whose traits are the values of its controls; ``_name`` names its module and element.

    In Jupyter traits and controls move each other. In the page stands the element, and in it what it
    shows at the start (``still.mjs`` draws that), for print and for readers without JavaScript. A keyword
    that names no trait is a TypeError.
    """

    _name = ""

    def __init__(self, **kwargs):
        for name in kwargs:
            if not self.has_trait(name):
                wanted = ", ".join(self.values()) or "none"
                raise TypeError(f"{type(self).__name__}: got an argument {name!r}, wanted {wanted}")
        super().__init__(**kwargs)

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
        """Return the custom element as HTML, in it what it shows at the start, or its data."""
        return element(self._name, self.values(), getattr(self, "data", None))


class Filled(Explorer):
    """An explorer of ``data`` that Python made; its element holds them."""

    data = traitlets.Dict().tag(sync=True)


def element(name, values=(), data=None):
    """Return explorer ``name`` as HTML: its custom element, controls at ``values``, its still inside.

    An explorer of ``data`` holds those and words, which the book's build replaces by a picture.
    """
    if data is None:
        inside = f"<style>{STYLE}</style>{(HERE / 'stills' / f'{name}.html').read_text('utf-8')}"
    else:
        text = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
        inside = f'{ALONE}<script type="application/json">{text}</script>'
    told = {key: str(x).lower() if isinstance(x, bool) else x for key, x in dict(values).items()}
    attributes = "".join(f' data-{key}="{html.escape(str(x))}"' for key, x in told.items())
    return f"<sobolev-{name}{attributes}>{inside}</sobolev-{name}>"
