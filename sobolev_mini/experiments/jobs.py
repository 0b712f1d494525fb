"""Independent pieces of work: in this process, in several on this machine, or on a Dask cluster."""

from contextlib import ExitStack

import joblib
import torch

from sobolev_mini import validate


def spread(work, pieces, jobs=1, dask=None):
    """Yield the results of ``work(*piece)`` for each of ``pieces`` as they come.

    Parameters
    ----------
    work : a function that processes can import
    pieces : list of tuples of arguments
    jobs : processes on this machine; one works in this process
    dask : address of a Dask scheduler that runs already, "tcp://..."; its workers must see the same files
    """
    jobs = validate.whole("jobs", jobs, 1)
    if jobs == 1 and dask is None:
        yield from (work(*piece) for piece in pieces)
        return
    with ExitStack() as stack:
        if dask is not None:
            stack.enter_context(_client(dask))
            stack.enter_context(joblib.parallel_config(backend="dask"))
            jobs = -1
        parallel = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        yield from parallel(joblib.delayed(_alone)(work, piece) for piece in pieces)


def _alone(work, piece):
    """Do a piece on one thread: the cores are taken by other pieces."""
    torch.set_num_threads(1)
    return work(*piece)


def _client(address):
    from distributed import Client

    try:
        return Client(address, timeout="10s")
    except OSError as error:
        raise ValueError(f"dask: got {address!r}, wanted the address of a scheduler that runs") from error
