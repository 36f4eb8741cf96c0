"""Configuration: every wrong variable is reported at once, by its name, without secrets; defaults are safe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from prongsai.environment import Environment, InvalidEnvironmentError, load_environment

VARIABLES = {str(field.validation_alias) for field in Environment.model_fields.values()}
WRONG = {
    "PRONGSAI_HOSTS": "ita.example.go.th,https://ita.example.go.th",
    "PRONGSAI_HTTPS": "perhaps",
    "PRONGSAI_DEMO": "2",
    "PRONGSAI_WORKERS": "two",
    "PRONGSAI_SURVEY_DRY": "x",
    "PRONGSAI_JOBS_LEASE": "1",
    "PRONGSAI_JOBS_RETRY": "soon",
    "PRONGSAI_DATABASE_REPLICA": "sqlite:///copy.sqlite3",
    "PRONGSAI_FILES": "s3://key:hunter3@bucket/files",
    "PRONGSAI_BACKUPS": "ftp://host/backups",
    "PRONGSAI_DRAIN": "a minute",
    "DATABASE_URL": "oracle://scott:tiger@host/name",
    "EMAIL_URL": "imap://user:hunter2@host",
    "OIDC_ISSUER": "id.example.go.th",
    "PRONGSAI_LINKS_TRIES": "0",
    "PRONGSAI_LINKS_SPREAD": "six hours",
    "PRONGSAI_LINKS_DAYS": "6",
    "PRONGSAI_PAGES_MB": "-1",
    "PRONGSAI_LINKS_ALLOW": "10.1.2.3:80,10.1.2.4:99999",
    "PRONGSAI_LINKS_HOSTS": "intranet.example=10.1.2.3,other.example",
    "PRONGSAI_RENDERING": "perhaps",
    "PRONGSAI_LEAST_SHARE": "101",
    "PRONGSAI_PROOF_OF_WORK": "25",
    "PRONGSAI_SECOND_PERSON": "perhaps",
    "PRONGSAI_METRICS": "0.0.0.0:9464",
    "PRONGSAI_METRICS_WORKER": "127.0.0.1:99999",
    "PRONGSAI_METRICS_TOKEN": "hunter2",
    "PRONGSAI_TRACES": "collector:4318",
    "PRONGSAI_SENTRY": "https://hunter2.example/1",
    "PRONGSAI_SLOW_QUERIES": "-1",
    "PRONGSAI_REQUEST_ID_HEADER": "X-Request-ID: x",
    "LOG_LEVEL": "LOUD",
}


@pytest.fixture
def environment(monkeypatch):
    """Sets variables in an environment that has no other of ours, and reads it."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def load(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load_environment()

    return load


def test_every_wrong_variable_is_reported_at_once_without_its_secrets(environment):
    with pytest.raises(InvalidEnvironmentError) as caught:
        environment(**WRONG)
    reported = [problem.partition(":")[0].split()[0] for problem in caught.value.problems]
    assert set(reported) == set(WRONG)
    for secret in ("tiger", "hunter2", "hunter3"):
        assert secret not in str(caught.value)


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_variable_alone_is_refused(environment, name):
    with pytest.raises(InvalidEnvironmentError, match=name):
        environment(**{name: WRONG[name]})


def test_an_entry_of_a_list_is_named_by_its_place(environment):
    with pytest.raises(InvalidEnvironmentError, match="PRONGSAI_LINKS_ALLOW รายการที่ 2: ต้องไม่เกิน 65535"):
        environment(PRONGSAI_LINKS_ALLOW=WRONG["PRONGSAI_LINKS_ALLOW"])


def test_settings_that_contradict_each_other_are_refused(environment):
    with pytest.raises(InvalidEnvironmentError) as caught:
        environment(OIDC_ISSUER="https://id.example.go.th", EMAIL_URL="smtp://host/?tls=1&ssl=1")
    assert [p.partition(":")[0] for p in caught.value.problems] == ["EMAIL_URL", "OIDC_CLIENT_ID"]


def test_defaults_are_those_of_a_safe_local_installation(environment):
    values = environment()
    assert values.model_dump(mode="json") == {
        "data": "var",
        "secret_key": None,
        "database_url": None,
        "database_replica": None,
        "files": None,
        "keys": None,
        "drain": 0,
        "hosts": ["localhost", "127.0.0.1", "[::1]"],
        "https": False,
        "demo": False,
        "second_factor": None,
        "recent_sign_in": 15,
        "least_share": 50,
        "second_person": False,
        "national_agency": "",
        "office_contact": "",
        "email_url": None,
        "email_from": "prongsai@localhost",
        "oidc_issuer": None,
        "oidc_client_id": "",
        "oidc_client_secret": "",
        "oidc_name": "OpenID Connect",
        "links_contact": "",
        "links_tries": 3,
        "links_spread": 21600,
        "links_days": 2,
        "rendering": False,
        "links_allow": [],
        "jobs_lease": 60,
        "jobs_retry": 10,
        "links_hosts": {},
        "scoring_engine": "duckdb://",
        "backups": None,
        "log_origin": "",
        "log_witnesses": [],
        "log_timestamps": None,
        "metrics": None,
        "metrics_worker": None,
        "metrics_token": None,
        "traces": None,
        "sentry": None,
        "slow_queries": 0,
        "request_id_header": "",
        "workers": True,
        "proof_of_work": 18,
        "survey_dry": False,
        "pages_mb": 1536,
        "log_level": "INFO",
    }


def test_metrics_beyond_this_machine_need_a_token(environment):
    """Anybody in the network could read them."""
    token = "twenty letters at least"
    for listener in ("0.0.0.0:9464", "10.1.2.3:9464", "[::]:9464"):
        with pytest.raises(InvalidEnvironmentError, match=r"PRONGSAI_METRICS: .*PRONGSAI_METRICS_TOKEN"):
            environment(PRONGSAI_METRICS=listener, PRONGSAI_METRICS_TOKEN="")
        assert environment(PRONGSAI_METRICS=listener, PRONGSAI_METRICS_TOKEN=token).metrics[1] == 9464
    for listener in ("127.0.0.1:9464", "[::1]:9464"):
        assert environment(PRONGSAI_METRICS=listener, PRONGSAI_METRICS_TOKEN="").metrics[1] == 9464


@pytest.mark.parametrize(
    ("name", "value", "module"),
    [
        ("PRONGSAI_TRACES", "http://127.0.0.1:4318/v1/traces", "opentelemetry.sdk.trace"),
        ("PRONGSAI_TRACES", "http://127.0.0.1:4318/v1/traces", "opentelemetry.exporter.otlp.proto.http.trace_exporter"),
        ("PRONGSAI_SENTRY", "https://key@example/1", "sentry_sdk"),
    ],
)
def test_an_extra_that_is_missing_is_a_sentence(environment, monkeypatch, name, value, module):
    from prongsai import environment as module_of_settings

    assert environment(**{name: value})
    monkeypatch.setattr(module_of_settings, "find_spec", lambda wanted: None if wanted == module else object())
    with pytest.raises(InvalidEnvironmentError, match=rf"{name}: .*pip install 'prongsai\[observability\]'"):
        environment(**{name: value})


def test_an_empty_variable_counts_as_absent(environment):
    assert environment(**dict.fromkeys(VARIABLES, "")) == environment()


def test_values_are_typed(environment):
    values = environment(
        PRONGSAI_HOSTS="a.go.th, b.go.th",
        PRONGSAI_HTTPS="1",
        PRONGSAI_LINKS_ALLOW="10.1.2.3:80, ::1:8080",
        PRONGSAI_LINKS_HOSTS="intranet.example=10.1.2.3,other.example=10.1.2.4:8080,third.example=::1",
        EMAIL_URL="smtp://user:p%40ss@host:587/?tls=1",
    )
    assert values.hosts == ("a.go.th", "b.go.th")
    assert values.https is True
    assert [(str(address), port) for address, port in values.links_allow] == [("10.1.2.3", 80), ("::1", 8080)]
    assert {name: (str(address), port) for name, (address, port) in values.links_hosts.items()} == {
        "intranet.example": ("10.1.2.3", None),
        "other.example": ("10.1.2.4", 8080),
        "third.example": ("::1", None),
    }
    assert values.email_url is not None
    assert (values.email_url.port, values.email_url.query_params()) == (587, [("tls", "1")])


def test_a_bucket_is_named_by_its_address(environment):
    place = "s3://bucket/files?endpoint=http://127.0.0.1:9000&region=th"
    loaded = environment(PRONGSAI_FILES=place, PRONGSAI_BACKUPS="s3://other/backups")
    assert (loaded.files, loaded.backups) == (place, "s3://other/backups")
    assert environment(PRONGSAI_BACKUPS="/backups").backups == Path("/backups")
    for wrong in ("bucket/files", "s3:///files", "s3://bucket?acl=public-read", "s3://bucket?endpoint=minio:9000"):
        with pytest.raises(InvalidEnvironmentError, match="PRONGSAI_FILES"):
            environment(PRONGSAI_FILES=wrong)


def test_a_part_that_was_not_installed_is_asked_for_in_a_sentence(environment, monkeypatch):
    monkeypatch.setattr("prongsai.environment.find_spec", lambda name: None)
    with pytest.raises(InvalidEnvironmentError, match=r"pip install 'prongsai\[s3\]'"):
        environment(PRONGSAI_FILES="s3://bucket/files")


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_command_stops_before_it_starts(tmp_path, command):
    variables = os.environ | {"PRONGSAI_DATA": str(tmp_path), "PRONGSAI_HTTPS": "perhaps", "LOG_LEVEL": "LOUD"}
    variables.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-m", "prongsai.cli", command], env=variables, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 2
    assert "PRONGSAI_HTTPS: ต้องเป็น 1 หรือ 0" in done.stderr
    assert "LOG_LEVEL:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_documentation_lists_every_variable():
    from pathlib import Path

    from prongsai import environment as module

    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    hidden = {"PRONGSAI_DEMO", "PRONGSAI_WORKERS", "PRONGSAI_SURVEY_DRY"}  # of the demo, the tests and the bench
    assert [name for name in sorted(VARIABLES - hidden) if f"`{name}`" not in page] == []
    assert [name for name in sorted(VARIABLES) if name not in (module.__doc__ or "")] == []
