"""The one error of the client: what the service refused, or that it gave no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ServiceError(Exception):
    """Why a call failed: for programs `status_code`, `code` and `data`, for people `message`.

    The codes are those of the contract, and three of the client's own: `no_answer`, nothing came
    back, and it may be repeated under the names in `data` (`id`, `ids` or `idempotencyKey`), which
    make it be done once; `outcome_unknown`, nothing came back, and it may have been done or not:
    `data["findOut"]` says how to find out; `not_an_answer`, what came back is none of this service.
    """

    status_code: int
    """The status of the answer; 0 if there was none."""
    code: str
    """A stable word in snake case."""
    data: Mapping[str, Any]
    """The code once more, and what depends on it, such as `field`, `limit` or `resetsAt`."""
    message: str
    """What is wrong, for people."""

    def __init__(self, status_code: int, data: Mapping[str, Any], message: str) -> None:
        """An error of these three fields; `data` has the `code`."""
        # All three are arguments of the exception: so it can be pickled.
        super().__init__(status_code, data, message)
        self.status_code = status_code
        self.code = str(data["code"])
        self.data = data
        self.message = message

    def __str__(self) -> str:
        """The message, and the code behind it."""
        return f"{self.message} [{self.code}]"


def refusal_of(status: int, answer: object, place: str) -> ServiceError:
    """The error that an answer is; what has not the form of the service has the client's code."""
    if isinstance(answer, dict):
        data, message = answer.get("data"), answer.get("message")
        if isinstance(data, dict) and "code" in data and isinstance(message, str):
            return ServiceError(status, data, message)
    what = "a redirection, which is not followed" if 300 <= status < 400 else str(status)
    text = f"{place} was answered with {what}, and not by the service: is the origin right?"
    return ServiceError(status, {"code": "not_an_answer"}, text)
