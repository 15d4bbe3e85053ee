"""`python -m demo`: make the city, live on to the next day, and run a command in it."""

import argparse
import os
import sys
from pathlib import Path

from demo import serve, state
from demo.build import RESIDENT_COUNT, SEED, DemoUrls, build
from demo.links import connections
from lumbung import embedded
from lumbung.settings import Settings

_EPILOG = """
  python -m demo exec -- lumbung run     the next day of the city, then run the hub in it
  python -m demo exec --same-day -- lumbung up
  python -m demo prepare                 the next day only
  python -m demo stop                    end the city's API server
"""


def main(arguments: list[str] | None = None) -> int:
    """Entry point; the exit code is 0, or that of the command executed."""
    given = _parser().parse_args(arguments)
    home = Settings.from_environment().home
    if given.action == "stop":
        serve.stop(home)
        return 0
    day = prepare(home, given)
    print(f"The city is at day {day}.", file=sys.stderr)  # noqa: T201 - this is the command line
    if given.action == "exec":
        _execute(home, given.command)
    return 0


def prepare(home: Path, given: argparse.Namespace) -> int:
    """Build the next day (the same with `--same-day`, the first if there is none yet); its number."""
    file = state.folder(home) / "day.json"
    last = state.read(file).get("day")
    day = 0 if last is None else last if given.same_day else last + 1
    if day != last:
        build(home, _urls(home), given.seed, given.residents, day)
        state.write_private(file, {"day": day, "seed": given.seed, "residents": given.residents})
    return day


def _urls(home: Path) -> DemoUrls:
    siak = os.environ.get("LUMBUNG_DEMO_SIAK_URL", "").strip()
    if not siak:
        embedded.start(home)
        siak = embedded.ensure_database(home, "siak")
    return DemoUrls(siak, os.environ.get("LUMBUNG_DEMO_MYSQL_URL", "").strip() or None)


def _execute(home: Path, command: list[str]) -> None:
    """Become `command`, with the city's connections in its environment; the API server ends with it."""
    serve.start(home, os.getpid())
    sys.stdout.flush()
    os.execvpe(command[0], command, os.environ | connections(home))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m demo",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True)
    for name in ("exec", "prepare"):
        action = actions.add_parser(name)
        action.add_argument("--same-day", action="store_true", help="stay on the day the city is at")
        action.add_argument("--seed", type=int, default=SEED)
        action.add_argument("--residents", type=int, default=RESIDENT_COUNT)
        if name == "exec":
            action.add_argument("command", nargs="+", help="what to run, after --")
    actions.add_parser("stop")
    return parser


if __name__ == "__main__":
    sys.exit(main())
