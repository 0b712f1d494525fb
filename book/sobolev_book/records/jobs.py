"""Independent pieces of work: in this process, in several on this machine, or on a Dask cluster."""

import threading

import joblib
import torch

from sobolev_mini import validate

_ONE = threading.Lock()  # some libraries keep their generators and switches once a process


def spread(work, pieces, jobs=1, dask=None):
    """Yield the results of ``work(*piece)`` for each of ``pieces`` as they come.

    Parameters
    ----------
    work : a function that processes can import
    pieces : list of tuples of arguments
    jobs : processes on this machine, None for as many as it has cores; one works in this process
    dask : address of a Dask scheduler that runs already, ``tcp://...``; its workers must see the same files.
        A worker does one piece at a time, however many threads it has

    Raises ``ValueError`` where no scheduler answers, and for ``jobs`` below 1.
    """
    jobs = joblib.cpu_count() if jobs is None else validate.whole("jobs", jobs, 1)
    if dask is not None:
        yield from _on_cluster(work, pieces, dask)
    elif min(jobs, len(pieces)) < 2:
        yield from (work(*piece) for piece in pieces)
    else:
        parallel = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        yield from parallel(joblib.delayed(_alone)(work, piece) for piece in pieces)


def _alone(work, piece):
    """Do a piece on one thread: the cores are taken by other pieces."""
    with _ONE:
        torch.set_num_threads(1)
        return work(*piece)


def _on_cluster(work, pieces, address):
    from distributed import Client, as_completed

    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:  # none answers, or it is no address
        raise ValueError(f"dask: got {address!r}, wanted the address of a scheduler that runs") from error
    with client:
        futures = [client.submit(_alone, work, piece, pure=False) for piece in pieces]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            client.cancel(futures)  # what is left where one failed or we were stopped
