"""The configuration of an installation: environment variables, read into one typed model.

``load_environment`` reports every variable with a wrong value at once, in Thai. Without any variable the result is a
safe local installation in ``./var``. Values of secrets never appear in an error.

| Variable | Meaning | Default |
|---|---|---|
| PRONGSAI_DATA | folder of the database, uploads and key | ./var |
| SECRET_KEY | signing key, at least 50 letters | generated once, stored in PRONGSAI_DATA |
| DATABASE_URL | postgres://user:password@host/name | SQLite in PRONGSAI_DATA |
| PRONGSAI_DATABASE_REPLICA | a copy of the database, postgres://…, that public pages read | DATABASE_URL |
| PRONGSAI_FILES | s3://bucket/folder?endpoint=https://…&region=…: files of several machines | PRONGSAI_DATA/files |
| PRONGSAI_KEYS | folder of keys, shared by all machines | PRONGSAI_DATA/keys |
| PRONGSAI_HOSTS | host names, separated by commas; pages here are filed by the first | localhost,127.0.0.1,[::1] |
| PRONGSAI_HTTPS | 1 when browsers connect by https (through a proxy) | 0 |
| PRONGSAI_DEMO | 1 shows the demo's users on the sign-in page and the fictional-data banner | 0 |
| PRONGSAI_SECOND_FACTOR | 1: office, executives, assessors sign in with a second factor or a passkey | PRONGSAI_HTTPS |
| PRONGSAI_RECENT_SIGN_IN | minutes after which publishing, sealing and the like ask who is there; 0: never | 15 |
| PRONGSAI_LEAST_SHARE | per cent of agencies that must have answers, marks, a total to seal and publish; 0: any | 50 |
| PRONGSAI_SECOND_PERSON | 1: a second person confirms announcing, publishing, withdrawing, destroying answers | 0 |
| PRONGSAI_PROOF_OF_WORK | bits of work that an answer through an open link costs its device; 0: none | 18 |
| PRONGSAI_NATIONAL_AGENCY | name of the office that runs the assessment, shown in the footer | |
| PRONGSAI_OFFICE_CONTACT | how agencies reach that office, shown where they wait for it | |
| EMAIL_URL | smtp://user:password@host:587/?tls=1 | printed to the console |
| EMAIL_FROM | sender | prongsai@localhost |
| OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_NAME | OpenID Connect, e.g. a national digital ID | off |
| PRONGSAI_PAGES_MB | megabytes of rendered public pages that this machine stores; 0: none | 1536 |
| PRONGSAI_LINKS_CONTACT | contact in the user agent of link checks | mailto: and EMAIL_FROM |
| PRONGSAI_LINKS_TRIES, PRONGSAI_LINKS_SPREAD | failed checks until a link is broken; seconds between | 3, 21600 |
| PRONGSAI_LINKS_DAYS | different days on which it must have failed in office hours; 0: any hour | 2 |
| PRONGSAI_LINKS_ALLOW | addresses with ports of one's own network that may be checked: 10.1.2.3:80 | none |
| PRONGSAI_LINKS_HOSTS | addresses of names without DNS: intranet.example=10.1.2.3 (10.1.2.3:8080: its port 80) | none |
| PRONGSAI_RENDERING | 1: pages that scripts make are shown by a browser and read (prongsai[render], Chromium) | 0 |
| PRONGSAI_SCORING_ENGINE | the engine that scores a round, an address of Ibis: pyspark://, clickhouse://… | duckdb:// |
| PRONGSAI_JOBS_LEASE, PRONGSAI_JOBS_RETRY | seconds until a dead worker's job is taken over; to a second try | 60, 10 |
| PRONGSAI_BACKUPS | folder, or s3://…, for the backups that a worker writes daily | off |
| PRONGSAI_DRAIN | seconds that a server which is stopped still answers, so that a balancer leaves it | 0 |
| PRONGSAI_LOG_ORIGIN | name of the public log, such as the site's host/log, before its first entry | drawn at random |
| PRONGSAI_LOG_WITNESSES | witnesses of the public log, separated by commas, each: public key, space, address | none |
| PRONGSAI_LOG_TIMESTAMPS | address of a time-stamping authority (RFC 3161) for the public log | none |
| PRONGSAI_WORKERS | 0 runs background work at once, inside the request (tests) | 1 |
| PRONGSAI_SURVEY_DRY | 1 discards submitted answers (benchmarks) | 0 |
| PRONGSAI_METRICS, PRONGSAI_METRICS_WORKER | where serve and worker answer Prometheus: 127.0.0.1:9464 | off |
| PRONGSAI_METRICS_TOKEN | what Prometheus sends along, at least 20 letters; needed beyond this machine | |
| PRONGSAI_TRACES | where traces of OpenTelemetry go: http://host:4318/v1/traces | off |
| PRONGSAI_SENTRY | the address (DSN) at which Sentry takes reports of errors | off |
| PRONGSAI_SLOW_QUERIES | milliseconds from which a statement to the database is logged; 0: never | 0 |
| PRONGSAI_REQUEST_ID_HEADER | header in which the proxy sets an identifier: X-Request-ID | none: made here |
| LOG_LEVEL | DEBUG, INFO, WARNING, ERROR or CRITICAL | INFO |
"""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

import dj_database_url
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    HttpUrl,
    IPvAnyAddress,
    SecretStr,
    TypeAdapter,
    UrlConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, Url
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class InvalidEnvironmentError(Exception):
    """Some variables have wrong values; ``problems`` has a sentence in Thai for each, beginning with its name."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n  ".join(("ตัวแปรสภาพแวดล้อมต่อไปนี้ใช้ไม่ได้:", *problems)))


def _split_commas(text: Any) -> Any:
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


def _split_ports(text: Any) -> Any:
    """ "10.1.2.3:80" as an address and a port; pydantic judges both."""
    return [part.rpartition(":")[::2] for part in _split_commas(text)] if isinstance(text, str) else text


def _split_host_entries(text: Any) -> Any:
    """ "intranet.example=10.1.2.3" as in a hosts file: name and address; after 10.1.2.3:8080 the port that the name's
    port 80 stands for."""
    if not isinstance(text, str):
        return text
    entries = (part.partition("=")[::2] for part in _split_commas(text))
    return {name: place.split(":") if place.count(":") == 1 else (place, None) for name, place in entries}


def _split_witnesses(text: Any) -> Any:
    """ "KEY ADDRESS, KEY ADDRESS" as pairs."""
    return [part.partition(" ")[::2] for part in _split_commas(text)] if isinstance(text, str) else text


def _check_origin(origin: str) -> str:
    if any(letter.isspace() or letter == "+" or not letter.isprintable() for letter in origin) or len(origin) > 200:
        raise ValueError("ต้องไม่มีช่องว่างหรือเครื่องหมาย + และไม่เกิน 200 ตัวอักษร")
    return origin


def _check_host(host: str) -> str:
    if "/" in host:
        raise ValueError(f"“{host}” ต้องเป็นชื่อโฮสต์เท่านั้น ไม่มี https:// และไม่มี /")
    return host


def _check_http_url(url: str) -> str:
    TypeAdapter(HttpUrl).validate_python(url)
    return url


def _check_database_url(url: SecretStr) -> SecretStr:
    try:
        engine = dj_database_url.parse(url.get_secret_value())["ENGINE"]
    except ValueError:
        engine = ""
    if engine not in ("django.db.backends.postgresql", "django.db.backends.sqlite3"):
        raise ValueError("ต้องเป็น postgres://ผู้ใช้:รหัสผ่าน@โฮสต์/ฐานข้อมูล")
    return url


def _check_replica_url(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("postgres://", "postgresql://")):
        raise ValueError("ต้องเป็น postgres://ผู้ใช้:รหัสผ่าน@โฮสต์/ฐานข้อมูล")
    return _check_database_url(url)


def _check_bucket(place: str) -> str:
    parts = urlsplit(place)
    if parts.scheme != "s3" or not parts.hostname or "@" in parts.netloc:
        raise ValueError(
            "ต้องเป็น s3://ถังเก็บ/โฟลเดอร์?endpoint=https://เครื่อง กุญแจใส่ใน AWS_ACCESS_KEY_ID และ AWS_SECRET_ACCESS_KEY"
        )
    if unknown := set(parse_qs(parts.query)) - {"endpoint", "region"}:
        raise ValueError(f"ไม่รู้จัก {', '.join(sorted(unknown))} ใส่ได้เฉพาะ endpoint และ region")
    if endpoint := parse_qs(parts.query).get("endpoint"):
        _check_http_url(endpoint[-1])
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ValueError("ต้องติดตั้งส่วนเสริมก่อน: pip install 'prongsai[s3]'")
    return place


def _check_backups(place: Any) -> Any:
    return _check_bucket(place) if isinstance(place, str) and "://" in place else Path(place)


def _check_engine(address: str) -> str:
    if "://" not in address:
        raise ValueError("ต้องเป็นที่อยู่ของเครื่องคำนวณ เช่น duckdb:// pyspark:// clickhouse://ผู้ใช้:รหัสผ่าน@โฮสต์/ฐานข้อมูล")
    return address


def _check_mail_security(url: Url) -> Url:
    options = dict(url.query_params())
    if options.get("tls") == "1" and options.get("ssl") == "1":
        raise ValueError("เลือกได้อย่างเดียวระหว่าง tls=1 กับ ssl=1")
    return url


def _split_listener(text: Any) -> Any:
    """ "127.0.0.1:9464" or "[::1]:9464" as an address and a port."""
    if not isinstance(text, str):
        return text
    address, _, port = text.rpartition(":")
    return address.removeprefix("[").removesuffix("]"), port


def _require(extra: str, *modules: str) -> Callable[[Any], Any]:
    """Refuses a setting whose libraries are not installed."""

    def check(value: Any) -> Any:
        try:
            is_there = all(find_spec(module) for module in modules)
        except ModuleNotFoundError:  # not even the package above it
            is_there = False
        if not is_there:
            raise ValueError(f"ต้องติดตั้งส่วนเสริมก่อน: pip install 'prongsai[{extra}]' หรือเอาตัวแปรนี้ออก")
        return value

    return check


def _check_dsn(dsn: SecretStr) -> SecretStr:
    url = urlsplit(dsn.get_secret_value())
    if url.scheme not in ("http", "https") or not url.username or not url.hostname or not url.path.strip("/"):
        raise ValueError("ต้องเป็น DSN ของ Sentry เช่น https://กุญแจ@โฮสต์/เลขโครงการ")
    return dsn


def _check_token(token: SecretStr) -> SecretStr:
    if len(token.get_secret_value()) < 20:
        raise ValueError("ต้องยาวอย่างน้อย 20 ตัว")
    return token


Port = Annotated[int, Field(ge=1, le=65535)]
DEMO_PAGES_HOST = "pages.srisommut.example"  # the name by which pages of the demonstration are filed
Listener = Annotated[tuple[IPvAnyAddress, Port] | None, NoDecode, BeforeValidator(_split_listener)]


class Environment(BaseSettings):
    """Every variable, with its type and default. An empty variable counts as absent."""

    model_config = SettingsConfigDict(case_sensitive=True, env_ignore_empty=True, frozen=True, extra="ignore")

    data: Path = Field(Path("var"), validation_alias="PRONGSAI_DATA")
    secret_key: SecretStr | None = Field(None, validation_alias="SECRET_KEY")
    database_url: Annotated[SecretStr, AfterValidator(_check_database_url)] | None = Field(
        None, validation_alias="DATABASE_URL"
    )
    database_replica: Annotated[SecretStr, AfterValidator(_check_replica_url)] | None = Field(
        None, validation_alias="PRONGSAI_DATABASE_REPLICA"
    )
    files: Annotated[str, AfterValidator(_check_bucket)] | None = Field(None, validation_alias="PRONGSAI_FILES")
    keys: Path | None = Field(None, validation_alias="PRONGSAI_KEYS")
    hosts: Annotated[
        tuple[Annotated[str, AfterValidator(_check_host)], ...], NoDecode, BeforeValidator(_split_commas)
    ] = Field(("localhost", "127.0.0.1", "[::1]"), validation_alias="PRONGSAI_HOSTS")
    https: bool = Field(False, validation_alias="PRONGSAI_HTTPS")
    demo: bool = Field(False, validation_alias="PRONGSAI_DEMO")
    second_factor: bool | None = Field(None, validation_alias="PRONGSAI_SECOND_FACTOR")
    recent_sign_in: int = Field(15, ge=0, le=720, validation_alias="PRONGSAI_RECENT_SIGN_IN")  # minutes
    least_share: int = Field(50, ge=0, le=100, validation_alias="PRONGSAI_LEAST_SHARE")  # per cent of agencies
    second_person: bool = Field(False, validation_alias="PRONGSAI_SECOND_PERSON")
    national_agency: str = Field("", validation_alias="PRONGSAI_NATIONAL_AGENCY")
    office_contact: str = Field("", max_length=300, validation_alias="PRONGSAI_OFFICE_CONTACT")
    email_url: (
        Annotated[
            Url, UrlConstraints(allowed_schemes=["smtp"], host_required=True), AfterValidator(_check_mail_security)
        ]
        | None
    ) = Field(None, validation_alias="EMAIL_URL")
    email_from: str = Field("prongsai@localhost", validation_alias="EMAIL_FROM")
    oidc_issuer: Annotated[str, AfterValidator(_check_http_url)] | None = Field(None, validation_alias="OIDC_ISSUER")
    oidc_client_id: str = Field("", validation_alias="OIDC_CLIENT_ID")
    oidc_client_secret: SecretStr = Field(SecretStr(""), validation_alias="OIDC_CLIENT_SECRET")
    oidc_name: str = Field("OpenID Connect", validation_alias="OIDC_NAME")
    links_contact: str = Field("", validation_alias="PRONGSAI_LINKS_CONTACT")
    links_tries: int = Field(3, ge=1, validation_alias="PRONGSAI_LINKS_TRIES")
    links_spread: int = Field(21600, ge=0, validation_alias="PRONGSAI_LINKS_SPREAD")  # seconds
    pages_mb: int = Field(1536, ge=0, le=1_000_000, validation_alias="PRONGSAI_PAGES_MB")
    links_days: int = Field(2, ge=0, le=5, validation_alias="PRONGSAI_LINKS_DAYS")
    rendering: bool = Field(False, validation_alias="PRONGSAI_RENDERING")
    links_allow: Annotated[tuple[tuple[IPvAnyAddress, Port], ...], NoDecode, BeforeValidator(_split_ports)] = Field(
        (), validation_alias="PRONGSAI_LINKS_ALLOW"
    )
    links_hosts: Annotated[
        Mapping[str, tuple[IPvAnyAddress, Port | None]], NoDecode, BeforeValidator(_split_host_entries)
    ] = Field({}, validation_alias="PRONGSAI_LINKS_HOSTS")
    scoring_engine: Annotated[str, AfterValidator(_check_engine)] = Field(
        "duckdb://", validation_alias="PRONGSAI_SCORING_ENGINE"
    )
    jobs_lease: int = Field(60, ge=2, le=600, validation_alias="PRONGSAI_JOBS_LEASE")  # seconds
    jobs_retry: int = Field(10, ge=0, le=600, validation_alias="PRONGSAI_JOBS_RETRY")  # seconds
    backups: Annotated[Path | str, BeforeValidator(_check_backups)] | None = Field(
        None, validation_alias="PRONGSAI_BACKUPS"
    )
    drain: int = Field(0, ge=0, le=300, validation_alias="PRONGSAI_DRAIN")  # seconds
    log_origin: Annotated[str, AfterValidator(_check_origin)] = Field("", validation_alias="PRONGSAI_LOG_ORIGIN")
    log_witnesses: Annotated[
        tuple[tuple[str, Annotated[str, AfterValidator(_check_http_url)]], ...],
        NoDecode,
        BeforeValidator(_split_witnesses),
    ] = Field((), validation_alias="PRONGSAI_LOG_WITNESSES")
    log_timestamps: Annotated[str, AfterValidator(_check_http_url)] | None = Field(
        None, validation_alias="PRONGSAI_LOG_TIMESTAMPS"
    )
    workers: bool = Field(True, validation_alias="PRONGSAI_WORKERS")
    proof_of_work: int = Field(18, ge=0, le=24, validation_alias="PRONGSAI_PROOF_OF_WORK")  # bits
    survey_dry: bool = Field(False, validation_alias="PRONGSAI_SURVEY_DRY")
    metrics_token: Annotated[SecretStr, AfterValidator(_check_token)] | None = Field(
        None, validation_alias="PRONGSAI_METRICS_TOKEN"
    )
    metrics: Listener = Field(None, validation_alias="PRONGSAI_METRICS")
    metrics_worker: Listener = Field(None, validation_alias="PRONGSAI_METRICS_WORKER")
    traces: (
        Annotated[
            str,
            AfterValidator(_check_http_url),
            AfterValidator(
                _require(
                    "observability", "opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter"
                )
            ),
        ]
        | None
    ) = Field(None, validation_alias="PRONGSAI_TRACES")
    sentry: (
        Annotated[SecretStr, AfterValidator(_check_dsn), AfterValidator(_require("observability", "sentry_sdk"))] | None
    ) = Field(None, validation_alias="PRONGSAI_SENTRY")
    slow_queries: int = Field(0, ge=0, validation_alias="PRONGSAI_SLOW_QUERIES")  # milliseconds
    request_id_header: str = Field(
        "", pattern=r"^([A-Za-z][A-Za-z0-9-]{0,60})?$", validation_alias="PRONGSAI_REQUEST_ID_HEADER"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field("INFO", validation_alias="LOG_LEVEL")

    @field_validator("oidc_client_id")
    @classmethod
    def _require_client_id(cls, client_id: str, info: ValidationInfo) -> str:
        if info.data.get("oidc_issuer") and not client_id:
            raise ValueError("ต้องกำหนดเมื่อกำหนด OIDC_ISSUER")
        return client_id

    @field_validator("metrics", "metrics_worker")
    @classmethod
    def _require_token(cls, listener: Any, info: ValidationInfo) -> Any:
        if listener and not listener[0].is_loopback and info.data.get("metrics_token") is None:
            raise ValueError("เครื่องอื่นอ่านได้ จึงต้องกำหนด PRONGSAI_METRICS_TOKEN ด้วย หรือรับฟังที่ 127.0.0.1")
        return listener


_MESSAGES_TH = {
    "bool_parsing": "ต้องเป็น 1 หรือ 0",
    "int_parsing": "ต้องเป็นจำนวนเต็ม",
    "greater_than_equal": "ต้องไม่น้อยกว่า {ge}",
    "less_than_equal": "ต้องไม่เกิน {le}",
    "ip_any_address": "ต้องเป็นที่อยู่ IP",
    "string_pattern_mismatch": "ต้องเป็นชื่อเฮดเดอร์ เช่น X-Request-ID",
    "literal_error": "ต้องเป็นค่าใดค่าหนึ่ง: {expected}",
    "url_scheme": "ต้องขึ้นต้นด้วย {expected_schemes}",
    "url_parsing": "ไม่ใช่ URL ที่ใช้ได้",
}


def _describe_problem(error: ErrorDetails) -> str:
    """A sentence for one of pydantic's errors: the variable, where in it, what is expected."""
    variable, *path = error["loc"]
    if field := Environment.model_fields.get(str(variable)):  # a wrong default is named by its field
        variable = str(field.validation_alias)
    entry = next((f" รายการที่ {p + 1}" if isinstance(p, int) else f" {p}" for p in path), "")
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        text = str(context["error"])
    else:
        text = _MESSAGES_TH.get(error["type"], "ค่าใช้ไม่ได้").format(**context)
    return f"{variable}{entry}: {text}"


def load_environment() -> Environment:
    """The configuration of this process. Raises InvalidEnvironmentError with every problem."""
    try:
        return Environment()
    except ValidationError as error:
        problems = [_describe_problem(e) for e in error.errors(include_url=False, include_input=False)]
    raise InvalidEnvironmentError(list(dict.fromkeys(problems)))
