"""Settings and paths of one project: `pipeline.toml` read into frozen objects, one class a section.

The section of a stage has the stage's name. Every setting has a default, so an empty file is a good file.

Errors: SettingsError names the file, the setting and the rule it breaks.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipeline.errors import SettingsError
from pipeline.mistakes import describe_mistake
from pipeline.tables import Store

TimedColumn = Literal["wait_s", "talk_s", "hold_s", "wrap_s", "first_response_s"]
ScoredColumn = Literal["csat", "nps", "ces"]
SETTINGS_FILE = "pipeline.toml"
# What reads English alone, and the one for every other project.
ENGLISH_ENCODER, MULTILINGUAL_ENCODER = "all-MiniLM-L6-v2", "multilingual-e5-small"
ENGLISH_REASON_ENCODER = "all-mpnet-base-v2"  # stronger and slower; it sees a few sentences a call
ENGLISH_ENCODERS = (ENGLISH_ENCODER, ENGLISH_REASON_ENCODER)


class Section(BaseModel):
    """A section of `pipeline.toml`: fixed once read, and without unknown settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProjectSettings(Section):
    """Section [project]."""

    languages: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    timezone: str = "UTC"
    currency: str = "EUR"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    keep_raw: bool = False

    @field_validator("currency")
    @classmethod
    def _check_currency(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z]{3}", value):
            raise ValueError("should be a code of three letters such as 'EUR' or 'CNY'")
        return value

    @field_validator("timezone")
    @classmethod
    def _check_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("should be an IANA name such as 'Europe/Berlin' or 'Asia/Shanghai'") from error
        return value


class ModelSettings(Section):
    """Section [models]: a name in models.toml, a local folder, or any name on the model hub."""

    speech: str = "whisper-base"
    encoder: str = ""  # empty: multilingual-e5-small, or all-MiniLM-L6-v2 when languages = ["en"]
    reason_encoder: str = ""  # empty: `encoder` if that is set, else all-mpnet-base-v2 beside all-MiniLM-L6-v2
    adapters: bool = True
    own_adapters: str = ""  # folder; empty: the project's models/adapters if it has one
    speaker: str = "speaker-ge2e"
    hub: bool = True
    hub_timeout_s: float = Field(5.0, gt=0)
    folder: str = ""  # holds models by name, for a machine without any network
    pins: str = ""  # a models.toml of one's own; empty: the project's models/models.toml if it has one


def choose_reason_base(name: str, settings: ModelSettings) -> str:
    """Name the model of the reason encoder beside an encoder: the one that is set, else a stronger one if there is."""
    if settings.reason_encoder or settings.encoder:
        return settings.reason_encoder or name
    return ENGLISH_REASON_ENCODER if name == ENGLISH_ENCODER else name


class IngestSettings(Section):
    """Section [ingest]."""

    recordings: str = "recordings"
    manifest: str = ""
    texts: tuple[str, ...] = ()
    columns: dict[str, str] = Field(default_factory=dict)
    units: dict[TimedColumn, Literal["ms", "s", "min", "h"]] = Field(default_factory=dict)
    top_scores: dict[ScoredColumn, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    date_order: Literal["", "dmy", "mdy"] = ""
    decimal_sign: Literal["", ",", "."] = ""
    file_name_pattern: str = ""
    settle_s: float = Field(2.0, ge=0)


class TranscribeSettings(Section):
    """Section [transcribe]."""

    chinese: Literal["simplified", "as_heard"] = "simplified"
    beam_size: int = Field(5, ge=1)
    batch_size: int = Field(8, ge=1)
    threads: int = Field(0, ge=0)
    hot_words: tuple[str, ...] = ()
    max_speakers: int = Field(3, ge=1)


class RedactSettings(Section):
    """Section [redact]."""

    entities: tuple[str, ...] = ()  # empty: all that the redactor knows
    keep_words: tuple[str, ...] = ()


class RolesSettings(Section):
    """Section [roles]."""

    channels: tuple[Literal["agent", "customer", "unknown"], ...] = ("agent", "customer")
    mend_homophones: bool = True
    min_words: int = Field(3, ge=1)
    min_probability_ratio: float = Field(0.3, ge=0, le=1)


class ExtractSettings(Section):
    """Section [extract]."""

    min_score_ratio: float = Field(0.5, ge=0, le=1)
    min_other_score_ratio: float = Field(0.8, ge=0, le=1)
    max_reasons: int = Field(4, ge=1)
    min_words: int = Field(3, ge=1)


class AssignSettings(Section):
    """Section [assign]."""

    min_score_ratio: float = Field(0.5, ge=0, le=1)
    min_margin_ratio: float = Field(0.05, ge=0, le=1)


class ClusterSettings(Section):
    """Section [cluster]."""

    n_clusters: int = Field(0, ge=0)
    min_calls: int = Field(3, ge=2)
    seed: int = 0
    namer_url: str = ""  # empty: names are made on this machine, and nothing leaves it
    namer_model: str = ""
    namer_key_env: str = ""  # names the variable that holds the key; the key itself stands in no file
    namer_timeout_s: float = Field(20.0, gt=0)

    @field_validator("namer_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("should begin with https:// or http:// and name a machine")
        return value


class SentimentSettings(Section):
    """Section [sentiment]."""

    calm_problem: Literal["neutral", "negative"] = "neutral"
    min_feeling: float = Field(0.2, gt=0, le=1)
    end_share_ratio: float = Field(0.5, ge=0, le=1)


class MeasureSettings(Section):
    """Section [measure]."""

    wage_per_hour: float = Field(30.0, ge=0)
    repeat_window_days: float = Field(7.0, gt=0)
    transfer_window_s: float = Field(900.0, ge=0)
    trust_file_times: bool = False  # true: the recorder writes each file as its call ends, and nobody copies them
    shared_customer_calls: int = Field(50, ge=0)  # 0: however often they call, they are one customer
    several_reasons: Literal["time", "equal", "full", "first"] = "time"
    telephone_cost_per_minute: float = Field(0.0, ge=0)
    lifetime_value: float = Field(0.0, ge=0)
    threat_leaving_ratio: float = Field(0.2, ge=0, le=1)
    cancel_leaving_ratio: float = Field(0.8, ge=0, le=1)
    cancelling_codes: tuple[str, ...] = ()
    show_agents: bool = False
    general_codes: tuple[str, ...] = ("general", "other", "misc", "miscellaneous", "其他", "其它", "一般")
    forecast_weeks: int = Field(12, ge=4)  # fewer forecast no year
    weekly_question: str = ""  # CSV of answers to "what did most people call about?"; empty: nobody is asked


class ReportSettings(Section):
    """Section [report]."""

    language: Literal["en", "zh"] = "en"
    n_quotes: int = Field(5, ge=0)


class Settings(Section):
    """All of `pipeline.toml`."""

    project: ProjectSettings = ProjectSettings()
    models: ModelSettings = ModelSettings()
    ingest: IngestSettings = IngestSettings()
    transcribe: TranscribeSettings = TranscribeSettings()
    redact: RedactSettings = RedactSettings()
    roles: RolesSettings = RolesSettings()
    extract: ExtractSettings = ExtractSettings()
    assign: AssignSettings = AssignSettings()
    cluster: ClusterSettings = ClusterSettings()
    sentiment: SentimentSettings = SentimentSettings()
    measure: MeasureSettings = MeasureSettings()
    report: ReportSettings = ReportSettings()


@dataclass(frozen=True)
class Project:
    """A working folder: its settings and where its things lie."""

    root: Path
    settings: Settings

    @property
    def timezone(self) -> tzinfo:
        """The zone in which file names and manifests tell the time."""
        return ZoneInfo(self.settings.project.timezone)

    @property
    def encoder(self) -> str:
        """The project's one encoder."""
        english_only = self.settings.project.languages == ("en",)
        return self.settings.models.encoder or (ENGLISH_ENCODER if english_only else MULTILINGUAL_ENCODER)

    @property
    def encoders(self) -> tuple[str, ...]:
        """The project's encoder, and the model of its reason encoder where that is another."""
        return tuple(dict.fromkeys((self.encoder, choose_reason_base(self.encoder, self.settings.models))))

    @property
    def store(self) -> Store:
        """The derived tables."""
        return Store(self.root / "store")

    @property
    def transcripts(self) -> Path:
        """Where transcripts lie, a folder a day."""
        return self.root / "transcripts"

    @property
    def taxonomy(self) -> Path:
        """Where the reason codes lie."""
        return self.root / "taxonomy"

    @property
    def state(self) -> Path:
        """What can be derived from nothing else."""
        return self.root / "state"

    @property
    def reports(self) -> Path:
        """Where reports are written."""
        return self.root / "reports"


def read_project(root: Path) -> Project:
    """Read the project in a folder.

    Raises:
        SettingsError: The folder has no `pipeline.toml`, or a setting in it is wrong.
    """
    path = root / SETTINGS_FILE
    try:
        content = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise SettingsError(
            f"'{root}' has no {SETTINGS_FILE}. Make a project with `callreasons init DIR` or name one with --project."
        ) from None
    try:
        settings = Settings.model_validate(tomllib.loads(content))
        return Project(root.resolve(), settings.model_copy(update={"models": _place(settings.models, root.resolve())}))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}. Mend that line.") from None
    except ValidationError as error:
        raise SettingsError(f"{path}: {describe_mistake(error.errors()[0], Settings)}") from None


def _place(models: ModelSettings, root: Path) -> ModelSettings:
    """Read folders among the model settings as seen from the project; find its own models.toml and adapters."""
    names = {
        name: getattr(models, name)
        for name in ("speech", "encoder", "reason_encoder", "speaker", "folder", "pins", "own_adapters")
    }
    placed = {name: str(root / value) for name, value in names.items() if value and (root / value).exists()}
    own = root / "models" / "models.toml"
    adapters = root / "models" / "adapters"
    found = ({"pins": str(own)} if own.is_file() else {}) | (
        {"own_adapters": str(adapters)} if adapters.is_dir() else {}
    )
    return models.model_copy(update=found | placed)
