"""Batches read one by one are those of the file; the file was written by Arrow's own library."""

import base64
import zlib
from pathlib import Path

import polars
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.arrow_stream import batches_of, names_of, read_batch, read_batches

# Six rows in record batches of 3, 1 and 2: x of int16, kind a dictionary, image {bytes, path}.
WRITTEN = (
    "c-o~@u};H44D}_KHZ4I!2%!uN9T=EUN?WM|Lq`S%28NEbP?ZW%RZt|582Ai6p&!8~@Ih?B&iUHQH6;PAa(uR5e70Y%"
    "Ns=Ue0T2SMIs{Mw4}9F=5)ve;7%`+>lrNNb6tWM|kD%=c_YL+rC_R)t6c1%`KNyct_Yr%k@E)BNF&<dY2J>6mzai#T"
    ";iQeDe8ZRd=n?e-F(F2Mthb6)hj^muL3nibsZo<Y<8Cs&p}mhk^7!okNY4YIY}GU6)49pw+z#mjBQK5)p3|HGN;S<%"
    "?vUe{I$7{MXa%@a6AseM;K(!<aa>Ja)uuU#5Ggrw&VC10%Z1G=V6E#h-xHRd=N}ALeb9HZ>SI6Khbz+_u9jJ{b$@aV"
    "X02O4)LmK5BfEU7=g^9WMh{@jRr`-v@3QV$@AoYH1?wFH<K@h}tSvTjCe+Nudc4N<lFTO8^QVVVBi5T{wyrwY8XwQ5"
    "<0d^$=uw)#ZUKLyB!5l;f1-dt+x9I!YZjki*%}`kvoYr+a=!Wh*lv!$X7JUr&Tplxl)qQ~0$!YwyvPDxoL};y|6dx`"
    "z3N){u7y8ac9Wfpv*A1Xt1UJ2V*NgW!B1OnI_vj|R-5?hFlo#i>2GilX?F"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.arrow"
    path.write_bytes(zlib.decompress(base64.b85decode(WRITTEN)))
    return path


def test_the_batches_of_a_file_are_found(file: Path) -> None:
    assert batches_of(file).firsts.tolist() == [0, 3, 4, 6] and batches_of(file).rows == 6
    assert names_of(file) == ("x", "kind", "image")


@pytest.mark.parametrize("first", range(6))
def test_rows_read_by_themselves_are_those_of_the_whole(file: Path, first: int) -> None:
    whole = polars.read_ipc_stream(file)

    for rows in range(1, 7 - first):
        assert read_batches(file, first, rows).equals(whole[first : first + rows])
        some = read_batches(file, first, rows, ["kind"])
        assert some.equals(whole[first : first + rows].select("kind"))


def test_the_bytes_of_a_batch_lie_where_they_are_said_to(file: Path) -> None:
    frame, at, content = read_batch(file, 2)

    assert file.read_bytes()[at : at + len(content)] == content
    assert b"".join(frame["image"].struct.field("bytes")) == b"picture 4picture 5"
    assert b"picture 4picture 5" in content


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(place=st.integers(0, 1855), value=st.integers(0, 255), end=st.integers(0, 1856))
def test_a_damaged_file_has_batches_or_says_that_it_is_no_stream(
    file: Path, place: int, value: int, end: int
) -> None:
    content = bytearray(zlib.decompress(base64.b85decode(WRITTEN)))
    content[place] = value
    damaged = file.with_name(f"{place}-{value}-{end}.arrow")
    damaged.write_bytes(content[:end])

    try:
        found = batches_of(damaged)
    except ValueError:
        return
    assert 0 <= found.rows <= 2**63 and found.places[-1] <= end
