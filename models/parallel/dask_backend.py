"""joblib's Dask backend, made to tell of a task that was given up; joblib's own waits for it for ever."""

import asyncio
from typing import Any, NamedTuple

from joblib._dask import DaskDistributedBackend


class Lost(Exception):  # noqa: N818 - it tells what happened, not the program
    """The cluster went away before a task was done."""


class GivenUp(NamedTuple):
    """Why a task has no result: it ended its worker again and again, or the cluster went away."""

    error: Exception


class TellingBackend(DaskDistributedBackend):  # type: ignore[misc]
    """The backend that `joblib.parallel_config(backend="dask")` names, with an end for every task."""

    def effective_n_jobs(self, n_jobs: int) -> int:
        """Two, however many workers there are now: with one, joblib would work here, where nothing is placed."""
        return 2

    async def _collect(self) -> None:
        while self._continue:
            async for future, result in self.waiting_futures:
                waiting, done = self._results.pop(future), self._callbacks.pop(future)
                if future.status == "finished":
                    waiting.set_result(result)
                    done(result)
                else:
                    error = result[1] if isinstance(result, tuple) else result
                    done(GivenUp(error if isinstance(error, Exception) else Lost(str(error))))
            await asyncio.sleep(0.01)

    def retrieve_result_callback(self, out: Any) -> Any:
        """The result of a task; raises its error, or why it was given up."""
        if isinstance(out, GivenUp):
            raise out.error
        return super().retrieve_result_callback(out)
