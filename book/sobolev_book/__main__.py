"""``python -m sobolev_book COMMAND``: make a recorded result again."""

import argparse
from pathlib import Path

from sobolev_book.commands import experiments, results


def main(arguments=None):
    """Run the command given and say which file it wrote."""
    parser = argparse.ArgumentParser(prog="python -m sobolev_book", description=__doc__.split(": ", 1)[1])
    parsers = parser.add_subparsers(dest="command", required=True)
    for name, (text, function, *options) in {**results.COMMANDS, **experiments.COMMANDS}.items():
        command = parsers.add_parser(name, help=text)
        command.add_argument("--out", type=Path, default=Path("book/results"), help="folder of the record")
        command.set_defaults(function=function)
        for flag, settings in options:
            command.add_argument(flag, **settings)
    options = parser.parse_args(arguments)
    print(f"wrote {' and '.join(map(str, options.function(options)))}")


if __name__ == "__main__":
    main()
