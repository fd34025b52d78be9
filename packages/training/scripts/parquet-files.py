"""Writes packages/training/vectors/*.parquet: one small table in the ways of compressing that pyarrow has.

pip install pyarrow; python packages/training/scripts/parquet-files.py
"""

import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

TABLE = pa.table(
    {
        "text": ["première", "two", "three", "博推", "five", "six", None],
        "label": ["good", "bad", "good", "bad", "good", "bad", "good"],
        "stars": pa.array([5, 1, 4, 2, 5, 2, 1], pa.int32()),
        "price": [1.5, 2.5, -3.0, 0.0, 1e10, 6.0, 7.0],
        "big": pa.array([2**53 - 1, 1, 2, 3, 4, 5, 6], pa.int64()),
    }
)


def main() -> None:
    folder = pathlib.Path(__file__).parent.parent / "vectors"
    for name in ["plain", "snappy", "gzip", "zstd", "brotli"]:
        compression = "none" if name == "plain" else name
        options = {"use_dictionary": name != "plain", "write_statistics": False}
        pq.write_table(TABLE, folder / f"{name}.parquet", row_group_size=3, compression=compression, **options)

    # 300 MiB of one letter in a page of a few hundred bytes.
    bomb = pa.table({"text": ["a" * (300 << 20)]})
    pq.write_table(bomb, folder / "bomb.parquet", compression="brotli", use_dictionary=False, write_statistics=False)


if __name__ == "__main__":
    main()
