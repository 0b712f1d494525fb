"""Tables that read well on the page, in Jupyter and aloud."""

import html

from sobolev_mini import validate


class Table:
    """A table with a caption, names of columns and of rows; numbers to one format a column.

    Parameters
    ----------
    caption : says what is to be seen
    columns : names, that of the rows' first
    rows : sequences as long as ``columns``; the first entry names the row. A number is written in its
        column's format; a triple (mean, low, high) as "mean [low, high]"; text stays; None is an empty cell
    formats : a format a column, ".2f" or "", or one for all but the first
    best : "min" or "max": what stands out in each row of numbers; None for nothing. Another word raises
        ``ValueError``, as rows of another length do
    """

    def __init__(self, caption, columns, rows, formats=".3g", best=None):
        self.caption, self.columns, self.rows = caption, tuple(columns), [tuple(row) for row in rows]
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"rows: got {len(row)} entries, wanted {len(self.columns)}")
        one = isinstance(formats, str)
        self.formats = ("", *(formats,) * (len(columns) - 1)) if one else tuple(formats)
        self.best = best if best is None else validate.one_of("best", best, ("min", "max"))

    def cells(self):
        """Return the rows as text."""
        return [
            tuple(_written(x, form) for x, form in zip(row, self.formats, strict=True)) for row in self.rows
        ]

    def _repr_html_(self):
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.columns)
        body = []
        for row, cells in zip(self.rows, self.cells(), strict=True):
            name, *texts = map(html.escape, cells)
            numbers = [_first(x) for x in row[1:]]
            known = [x for x in numbers if x is not None]
            stands_out = {"min": min, "max": max}[self.best](known) if self.best and known else None
            marked = (
                f"<b>{text}</b>" if x is not None and x == stands_out else text
                for x, text in zip(numbers, texts, strict=True)
            )
            data = "".join(f"<td>{x}</td>" for x in marked)
            body.append(f'<tr><th scope="row">{name}</th>{data}</tr>')
        caption = html.escape(self.caption, quote=True)
        return (
            f'<div class="book-table" role="region" tabindex="0" aria-label="{caption}">'
            f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(body)}</tbody></table></div>"
        )

    def __repr__(self):
        rows = [self.columns, *self.cells()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(self.columns))]
        lines = [
            row[0].ljust(widths[0])
            + "".join("  " + x.rjust(width) for x, width in zip(row[1:], widths[1:], strict=True))
            for row in rows
        ]
        return "\n".join([self.caption, *(line.rstrip() for line in lines)])


def _written(x, form):
    if x is None:
        return ""
    if isinstance(x, str):
        return x
    if isinstance(x, tuple):
        mean, low, high = (format(part, form) for part in x)
        return f"{mean} [{low}, {high}]"
    return format(x, form)


def _first(x):
    """Return the number that an entry stands for, or None."""
    x = x[0] if isinstance(x, tuple) else x
    return None if x is None or isinstance(x, str) else float(x)
