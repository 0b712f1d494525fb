"""Commands of the chapters on the toy."""

from pathlib import Path

from tqdm import tqdm


def add(command):
    """Declare them; ``command(name, help, function)`` returns a parser for more arguments."""
    table1 = command("table1", "Table 1: a row a seed, and how it compares", _table1)
    table1.add_argument("--seeds", type=int, default=20, help="how many seeds (20)")
    table1.add_argument("--jitter", type=float, default=0.0, help="noise on the start weights (0)")
    command("figure1", "Figure 1: Q-slices after 200 and 400 steps", _figure1)
    command("local", "Taylor models and stability near trained critics", _local)
    kept = [command("search", "which unsaid settings give Table 1?", _search)]
    for name in ("grid", "activations", "data", "coupling"):
        kept.append(command(name, f"the study {name!r} of chapter 05", _study))
    kept.append(command("slices", "Q over the action along the study 'grid'", _slices))
    for each in kept:
        each.add_argument("--runs", type=Path, default=None, help="where finished runs are kept")


def _table1(chosen):
    from sobolev_book import records
    from sobolev_book.studies import table1

    with tqdm(total=table1.mlp_steps(), unit=" steps") as bar:
        runs = table1.runs(range(chosen.seeds), progress=bar.update, jitter=chosen.jitter)
    name = "table1" if not chosen.jitter else "table1_jittered"
    command = f"python -m sobolev_book table1 --seeds {chosen.seeds}"
    if chosen.jitter:
        command += f" --jitter {chosen.jitter:g}"
    else:
        comparison = table1.comparison(runs)
        records.save(comparison, "table1_comparison", command, chosen.out)
        records.save(table1.page(comparison), "table1_page", command, chosen.out)
    return records.save(runs, name, command, chosen.out)


def _figure1(chosen):
    from sobolev_book import records
    from sobolev_book.studies import figure1

    with tqdm(total=len(figure1.RATES) * 2 * max(figure1.STEPS), unit=" steps") as bar:
        frame = figure1.slices(progress=bar.update)
    return records.save(frame, "figure1", "python -m sobolev_book figure1", chosen.out)


def _local(chosen):
    from sobolev_book import records
    from sobolev_book.studies import local

    with tqdm(total=2 * max(local.STEPS), unit=" steps") as bar:
        frames = local.local(progress=bar.update)
    paths = [
        records.save(frame, name, "python -m sobolev_book local", chosen.out)
        for name, frame in frames.items()
    ]
    return " and ".join(map(str, paths))


def _search(chosen):
    from sobolev_book import records
    from sobolev_book.studies import search

    with tqdm(total=search.count(), unit=" settings") as bar:
        frame = search.search(chosen.runs or Path("_build/runs/search"), bar.update)
    command = "python -m sobolev_book search"
    records.save(search.page(frame), "search_page", command, chosen.out)
    return records.save(frame, "search", command, chosen.out)


def _slices(chosen):
    from sobolev_book import records
    from sobolev_book.studies import slices, studies

    frame = _over(studies.grid(), slices.slices, chosen)
    return records.save(frame, "slices", "python -m sobolev_book slices", chosen.out)


def _study(chosen):
    from sobolev_book import records
    from sobolev_book.records import sweep
    from sobolev_book.studies import studies

    frame = _over(studies.STUDIES[chosen.command](), sweep.sweep, chosen)
    return records.save(frame, chosen.command, f"python -m sobolev_book {chosen.command}", chosen.out)


def _over(cells, run, chosen):
    folder = chosen.runs or Path("_build/runs") / chosen.command
    with tqdm(total=sum(config.steps for _, _, config in cells), unit=" steps") as bar:
        return run(cells, folder, bar.update)
