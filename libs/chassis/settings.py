"""The environment every process needs, and the refusal to start in production without secrets."""

from typing import Literal, Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.eventstore.position import PARTITIONS_DEFAULT

SECRET_BYTES_MIN = 32


class Settings(BaseSettings):
    """What is the same in every service; a service adds its own few fields.

    Names are the environment variables in lower case. Nothing else reads the environment.
    Secrets are at least 32 characters. In production every one must be set; elsewhere a missing
    one is an error too, for there is no safe default: the demo's supervisor makes them.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    phonebank_env: Literal["production", "demo", "test"] = "production"
    mongodb_url: str
    kafka_bootstrap: str
    database_prefix: str = "phonebank"
    topic_prefix: str = ""
    partitions: int = PARTITIONS_DEFAULT
    public_url: str = "http://localhost:8000"
    log_level: str = "INFO"
    token_key: SecretStr
    service_key: SecretStr
    clock_offset_seconds: float = 0.0

    @model_validator(mode="after")
    def _secrets_are_long(self) -> Self:
        for name, value in self:
            if isinstance(value, SecretStr) and len(value.get_secret_value()) < SECRET_BYTES_MIN:
                message = f"{name.upper()} must be at least {SECRET_BYTES_MIN} characters"
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        if self.phonebank_env == "production":
            if not self.public_url.startswith("https://"):
                raise ValueError("PUBLIC_URL must be an https:// address in production")
            if self.clock_offset_seconds:
                raise ValueError("CLOCK_OFFSET_SECONDS is for demo and tests only")
        return self

    def database(self, service: str) -> str:
        """The name of a service's database."""
        return f"{self.database_prefix}_{service}"

    def topic(self, service: str) -> str:
        """The Kafka topic a service publishes to."""
        return f"{self.topic_prefix}{service}.events"
