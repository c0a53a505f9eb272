"""Stage 4, train: a gradient-boosted regression of the arrival delay, in minutes.

The baseline is the guess that any passenger would make: it arrives as late as it left. The model
learns what to add to it. Writes `models/model.joblib` and `metrics.json`.
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
BASELINE = "dep_delay"
TARGET = "arr_delay"

Floats = NDArray[np.float64]


def minutes(table: pa.Table, name: str) -> Floats:
    """Return one column of minutes."""
    return table[name].to_numpy().astype(np.float64)


def columns(table: pa.Table, names: tuple[str, ...]) -> NDArray[Any]:
    """Return the named columns side by side, one row for each flight."""
    return np.column_stack([table[name].to_numpy() for name in names])


def design_matrix(table: pa.Table, encoder: OrdinalEncoder) -> Floats:
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
        minutes(train, TARGET) - minutes(train, BASELINE),
        X_val=design_matrix(validation, encoder),
        y_val=minutes(validation, TARGET) - minutes(validation, BASELINE),
    )
    return encoder, model


def score(predicted: Floats, actual: Floats) -> dict[str, float]:
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
        baseline, actual = minutes(sides[side], BASELINE), minutes(sides[side], TARGET)
        correction = model.predict(design_matrix(sides[side], encoder))
        metrics[side] = {
            "model": score(baseline + correction, actual),
            "baseline": score(baseline, actual),
        }
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    joblib.dump({"encoder": encoder, "model": model}, MODEL, compress=3)
    METRICS.write_text(json.dumps(metrics, indent=2) + "\n")
    print(
        f"train: mean error {metrics['test']['model']['mae_minutes']:.1f} minutes on the test "
        f"days, {metrics['test']['baseline']['mae_minutes']:.1f} for the baseline "
        f"-> {MODEL}, {METRICS}"
    )


if __name__ == "__main__":
    main()
