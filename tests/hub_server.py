"""A hub of data sets that answers on this machine as Hugging Face's does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import polars

from engine.data.hub import ENDPOINT

NAME = "somebody/reviews"
SHARD = "/parquet/default/{}/0.parquet"


class Hub(BaseHTTPRequestHandler):
    """Answers from a table of addresses; what is not in it is not there."""

    answers: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        content = self.answers.get(self.path)
        self.asked.append(f"{self.command} {self.path}")
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        if with_body and content:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def rows(tmp_path: Path, count: int) -> bytes:
    features = {"label": {"names": ["bad", "good"], "_type": "ClassLabel"}}
    told = {"huggingface": json.dumps({"info": {"features": features}})}
    words = [f"a {'fine' if n % 2 else 'dull'} film, the {n}th of them" for n in range(count)]
    frame = polars.DataFrame({"text": words, "label": [n % 2 for n in range(count)]})
    frame.write_parquet(tmp_path / "rows.parquet", metadata=told)
    return (tmp_path / "rows.parquet").read_bytes()


@contextmanager
def a_hub(tmp_path: Path) -> Iterator[tuple[type[Hub], dict[str, str]]]:
    """Run a hub; yield its answers, and the environment in which it is asked."""
    above = f"/api/datasets/{NAME}"
    parts = {"train": ["0"], "test": ["0"], "unsupervised": ["0"]}
    Hub.asked = []
    Hub.answers = {
        above: json.dumps({"sha": "1a2b", "cardData": {"license": ["mit", "cc0-1.0"]}}).encode(),
        above + "/parquet": json.dumps({"default": parts}).encode(),
        above + SHARD.format("train"): rows(tmp_path, 40),
        above + SHARD.format("test"): rows(tmp_path, 10),
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/"
    yield Hub, {ENDPOINT: address, "XDG_DATA_HOME": str(tmp_path / "home")}
    server.shutdown()
    server.server_close()
    thread.join()
