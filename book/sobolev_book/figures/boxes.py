"""Boxes with words, and arrows between them."""


def diagram(ax, boxes, arrows):
    """Draw ``boxes``, name -> (x, y, text), and ``arrows``, (from, to, color and linestyle)."""
    box = {"boxstyle": "round,pad=0.4", "facecolor": "#f4f4f4", "edgecolor": "#777777"}
    drawn = {name: ax.text(x, y, text, ha="center", va="center", fontsize=10.5, bbox=box)
             for name, (x, y, text) in boxes.items()}  # fmt: skip
    for start, end, look in arrows:
        ends = {"patchA": drawn[start].get_bbox_patch(), "patchB": drawn[end].get_bbox_patch()}
        arrow = {"arrowstyle": "-|>", "linewidth": 2, "shrinkA": 1, "shrinkB": 1, **look, **ends}
        ax.annotate("", boxes[end][:2], boxes[start][:2], arrowprops=arrow)
    x, y, _ = zip(*boxes.values(), strict=True)
    ax.set(xlim=(min(x) - 0.7, max(x) + 0.7), ylim=(min(y) - 0.4, max(y) + 0.4))
    ax.axis("off")
