"""Commands that make records, one maker of frames each.

``maker(study, options, bar)``, with the module of ``studies`` that its row names, yields name -> frame, to be
saved in this order; the last are named on the screen. ``bar(total, unit)`` starts a progress bar and returns
what moves it.
"""

from functools import partial
from importlib import import_module
from pathlib import Path

from tqdm import tqdm

SHOWN = ("seeds", "jitter")  # options that a manifest's command repeats, unless they are 0


def _record(module, maker, options):
    """Save what ``maker`` makes; return the last paths."""
    from sobolev_book import records

    given = vars(options)
    if given.get("runs", "") is None:
        options.runs = (options.out if options.command == "study" else Path("_build/runs")) / options.command
    command = f"python -m sobolev_book {options.command}"
    command += "".join(f" --{name} {given[name]:g}" for name in SHOWN if given.get(name))
    for frames in maker(import_module(f"sobolev_book.studies.{module}"), options, _bar):
        paths = [records.save(frame, name, command, options.out) for name, frame in frames.items()]
    return paths


def _bar(total, unit=" steps"):
    return tqdm(total=total, unit=unit).update  # closed with the last reference to it


def _table1(table1, options, bar):
    runs = table1.runs(range(options.seeds), progress=bar(table1.mlp_steps()), jitter=options.jitter)
    if not options.jitter:
        comparison = table1.comparison(runs)
        yield {"table1_comparison": comparison, "table1_page": table1.page(comparison)}
    yield {"table1_jittered" if options.jitter else "table1": runs}


def _search(search, options, bar):
    frame = search.search(options.runs, bar(search.count(), " settings"))
    yield {"search_page": search.page(frame)}
    yield {"search": frame}


def _toy(studies, options, bar):
    from sobolev_book.records.sweep import sweep
    from sobolev_book.studies.figure1 import of_cells

    of_slices = options.command == "slices"
    cells = studies.grid() if of_slices else studies.STUDIES[options.command]()
    progress = bar(sum(config.steps for _, _, config in cells))
    yield {options.command: (of_cells if of_slices else sweep)(cells, options.runs, progress)}


def _references(references, options, bar):
    from sobolev_book.studies.study import TASKS
    from sobolev_mini import envs

    steps = sum(envs.time_limit(task) for task in TASKS if task != "lqr")
    made = {task: envs.make(task) for task in TASKS}
    yield {"references": references.references(made, bar(steps))}


def _cells(study, options, bar):
    from sobolev_book import records
    from sobolev_book.studies import study_report

    plans = {"study": study.cells, "ablations": study.ablation_cells, "steps": study.step_cells}
    cells = plans[options.command]()
    frame = study.run(options.runs, options.jobs, cells, bar(len(cells), " cells"))
    if options.command == "study":
        yield {"study_page": study_report.page(frame, records.load("references")[0])}
    yield {options.command: frame}


def _dials(dials, options, bar):
    from sobolev_book.studies import study

    cells = {"dials": dials.cells, "frontier": dials.frontier_cells}[options.command]()
    told = {"tasks": dials.TASKS, "seeds": dials.SEEDS}
    frame = study.run(options.runs, options.jobs, cells, bar(len(cells), " cells"), **told)
    yield {options.command: frame}


def _second(second, options, bar):
    from sobolev_book import records

    if options.command == "second_ends":
        steps = sum(task.env(name).time_limit for name, task in second.TASKS.items() if name != "swimmer")
        yield {"second_ends": second.ends(bar(steps))}
    elif options.command == "second_trials":
        yield {"second_trials": second.trials(options.runs, options.jobs, bar(None, " cells"))}
    else:
        begun = records.load("second", options.out)[0] if (options.out / "second.csv").exists() else None
        yield {"second": second.cells(options.runs, options.jobs, bar(None, " cells"), begun, options.kept)}


def _swingups(swingups, options, bar):
    from sobolev_book import records
    from sobolev_book.studies.study import TASKS

    steps = sum(TASKS[task].steps for task in swingups.STAGES)
    frame = records.load("study", options.out)[0]
    yield {"swingups": swingups.swingups(frame, progress=bar(len(swingups.SHOWN) * steps))}


def _contact(contact, options, bar):
    progress = bar(len(contact.settings()), " settings")
    frame = contact.contact(options.runs, jobs=options.jobs, progress=progress)
    yield {"contact_sizes": contact.sizes().round({"size": 4})}
    yield {"contact": frame}


def _seeds(contact, options, bar):
    yield {"contact_floor": contact.floor(progress=bar(6, " fits"))}
    planned = contact.seeded()
    progress = bar(len(planned), " settings")
    frame = contact.contact(options.runs, planned, contact.MANY, jobs=options.jobs, progress=progress)
    yield {"contact_seeds": frame}


def _reach(reach, options, bar):
    count = 1 + len(reach.METHODS) * len(reach.SEEDS)
    yield {"reach_sizes": reach.sizes(progress=bar(count + 3)).round({"size": 4, "norm": 4})}
    yield {"reach": reach.horizons(progress=bar(count)).round({"near": 5, "far": 5})}


def _adjoints(adjoints, options, bar):
    yield {"adjoints": adjoints.errors()}
    yield {"adjoints_fits": adjoints.fits(progress=bar(5, " settings"))}


def _clips(clips, options, bar):
    frame = clips.clips(bar(1 + len(clips.SOURCES), " episodes"))
    yield {"clips": frame}
    clips.films(frame, options.out / "clips")


def _row(text, module, maker, *options):
    return text, partial(_record, module, maker), *options


RUNS = ("--runs", {"type": Path, "help": "where finished runs are kept"})
JOBS = ("--jobs", {"type": int, "default": 1, "help": "runs at a time (1)"})
COMMANDS = {
    "table1": _row(
        "Table 1: a row a seed, and how it compares", "table1", _table1,
        ("--seeds", {"type": int, "default": 20, "help": "how many seeds (20)"}),
        ("--jitter", {"type": float, "default": 0.0, "help": "noise on the start weights (0)"}),
    ),
    "figure1": _row("Figure 1: Q-slices after 200 and 400 steps", "figure1",
                    lambda of, _, bar: [{"figure1": of.slices(progress=bar(2 * of.UPDATES))}]),
    "local": _row("Taylor models and stability near trained critics", "local",
                  lambda of, _, bar: [of.local(progress=bar(2 * max(of.STEPS)))]),
    "bursts": _row("bursts of value-only critics, what stops them, plain fits beside them", "bursts",
                   lambda of, _, bar: ({x: getattr(of, x)(progress=bar(n))} for x, n in of.STEPS.items())),
    "bursts_ways": _row("those runs with another target or optimiser", "bursts",
                        lambda of, _, bar: [{"bursts_ways": of.bursts_ways(bar(900 * len(of.WAYS)))}]),
    "search": _row("which unsaid settings give Table 1?", "search", _search, RUNS),
    **{
        name: _row(f"the study {name!r} of chapter 05", "studies", _toy, RUNS)
        for name in ("grid", "activations", "data", "coupling", "long")
    },
    "slices": _row("Q over the action along the study 'grid'", "studies", _toy, RUNS),
    "references": _row("uniform actions and planning, a row a task", "references", _references),
    "sb3": _row("value-only SAC beside Stable-Baselines3's", "against_sb3",
                lambda of, _, bar: [{"sb3": of.compare(progress=bar(2 * 10 * max(of.RECORD)))}]),
    "study": _row("the control study of chapter 07, cell by cell", "study", _cells, JOBS, RUNS),
    "ablations": _row("terms left out of the target's slopes", "study", _cells, JOBS, RUNS),
    "steps": _row("line search and trust region in the actor", "study", _cells, JOBS, RUNS),
    "dials": _row("where slopes pay: systems with dials, cell by cell", "dials", _dials, JOBS, RUNS),
    "frontier": _row("shares, rules, updates a step, on six of these", "dials", _dials, JOBS, RUNS),
    "second_ends": _row("naive actions and references of the second study's tasks", "second", _second),
    "second_trials": _row("the second study's rates, tried alike", "second", _second, JOBS, RUNS),
    "second": _row("the second study, cell by cell", "second", _second, JOBS, RUNS,
                   ("--kept", {"action": "store_true", "help": "a record of the finished cells"})),
    "pilots": _row("what the pilot says of every system learned on", "pilots",
                   lambda of, _, bar: [{"pilots": of.pilots(bar(sum(map(len, of.STUDIES.values()))))}]),
    "swingups": _row("one episode of each learned swing-up", "swingups", _swingups),
    "contact": _row(
        "one policy of the Ant evaluated, stiff and soft, for chapter 08", "contact", _contact, JOBS, RUNS
    ),
    "adjoints": _row(
        "Rewarped's slopes against differences, in .venv-rewarped, for chapter 08", "adjoints", _adjoints
    ),
    "clips": _row("ten seconds of the Ant of each method, filmed (wants ffmpeg)", "clips", _clips),
    "adjoints_shape": _row(
        "length, angle and columns of Rewarped's false slope, in .venv-rewarped", "adjoints",
        lambda of, _, bar: [{"adjoints_shape": of.shapes(progress=bar(6)).round(5),
                             "adjoints_loops": of.loops().round(4)}],
    ),
    "contact_seeds": _row("twenty seeds of these; fits to true returns", "contact", _seeds, JOBS, RUNS),
    "contact_false": _row(
        "slopes falsified on purpose, and one huge sample", "falsified",
        lambda of, _, bar: [{"contact_false": of.falsified(progress=bar(len(of.FALSE), " ways")),
                             "contact_dropped": of.dropped(progress=bar(6, " fits"))}],
    ),
    "reach": _row("sizes and horizons of the Ant's slopes, for chapter 08", "reach", _reach),
    "cost": _row("milliseconds a step of each of the study's methods", "cost",
                 lambda of, _, bar: [{"cost": of.cost(progress=bar(3 * 2 * 7, " runs"))}]),
}  # fmt: skip
