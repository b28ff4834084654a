"""How much memory data sets take that are larger than what they may take.

Makes a folder of pictures, pictures with masks, tar files, arrays, a saved data set of Arrow files,
Parquet files and texts, each of the size that is asked for. A process of its own opens each one and
reads batches in the order of training, for so many samples. Prints a JSON object for each kind:
samples a second while they are met for the first time and again, seconds to open, and the most
memory that the process ever had beyond what it had with its libraries loaded.

    python tests/benchmarks/data/resident_memory.py [--samples 1000000] [--read 20000] [--kind tar]
"""

import argparse
import io
import json
import multiprocessing
import os
import resource
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402

SAMPLES, READ, BATCH = 1_000_000, 20_000, 256
SIDE = 64
LIMIT_MB = 1000
SHARD = 10_000


def main() -> None:
    """Make each kind, read it, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--read", type=int, default=READ)
    parser.add_argument("--kind", choices=[*KINDS], action="append")
    asked = parser.parse_args()
    for kind in asked.kind or KINDS:
        with tempfile.TemporaryDirectory() as place:
            os.environ["LAYERLOOM_CACHE"] = str(Path(place) / "cache")
            path = _in_a_process(KINDS[kind], Path(place) / "data", asked.samples)
            found = _in_a_process(read, path, asked.read)
        holds = found["resident_mb"] <= LIMIT_MB
        told = {"benchmark": "resident memory", "kind": kind, "samples": asked.samples}
        print(json.dumps({**told, **found, "limit_mb": LIMIT_MB, "holds": holds}), flush=True)


def a_folder(place: Path, samples: int) -> Path:
    """Write a few pictures, and name each of them many times."""
    place.mkdir()
    seeds = []
    for number, content in enumerate(_pictures()):
        (place / f".{number}").write_bytes(content)
        seeds.append(place / f".{number}")
    for number in range(samples):
        inner = place / f"class{number % 50:02}"
        inner.mkdir(exist_ok=True)
        os.link(seeds[number % len(seeds)], inner / f"{number:07}.jpg")
    return place


def pairs(place: Path, samples: int) -> Path:
    """Write a few pictures and masks, and name each of them many times."""
    for kind, contents in (("images", _pictures()), ("masks", _masks())):
        for number, content in enumerate(contents):
            (place / kind).mkdir(parents=True, exist_ok=True)
            (place / kind / f".{number}").write_bytes(content)
        for number in range(samples):
            inner = place / kind / f"{number % 50:02}"
            inner.mkdir(exist_ok=True)
            seed = place / kind / f".{number % len(contents)}"
            os.link(seed, inner / (f"{number:07}." + ("jpg" if kind == "images" else "png")))
    return place


def named_pairs(place: Path, samples: int) -> Path:
    """Write pictures and masks, and a table that names both."""
    pairs(place, samples)
    with (place / "table.csv").open("w") as table:
        table.write("image,mask\n")
        for number in range(samples):
            name = f"{number % 50:02}/{number:07}"
            table.write(f"images/{name}.jpg,masks/{name}.png\n")
    return place / "table.csv"


def archives(place: Path, samples: int) -> Path:
    """Write tar files as WebDataset does."""
    place.mkdir()
    pictures = _pictures()
    for first in range(0, samples, SHARD):
        with tarfile.open(place / f"{first:08}.tar", "w") as archive:
            for number in range(first, min(first + SHARD, samples)):
                for ending, content in (
                    ("jpg", pictures[number % len(pictures)]),
                    ("cls", str(number % 50).encode()),
                ):
                    member = tarfile.TarInfo(f"{number:08}.{ending}")
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
    return place


def saved(place: Path, samples: int) -> Path:
    """Write Arrow files as Hugging Face's library does."""
    import polars

    place.mkdir()
    pictures, names = _pictures(), []
    for first in range(0, samples, SHARD):
        numbers = range(first, min(first + SHARD, samples))
        rows = [{"bytes": pictures[n % len(pictures)], "path": f"{n}.jpg"} for n in numbers]
        frame = polars.DataFrame({"image": rows, "label": [n % 50 for n in numbers]})
        names.append(f"data-{first:08}.arrow")
        frame.write_ipc_stream(place / names[-1], compat_level=polars.CompatLevel.oldest())
    state = {"_data_files": [{"filename": name} for name in names]}
    (place / "state.json").write_text(json.dumps(state))
    label = {"_type": "ClassLabel", "names": [f"class{number}" for number in range(50)]}
    info = {"features": {"image": {"_type": "Image"}, "label": label}}
    (place / "dataset_info.json").write_text(json.dumps(info))
    return place


def arrays(place: Path, samples: int) -> Path:
    """Write one array of pictures and one of labels."""
    place.mkdir()
    shape = (samples, SIDE, SIDE)
    pixels = np.lib.format.open_memmap(place / "x.npy", mode="w+", dtype=np.uint8, shape=shape)
    some = np.random.default_rng(0).integers(0, 255, (1000, SIDE, SIDE), np.uint8)
    for first in range(0, samples, len(some)):
        pixels[first : first + len(some)] = some[: samples - first]
    np.save(place / "y.npy", np.arange(samples) % 50)
    return place / "x.npy"


def a_table(place: Path, samples: int) -> Path:
    """Write a Parquet file of numbers, a category and an answer."""
    import polars

    place.mkdir()
    generator = np.random.default_rng(0)
    columns = {f"x{number}": generator.standard_normal(samples) for number in range(32)}
    kinds = np.array(["red", "green", "blue"])[generator.integers(0, 3, samples)]
    answer = np.where(columns["x0"] > 0, "yes", "no")
    frame = polars.DataFrame({**columns, "kind": kinds, "answer": answer})
    frame.write_parquet(place / "table.parquet")
    return place / "table.parquet"


def many_rows(place: Path, samples: int) -> Path:
    """Write fifty times as many rows of three columns: what matters is what each row takes."""
    import polars

    place.mkdir()
    generator = np.random.default_rng(0)
    for first in range(0, 50 * samples, 2_000_000):
        rows = min(2_000_000, 50 * samples - first)
        x, y = generator.integers(0, 1000, (2, rows)).astype(np.float32)
        frame = polars.DataFrame({"x": x, "y": y, "answer": np.where(x > y, "yes", "no")})
        frame.write_parquet(place / f"{first:010}.parquet", row_group_size=500_000)
    return place


def a_text(place: Path, samples: int) -> Path:
    """Write a text of so many passages, of words that come again."""
    place.mkdir()
    generator = np.random.default_rng(0)
    words = np.array(
        ["".join(map(chr, generator.integers(97, 123, 2 + k % 7))) for k in range(9999)]
    )
    with (place / "book.txt").open("w") as stream:
        for _ in range(0, samples, 10_000):
            chosen = generator.zipf(1.3, 230_000) % len(words)
            stream.write(" ".join(words[chosen]) + "\n")
    return place / "book.txt"


def json_lines(place: Path, samples: int) -> Path:
    """Write texts of about a thousand letters, one a line."""
    path = a_text(place, samples)
    with path.open() as text, (place / "texts.jsonl").open("w") as lines:
        while some := text.read(1000):
            lines.write(json.dumps({"text": some, "url": f"https://a.b/{lines.tell()}"}) + "\n")
    path.unlink()
    return place / "texts.jsonl"


def packed_pictures(place: Path, samples: int, together: int = SHARD) -> Path:
    """Write Parquet files with pictures as a hub keeps them."""
    import polars

    place.mkdir()
    pictures = _pictures()
    label = {"_type": "ClassLabel", "names": [f"class{number}" for number in range(50)]}
    features = {"image": {"_type": "Image"}, "label": label}
    told = {"huggingface": json.dumps({"info": {"features": features}})}
    for first in range(0, samples, together):
        numbers = range(first, min(first + together, samples))
        rows = [{"bytes": pictures[n % len(pictures)], "path": f"{n}.jpg"} for n in numbers]
        frame = polars.DataFrame({"image": rows, "label": [n % 50 for n in numbers]})
        file = place / f"train-{first:08}.parquet"
        frame.write_parquet(
            file, metadata=told, row_group_size=together, compression="uncompressed"
        )
    return place


def one_row_group(place: Path, samples: int) -> Path:
    """Write all pictures into one row group, as pandas does."""
    return packed_pictures(place, samples, samples)


def read(path: Path, wanted: int) -> dict[str, float]:
    """Open a data set, read so many training samples twice, and say what it took."""
    import torch

    from engine.data.inspect import inspect_path
    from engine.data.loading import open_feed
    from engine.data.opening import open_data
    from engine.data.splitting import split_of
    from nodes.io import Data

    os.environ["LAYERLOOM_MEMORY"] = "0"
    before, began = _resident_mb(), time.perf_counter()
    found = inspect_path(path)
    assert found.source is not None, found.findings
    looked_at = time.perf_counter()
    data = Data(dataset="d", source=found.source)
    data_set = open_data(data)
    names = [field.name for field in data_set.spec.fields]
    training = split_of(data_set, data).training
    feed = open_feed(data_set, training, names, torch.device("cpu"))
    order = feed.order(seed=0, epoch=0)
    opened = time.perf_counter()
    rates = []
    for _ in range(2):
        first, count = time.perf_counter(), 0
        batches = feed.batches(order, BATCH)
        for _batch in batches:
            count += BATCH
            if count >= wanted:
                batches.close()
                break
        rates.append(round(count / (time.perf_counter() - first)))
    return {
        "seconds_to_inspect": round(looked_at - began, 1),
        "seconds_to_open": round(opened - looked_at, 1),
        "samples_per_second": rates[0],
        "samples_per_second_again": rates[1],
        "resident_mb": _resident_mb() - before,
        "libraries_mb": before,
    }


KINDS: dict[str, Callable[[Path, int], Path]] = {
    "folder": a_folder,
    "pairs": pairs,
    "named pairs": named_pairs,
    "tar": archives,
    "saved": saved,
    "arrays": arrays,
    "parquet": a_table,
    "many rows": many_rows,
    "packed pictures": packed_pictures,
    "one row group": one_row_group,
    "text": a_text,
    "json lines": json_lines,
}


def _pictures() -> list[bytes]:
    from PIL import Image

    generator = np.random.default_rng(0)
    written = []
    for _ in range(20):
        stream = io.BytesIO()
        rough = Image.fromarray(generator.integers(0, 255, (12, 12, 3), np.uint8))
        rough.resize((SIDE, SIDE)).save(stream, "JPEG")
        written.append(stream.getvalue())
    return written


def _masks() -> list[bytes]:
    from PIL import Image

    generator = np.random.default_rng(1)
    written = []
    for _ in range(20):
        stream = io.BytesIO()
        rough = Image.fromarray(generator.integers(0, 3, (8, 8), np.uint8))
        rough.resize((SIDE, SIDE), Image.Resampling.NEAREST).save(stream, "PNG")
        written.append(stream.getvalue())
    return written


def _resident_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _in_a_process(work: Callable[..., object], *arguments: object) -> object:
    """Do work in a process of its own, so that its memory is that of nothing else."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


if __name__ == "__main__":
    main()
