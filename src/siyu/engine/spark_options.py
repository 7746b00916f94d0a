"""Options of the Spark engine (``[engines.spark]``). Importable without Spark: settings are shown without it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class SparkOptions(BaseModel):
    """Where Spark is, and what it is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        "local[*]",
        pattern=r"^(sc://[^\s/;]+(/.*)?|local(\[[^\]]+\])?|spark://\S+|yarn|k8s://\S+)$",
        description="A Spark Connect server (sc://host:15002), or a master that Siyu starts a driver for: local[*], "
        "spark://host:7077, yarn, k8s://...",
    )
    token: SecretStr | None = Field(None, description="Token of the Spark Connect server, where it asks for one.")
    ship: bool = Field(False, description="Send Siyu's own code to the workers; its dependencies must be there.")
    config: dict[str, str] = Field({}, description="Further settings of Spark, for example spark.executor.memory.")
