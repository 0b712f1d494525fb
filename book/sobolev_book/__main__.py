"""``python -m sobolev_book COMMAND``: make a recorded result again."""

import argparse
import re
from pathlib import Path

from sobolev_book.commands import experiments, results
from sobolev_mini import validate

LEAST = {"seeds": 1, "jobs": 1, "seed": 0, "jitter": 0.0, "every": 0.0}  # of an option's numbers


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, and exits with 2."""

    def error(self, message):
        """Exit, with ``message`` in one line."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())} (--help lists what can be asked)\n")


def main(arguments=None):
    """Run the command given and say which file it wrote; a mistake in what is asked exits with 2."""
    parser = Parser(prog="python -m sobolev_book", description="Make a recorded result again.")
    parsers = parser.add_subparsers(dest="command", required=True)
    for name, (text, function, *options) in {**results.COMMANDS, **experiments.COMMANDS}.items():
        command = parsers.add_parser(name, help=text)
        command.add_argument("--out", type=Path, default=Path("book/results"), help="folder of the record")
        command.set_defaults(function=function)
        for flag, settings in options:
            command.add_argument(flag, **settings)
    options = parser.parse_args(arguments)
    asking = parsers.choices[options.command]
    try:
        _checked(options)
        print(f"wrote {' and '.join(map(str, options.function(options)))}")
    except (ValueError, ModuleNotFoundError, FileExistsError, NotADirectoryError, PermissionError) as error:
        if isinstance(error, ValueError) and not re.match(r"\w+: got ", str(error)):
            raise  # a mistake of ours, not of who asks
        asking.error(str(error))


def _checked(options):
    """Raise ``ValueError`` for a number that no command can use, or a folder that is none."""
    for name, least in LEAST.items():
        if (value := getattr(options, name, None)) is not None:
            (validate.whole if isinstance(least, int) else validate.real)(name, value, least)
    for name in ("out", "runs"):
        folder = getattr(options, name, None)
        if folder and any(x.exists() and not x.is_dir() for x in (folder, *folder.parents)):
            raise ValueError(f"{name}: got {folder}, wanted a folder")


if __name__ == "__main__":
    main()
