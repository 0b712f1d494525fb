"""``python -m sobolev_book COMMAND``: make a recorded result again."""

import argparse
from pathlib import Path

from sobolev_book.commands import PARTS


def main(arguments=None):
    """Run the command given and say which file it wrote."""
    parser = argparse.ArgumentParser(prog="python -m sobolev_book", description=__doc__.split(": ", 1)[1])
    parsers = parser.add_subparsers(dest="command", required=True)

    def command(name, text, function):
        one = parsers.add_parser(name, help=text)
        one.add_argument("--out", type=Path, default=Path("book/results"), help="folder of the record")
        one.set_defaults(function=function)
        return one

    for part in PARTS:
        part.add(command)
    chosen = parser.parse_args(arguments)
    print(f"wrote {chosen.function(chosen)}")


if __name__ == "__main__":
    main()
