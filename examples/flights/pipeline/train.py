"""Stage 4, train: a gradient-boosted regression of the arrival delay, in minutes.

Writes `models/model.joblib` and `metrics.json`. The model has to beat the guess that any
passenger would make: it arrives as late as it left.
"""

import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import params
import pyarrow as pa
import tables
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.preprocessing import OrdinalEncoder

FEATURES = Path("data/features")
MODEL = Path("models/model.joblib")
METRICS = Path("metrics.json")

CATEGORIES = ("carrier", "origin", "dest")
NUMBERS = ("month", "weekday", "sched_dep_minute", "distance", "dep_delay")
TARGET = "arr_delay"

Matrix = NDArray[np.float64]


def columns(table: pa.Table, names: tuple[str, ...]) -> NDArray[Any]:
    """Return the named columns side by side, one row for each flight."""
    return np.column_stack([table[name].to_numpy() for name in names])


def design_matrix(table: pa.Table, encoder: OrdinalEncoder) -> Matrix:
    """Return the model's input: encoded categories first, then the numbers."""
    return np.hstack([encoder.transform(columns(table, CATEGORIES)), columns(table, NUMBERS)])


def fit(
    train: pa.Table, validation: pa.Table, settings: dict[str, Any]
) -> tuple[OrdinalEncoder, HistGradientBoostingRegressor]:
    """Return the encoder and the model; training stops when validation no longer improves."""
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    encoder.fit(columns(train, CATEGORIES))
    model = HistGradientBoostingRegressor(
        categorical_features=list(range(len(CATEGORIES))),
        max_iter=settings["max_iterations"],
        learning_rate=settings["learning_rate"],
        max_leaf_nodes=settings["leaf_nodes"],
        early_stopping=True,
        n_iter_no_change=settings["patience"],
        random_state=settings["seed"],
    )
    model.fit(
        design_matrix(train, encoder),
        train[TARGET].to_numpy(),
        X_val=design_matrix(validation, encoder),
        y_val=validation[TARGET].to_numpy(),
    )
    return encoder, model


def score(predicted: Matrix, actual: Matrix) -> dict[str, float]:
    """Return the errors in minutes, and the share of the variance explained."""
    error = predicted - actual
    return {
        "mae_minutes": round(float(np.abs(error).mean()), 4),
        "rmse_minutes": round(float(np.sqrt((error**2).mean())), 4),
        "r2": round(float(1 - (error**2).sum() / ((actual - actual.mean()) ** 2).sum()), 4),
    }


def main() -> None:
    """Run the stage."""
    sides = {
        side: tables.read_by_month(FEATURES / side) for side in ("train", "validation", "test")
    }
    encoder, model = fit(sides["train"], sides["validation"], params.load("train"))
    metrics: dict[str, Any] = {"iterations": int(model.n_iter_)}
    for side in ("validation", "test"):
        actual = sides[side][TARGET].to_numpy().astype(np.float64)
        metrics[side] = score(model.predict(design_matrix(sides[side], encoder)), actual)
    left_late = sides["test"]["dep_delay"].to_numpy().astype(np.float64)
    metrics["baseline"] = score(left_late, sides["test"][TARGET].to_numpy().astype(np.float64))
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    joblib.dump({"encoder": encoder, "model": model}, MODEL)
    METRICS.write_text(json.dumps(metrics, indent=2) + "\n")
    print(
        f"train: mean error {metrics['test']['mae_minutes']:.1f} minutes on the test days, "
        f"{metrics['baseline']['mae_minutes']:.1f} for the baseline -> {MODEL}, {METRICS}"
    )


if __name__ == "__main__":
    main()
