"""``python -m sobolev_mini COMMAND``: make a recorded result again."""

import argparse
from pathlib import Path

from tqdm import tqdm


def main(arguments=None):
    """Run the command given and say which file it wrote."""
    parser = argparse.ArgumentParser(prog="python -m sobolev_mini", description=__doc__.split(": ", 1)[1])
    commands = parser.add_subparsers(dest="command", required=True)
    parser_of = {"table1": commands.add_parser("table1", help="Table 1: a row a seed, and how it compares")}
    parser_of["table1"].add_argument("--seeds", type=int, default=20, help="how many seeds (20)")
    parser_of["table1"].add_argument(
        "--jitter", type=float, default=0.0, help="noise on the start weights (0)"
    )
    parser_of["figure1"] = commands.add_parser("figure1", help="Figure 1: Q-slices after 200 and 400 steps")
    parser_of["local"] = commands.add_parser("local", help="Taylor models and stability near trained critics")
    parser_of["search"] = commands.add_parser("search", help="which unsaid settings give Table 1?")
    for name in ("grid", "activations", "data", "coupling"):
        parser_of[name] = commands.add_parser(name, help=f"the study {name!r} of chapter 05")
    parser_of["slices"] = commands.add_parser("slices", help="Q over the action along the study 'grid'")
    parser_of["references"] = commands.add_parser(
        "references", help="uniform actions and planning, a row a task"
    )
    parser_of["sb3"] = commands.add_parser("sb3", help="value-only SAC beside Stable-Baselines3's")
    parser_of["study"] = commands.add_parser("study", help="the control study of chapter 07, cell by cell")
    parser_of["study"].add_argument("--jobs", type=int, default=1, help="cells at a time (1)")
    parser_of["study"].add_argument(
        "--cells", type=int, default=None, help="only so many, in the plan's order"
    )
    parser_of["ablations"] = commands.add_parser("ablations", help="terms left out of the target's slopes")
    parser_of["ablations"].add_argument("--jobs", type=int, default=1, help="cells at a time (1)")
    parser_of["steps"] = commands.add_parser("steps", help="line search and trust region in the actor")
    parser_of["swingups"] = commands.add_parser("swingups", help="one episode of each learned swing-up")
    parser_of["steps"].add_argument("--jobs", type=int, default=1, help="cells at a time (1)")
    for name in (
        "study",
        "ablations",
        "steps",
        "search",
        "slices",
        "grid",
        "activations",
        "data",
        "coupling",
    ):
        parser_of[name].add_argument("--runs", type=Path, default=None, help="where finished runs are kept")
    parser_of["cost"] = commands.add_parser("cost", help="milliseconds a step of each of the study's methods")
    parser_of["run"] = commands.add_parser(
        "run", help="one long run of an experiment, resumed where it stopped"
    )
    parser_of["sweep"] = commands.add_parser("sweep", help="every run of an experiment that is not done yet")
    for name in ("run", "sweep"):
        parser_of[name].add_argument("name", help="of an experiment: ant or trial")
        parser_of[name].add_argument("--runs", type=Path, default=None, help="where checkpoints are kept")
        parser_of[name].add_argument(
            "--trust", action="store_true", help="go on though the gate is not passed"
        )
        parser_of[name].add_argument(
            "--every", type=float, default=180, help="seconds between checkpoints (180)"
        )
    parser_of["run"].add_argument("--method", required=True, help="value_only, paper or balanced")
    parser_of["run"].add_argument("--seed", type=int, required=True)
    parser_of["sweep"].add_argument("--jobs", type=int, default=1, help="runs at a time on this machine (1)")
    parser_of["sweep"].add_argument(
        "--dask", default=None, help="address of a Dask scheduler to run on instead"
    )
    for each in parser_of.values():
        each.add_argument("--out", type=Path, default=Path("book/results"), help="folder of the record")
    chosen = parser.parse_args(arguments)
    own = {"table1": _table1, "figure1": _figure1, "local": _local, "search": _search, "slices": _slices}
    own |= {
        "references": _references,
        "sb3": _sb3,
        "study": _control,
        "ablations": _unplanned,
        "steps": _unplanned,
        "swingups": _swingups,
        "cost": _cost,
        "run": _run,
        "sweep": _sweep,
    }
    print(f"wrote {own.get(chosen.command, _study)(chosen)}")


def _table1(chosen):
    from sobolev_mini.experiments import records, table1

    with tqdm(total=table1.mlp_steps(), unit=" steps") as bar:
        runs = table1.runs(range(chosen.seeds), progress=bar.update, jitter=chosen.jitter)
    name = "table1" if not chosen.jitter else "table1_jittered"
    command = f"python -m sobolev_mini table1 --seeds {chosen.seeds}"
    if chosen.jitter:
        command += f" --jitter {chosen.jitter:g}"
    else:
        comparison = table1.comparison(runs)
        records.save(comparison, "table1_comparison", command, chosen.out)
        records.save(table1.page(comparison), "table1_page", command, chosen.out)
    return records.save(runs, name, command, chosen.out)


def _figure1(chosen):
    from sobolev_mini.experiments import figure1, records

    with tqdm(total=len(figure1.RATES) * 2 * max(figure1.STEPS), unit=" steps") as bar:
        frame = figure1.slices(progress=bar.update)
    return records.save(frame, "figure1", "python -m sobolev_mini figure1", chosen.out)


def _local(chosen):
    from sobolev_mini.experiments import local, records

    with tqdm(total=2 * max(local.STEPS), unit=" steps") as bar:
        frames = local.local(progress=bar.update)
    paths = [
        records.save(frame, name, "python -m sobolev_mini local", chosen.out)
        for name, frame in frames.items()
    ]
    return " and ".join(map(str, paths))


def _search(chosen):
    from sobolev_mini.experiments import records, search

    with tqdm(total=search.count(), unit=" settings") as bar:
        frame = search.search(chosen.runs or Path("_build/runs/search"), bar.update)
    command = "python -m sobolev_mini search"
    records.save(search.page(frame), "search_page", command, chosen.out)
    return records.save(frame, "search", command, chosen.out)


def _references(chosen):
    from sobolev_mini import envs
    from sobolev_mini.experiments import records, references, study

    names = [task.env for task in study.TASKS.values()]
    with tqdm(total=sum(envs.time_limit(name) for name in names if name != "lqr"), unit=" steps") as bar:
        frame = references.references(names, bar.update)
    return records.save(frame, "references", "python -m sobolev_mini references", chosen.out)


def _sb3(chosen):
    from sobolev_mini.experiments import against_sb3, records

    with tqdm(total=2 * 10 * max(against_sb3.RECORD), unit=" steps") as bar:
        frame = against_sb3.compare(progress=bar.update)
    return records.save(frame, "sb3", "python -m sobolev_mini sb3", chosen.out)


def _control(chosen):
    from sobolev_mini.experiments import records, study, study_report

    wanted = study.cells()[: chosen.cells]
    with tqdm(total=len(wanted), unit=" cells") as bar:
        frame = study.run(chosen.runs or chosen.out / "study", chosen.jobs, wanted, bar.update)
    if chosen.cells is not None:
        return chosen.runs or chosen.out / "study"
    command = "python -m sobolev_mini study"
    records.save(study_report.page(frame, records.load("references")[0]), "study_page", command, chosen.out)
    return records.save(frame, "study", command, chosen.out)


def _unplanned(chosen):
    from sobolev_mini.experiments import records, study

    wanted = {"ablations": study.ablation_cells, "steps": study.step_cells}[chosen.command]()
    with tqdm(total=len(wanted), unit=" cells") as bar:
        frame = study.run(
            chosen.runs or Path("_build/runs") / chosen.command, chosen.jobs, wanted, bar.update
        )
    return records.save(frame, chosen.command, f"python -m sobolev_mini {chosen.command}", chosen.out)


def _swingups(chosen):
    from sobolev_mini.experiments import records, study, swingups

    budget = sum(study.TASKS[task].steps for task in swingups.STAGES)
    with tqdm(total=len(swingups.SHOWN) * budget, unit=" steps") as bar:
        frame = swingups.swingups(records.load("study", chosen.out)[0], progress=bar.update)
    return records.save(frame, "swingups", "python -m sobolev_mini swingups", chosen.out)


def _cost(chosen):
    from sobolev_mini.experiments import cost, records

    with tqdm(total=3 * 2 * 7, unit=" runs") as bar:
        frame = cost.cost(progress=bar.update)
    return records.save(frame, "cost", "python -m sobolev_mini cost", chosen.out)


def _run(chosen):
    from sobolev_mini.experiments import runs

    experiment, *where = _experiment(chosen)
    config = experiment.settings(chosen.method, chosen.seed)
    with tqdm(total=config.steps, unit=" steps") as bar:
        done = {"every": chosen.every, "trust": chosen.trust, "progress": bar.update}
        return runs.run(experiment, chosen.name, chosen.method, chosen.seed, *where, **done)


def _sweep(chosen):
    from sobolev_mini.experiments import records, runs
    from sobolev_mini.experiments.jobs import spread

    experiment, results, folder = _experiment(chosen)
    missing = runs.together(experiment, chosen.name, results)[1]
    pieces = [
        (experiment, chosen.name, *which, results, folder, chosen.every, chosen.trust) for which in missing
    ]
    for _ in tqdm(spread(runs.run, pieces, chosen.jobs, chosen.dask), total=len(pieces), unit=" runs"):
        pass
    frame = runs.together(experiment, chosen.name, results)[0]
    return records.save(frame, chosen.name, f"python -m sobolev_mini sweep {chosen.name}", chosen.out)


def _experiment(chosen):
    """Return the ``Experiment`` of a command, where its results and its checkpoints lie."""
    from sobolev_mini import validate
    from sobolev_mini.experiments.catalogue import EXPERIMENTS

    name = validate.one_of("name", chosen.name, tuple(EXPERIMENTS))
    return EXPERIMENTS[name], chosen.out / name, chosen.runs or Path("_build/runs") / name


def _slices(chosen):
    from sobolev_mini.experiments import records, slices, studies

    frame = _over(studies.grid(), slices.slices, chosen)
    return records.save(frame, "slices", "python -m sobolev_mini slices", chosen.out)


def _study(chosen):
    from sobolev_mini.experiments import records, studies, sweep

    frame = _over(studies.STUDIES[chosen.command](), sweep.sweep, chosen)
    return records.save(frame, chosen.command, f"python -m sobolev_mini {chosen.command}", chosen.out)


def _over(cells, run, chosen):
    folder = chosen.runs or Path("_build/runs") / chosen.command
    with tqdm(total=sum(config.steps for _, _, config in cells), unit=" steps") as bar:
        return run(cells, folder, bar.update)


if __name__ == "__main__":
    main()
