"""Several questions to Meta in one call: up to 50, each answered or refused by itself.

Each counts for the limits as a call of its own; what is saved is the way there and
back, and one thing that is gone does not hide the others. Fact sheet meta §1, *Batch*.
"""

import json
from collections.abc import Iterable
from urllib.parse import urlencode

from . import errors
from .meta_graph import GraphLine
from .meta_graph_errors import refusal
from .transport import Response
from .values import mapping, number, words

#: questions per call (§1)
MOST = 50


class GraphBatch(GraphLine):
    """Batches of reading calls; no adapter yet."""

    def _batch(self, asked: Iterable[tuple[str, dict]]) -> list:
        """What each (path, query) is answered, in their order: a dict, or the
        ``NetworkError`` that it would have raised alone.

        :raises MalformedResponse: it is no answer to these questions
        """
        questions = [
            {"method": "GET", "relative_url": f"{path}?{urlencode(query)}"}
            for path, query in asked
        ]
        form = {"batch": json.dumps(questions), "include_headers": "false"}
        answer = self._call("POST", "", form=form, shape=list)
        if len(answer) != len(questions):
            raise errors.MalformedResponse("malformed", "batch")
        return [self._answered(one) for one in answer]

    def _answered(self, one):
        # what Meta had no time for is null
        status = number(mapping(one).get("code"))
        if status is None:
            return errors.TransientError("unavailable", "no answer in a batch")
        body = words(mapping(one).get("body"))
        response = Response(status, {}, body.encode(), self.transport.redact)
        if not 200 <= status < 300:
            found = refusal(response, effect=False)
            return found or errors.TransientError(f"http_{status}", "in a batch")
        try:
            found = response.json()
        except errors.MalformedResponse as error:
            return error
        if isinstance(found, dict):
            return found
        return errors.MalformedResponse("malformed", "in a batch")
