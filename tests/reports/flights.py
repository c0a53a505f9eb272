"""The manifest of a training run on flight data, with long names and five data sets."""

from __future__ import annotations

from typing import Any

import msgspec
from samples import code_sample, environment_sample, run_sample, statement_sample

from auditkit.digests import dir_hash, sha256_hex
from auditkit.evidence import InventoryEntry
from auditkit.manifest import model
from auditkit.schemes import JSON_MEDIA_TYPE

COLUMNS = (
    ("flight_date", "date32[day]", False),
    ("carrier", "dictionary<int8, string>", False),
    ("flight_number", "int32", False),
    ("tail_number", "string", True),
    ("origin_airport", "string", False),
    ("destination_airport", "string", False),
    ("scheduled_departure", "timestamp[ms, tz=America/New_York]", False),
    ("departure_delay_minutes", "float", True),
    ("air_time_minutes", "float", True),
    ("distance_miles", "int32", False),
    ("wind_speed_at_origin_knots", "double", True),
    ("visibility_at_origin_miles", "double", True),
)
DATASETS = (
    ("flights_training_partitioned_by_month", "train", 9, 235_743, 14_871_204),
    ("flights_validation_partitioned_by_month", "validation", 1, 50_516, 3_226_417),
    ("flights_test", "test", 2, 50_517, 3_227_004),
    ("weather_hourly_observations_at_new_york_airports", "input", 3, 26_115, 1_902_551),
    ("delay_model", "output", 1, None, 8_403_511),
)


def entries(name: str, files: int, rows: int | None, size: int) -> tuple[InventoryEntry, ...]:
    """Return plausible inventory entries whose sizes and rows add up."""
    return tuple(
        InventoryEntry(
            path=f"month={part + 1:02}/part-{part:05}.parquet" if rows else f"{name}.joblib",
            size=size // files + (size % files if part == 0 else 0),
            sha256=sha256_hex(f"{name}/{part}".encode()),
            rows=None if rows is None else rows // files + (rows % files if part == 0 else 0),
        )
        for part in range(files)
    )


def dataset(name: str, role: str, files: int, rows: int | None, size: int) -> model.Dataset:
    """Return the record of one data set of the flights project."""
    listed = entries(name, files, rows, size)
    list_bytes = inventory_bytes(name)
    root: dict[Any, str] = (
        {"dirHash": dir_hash((each.path, each.sha256) for each in listed)}
        if rows
        else {"sha256": listed[0].sha256}
    )
    return model.Dataset(
        basis="observed",
        name=name,
        role=role,
        format="table" if rows else "files",
        location=f"data/curated/{name}" if rows else f"models/{name}.joblib",
        inventory=model.Inventory(
            kind="folder" if rows else "file",
            root=root,
            files=files,
            bytes=size,
            list=model.SidecarRef(
                name=f"{name}.inventory.parquet",
                media_type="application/vnd.apache.parquet",
                sha256=sha256_hex(list_bytes),
                size=len(list_bytes),
            ),
        ),
        exceptions={"/schemaVersion": "declared"} if rows else {},
        read_at="2026-03-02T09:29:58Z",
        rows=rows,
        schema=schema() if rows else None,
        schema_version="3.1.0" if rows else None,
        table=table(files) if rows else None,
        declared=model.Declared(
            source="U.S. Bureau of Transportation Statistics, on-time performance 2013",
            licence="CC0-1.0",
            purpose="training of the departure delay model",
            personal_data=False,
            contact="data-office@example.com",
        )
        if role == "train"
        else None,
    )


def table(files: int) -> model.Table:
    return model.Table(
        kind="parquet",
        parts=files,
        compression=("ZSTD",),
        row_groups=files,
        written_by=("parquet-cpp-arrow version 20.0.0",),
        partitioning=(model.Field(name="month", type="int32"),),
    )


def schema() -> model.Schema:
    return model.Schema(
        fingerprint=sha256_hex(b"schema"),
        fields=tuple(
            model.Field(name=name, type=type_, nullable=nullable)
            for name, type_, nullable in COLUMNS
        ),
    )


def inventory_bytes(name: str) -> bytes:
    return f"PAR1 stands for the inventory of {name} PAR1".encode()


def statement(**overrides: Any) -> model.Statement:
    """Return the manifest of the flights run."""
    run = msgspec.structs.replace(
        run_sample(),
        status="completed",
        exit_code=0,
        signal=None,
        error=None,
        started_at="2026-03-02T09:30:00Z",
        finished_at="2026-03-02T10:14:41.125Z",
        name="departure-delay-gradient-boosting",
        command=("python", "-m", "flights.train", "--config", "configs/q1 2026.toml"),
    )
    code = msgspec.structs.replace(code_sample(), dirty=False, patch=None, untracked=None)
    listed = package_list()
    environment = msgspec.structs.replace(
        environment_sample(),
        packages=model.Packages(
            count=len(PACKAGES),
            list=model.SidecarRef(
                name="packages.json",
                media_type=JSON_MEDIA_TYPE,
                sha256=sha256_hex(listed),
                size=len(listed),
            ),
        ),
    )
    fields: dict[str, Any] = {
        "run": run,
        "code": code,
        "environment": environment,
        "datasets": tuple(dataset(*each) for each in DATASETS),
        "splits": (
            model.Split(
                basis="declared",
                name="by-month",
                rule="months 1-9 train, month 10 validation, months 11-12 test",
                members=(
                    model.SplitMember(name="train", dataset=DATASETS[0][0], fraction=0.7),
                    model.SplitMember(name="validation", dataset=DATASETS[1][0], fraction=0.15),
                    model.SplitMember(name="test", dataset=DATASETS[2][0], fraction=0.15),
                ),
                seed=20260302,
                key="flight_date",
            ),
        ),
        "parameters": PARAMETERS,
        "metrics": {
            "validation": {"rmse_minutes": 31.482, "mae_minutes": 17.906, "r2": 0.2149},
            "test": {"rmse_minutes": 32.017, "mae_minutes": 18.233, "r2": 0.2036},
            "rows_seen": 235_743,
            "worst_residual": {"$number": "Infinity"},
        },
    }
    return statement_sample(**fields | overrides)


PARAMETERS: dict[str, Any] = {
    "model": {"kind": "HistGradientBoostingRegressor", "learning_rate": 0.06, "max_iter": 400},
    "features": ["carrier", "origin_airport", "distance_miles", "wind_speed_at_origin_knots"],
    "early_stopping": True,
    "class_weights": None,
    "seed": 20260302,
}
PACKAGES = tuple(
    (name, version)
    for name, version in (
        ("auditkit-manifest", "0.1.0"),
        ("certifi", "2026.1.4"),
        ("fsspec", "2026.2.0"),
        ("joblib", "1.5.2"),
        ("msgspec", "0.20.0"),
        ("narwhals", "2.9.0"),
        ("numpy", "2.3.4"),
        ("packaging", "25.0"),
        ("pandas", "2.3.3"),
        ("pyarrow", "22.0.0"),
        ("python-dateutil", "2.9.0.post0"),
        ("pytz", "2025.2"),
        ("scikit-learn", "1.7.2"),
        ("scipy", "1.16.3"),
        ("six", "1.17.0"),
        ("threadpoolctl", "3.6.0"),
        ("tzdata", "2025.2"),
    )
)


def package_list() -> bytes:
    return msgspec.json.encode([{"name": name, "version": v} for name, v in PACKAGES])
