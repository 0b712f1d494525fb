"""Commands of the chapters on control."""

from pathlib import Path

from tqdm import tqdm


def add(command):
    """Declare them, as in ``commands.toy``."""
    command("references", "uniform actions and planning, a row a task", _references)
    command("sb3", "value-only SAC beside Stable-Baselines3's", _sb3)
    study = command("study", "the control study of chapter 07, cell by cell", _control)
    study.add_argument("--cells", type=int, default=None, help="only so many, in the plan's order")
    ablations = command("ablations", "terms left out of the target's slopes", _unplanned)
    steps = command("steps", "line search and trust region in the actor", _unplanned)
    for each in (study, ablations, steps):
        each.add_argument("--jobs", type=int, default=1, help="cells at a time (1)")
        each.add_argument("--runs", type=Path, default=None, help="where finished runs are kept")
    command("swingups", "one episode of each learned swing-up", _swingups)
    contact = command("contact", "one policy of the Ant evaluated, stiff and soft, for chapter 08", _contact)
    contact.add_argument("--jobs", type=int, default=1, help="settings at a time (1)")
    command("adjoints", "Rewarped's slopes against differences, in .venv-rewarped, for chapter 08", _adjoints)
    command("cost", "milliseconds a step of each of the study's methods", _cost)


def _references(chosen):
    from sobolev_book import records
    from sobolev_book.studies import references, study
    from sobolev_mini import envs

    names = [task.env for task in study.TASKS.values()]
    with tqdm(total=sum(envs.time_limit(name) for name in names if name != "lqr"), unit=" steps") as bar:
        frame = references.references(names, bar.update)
    return records.save(frame, "references", "python -m sobolev_book references", chosen.out)


def _sb3(chosen):
    from sobolev_book import records
    from sobolev_book.studies import against_sb3

    with tqdm(total=2 * 10 * max(against_sb3.RECORD), unit=" steps") as bar:
        frame = against_sb3.compare(progress=bar.update)
    return records.save(frame, "sb3", "python -m sobolev_book sb3", chosen.out)


def _control(chosen):
    from sobolev_book import records
    from sobolev_book.studies import study, study_report

    wanted = study.cells()[: chosen.cells]
    with tqdm(total=len(wanted), unit=" cells") as bar:
        frame = study.run(chosen.runs or chosen.out / "study", chosen.jobs, wanted, bar.update)
    if chosen.cells is not None:
        return chosen.runs or chosen.out / "study"
    command = "python -m sobolev_book study"
    records.save(study_report.page(frame, records.load("references")[0]), "study_page", command, chosen.out)
    return records.save(frame, "study", command, chosen.out)


def _unplanned(chosen):
    from sobolev_book import records
    from sobolev_book.studies import study

    wanted = {"ablations": study.ablation_cells, "steps": study.step_cells}[chosen.command]()
    with tqdm(total=len(wanted), unit=" cells") as bar:
        frame = study.run(
            chosen.runs or Path("_build/runs") / chosen.command, chosen.jobs, wanted, bar.update
        )
    return records.save(frame, chosen.command, f"python -m sobolev_book {chosen.command}", chosen.out)


def _swingups(chosen):
    from sobolev_book import records
    from sobolev_book.studies import study, swingups

    budget = sum(study.TASKS[task].steps for task in swingups.STAGES)
    with tqdm(total=len(swingups.SHOWN) * budget, unit=" steps") as bar:
        frame = swingups.swingups(records.load("study", chosen.out)[0], progress=bar.update)
    return records.save(frame, "swingups", "python -m sobolev_book swingups", chosen.out)


def _cost(chosen):
    from sobolev_book import records
    from sobolev_book.studies import cost

    with tqdm(total=3 * 2 * 7, unit=" runs") as bar:
        frame = cost.cost(progress=bar.update)
    return records.save(frame, "cost", "python -m sobolev_book cost", chosen.out)


def _contact(chosen):
    from sobolev_book import records
    from sobolev_book.studies import contact

    with tqdm(total=len(contact.settings()), unit=" settings") as bar:
        frame = contact.contact("_build/runs/contact", jobs=chosen.jobs, progress=bar.update)
    command = "python -m sobolev_book contact"
    records.save(contact.sizes().round({"size": 4}), "contact_sizes", command, chosen.out)
    return records.save(frame, "contact", command, chosen.out)


def _adjoints(chosen):
    from sobolev_book import records
    from sobolev_book.studies import adjoints

    command = "python -m sobolev_book adjoints"
    records.save(adjoints.errors(), "adjoints", command, chosen.out)
    with tqdm(total=5, unit=" settings") as bar:
        frame = adjoints.fits(progress=bar.update)
    return records.save(frame, "adjoints_fits", command, chosen.out)
