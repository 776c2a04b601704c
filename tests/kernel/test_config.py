"""What the operator decides, and the installation's secrets."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kernel.config import BadConfiguration, Email, from_env, load_secrets, make_home


def test_everything_has_a_default_that_works_on_one_machine(tmp_path: Path) -> None:
    config = from_env({"TUTELA_HOME": str(tmp_path)})
    assert (config.host, config.port, config.otlp_http_port, config.otlp_grpc_port) == (
        "127.0.0.1",
        8000,
        4318,
        4317,
    )
    assert config.database_url == f"sqlite:///{tmp_path}/register.sqlite3"
    assert config.record_url == f"sqlite:///{tmp_path}/record.sqlite3"
    assert config.embedded
    assert config.redis_url is None


def test_the_record_shares_the_registers_postgresql_unless_told_otherwise() -> None:
    url = "postgresql://tutela@db.example.org/tutela"
    assert from_env({"DATABASE_URL": url}).record_url == url
    assert from_env({"DATABASE_URL": url, "RECORD_URL": "sqlite:////r"}).record_url == "sqlite:////r"


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert from_env({"PORT": "", "REDIS_URL": ""}).port == 8000


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "80 ", "8_0", "\u0661\u0662"])
def test_a_bad_port_is_named(port: str) -> None:
    with pytest.raises(BadConfiguration, match="OTLP_HTTP_PORT"):
        from_env({"OTLP_HTTP_PORT": port})


def test_postgresql_takes_as_many_ingest_processes_as_there_are_cores_up_to_four() -> None:
    url = "postgresql://tutela@db.example.org/tutela"
    assert from_env({}).ingest_processes == 1
    assert from_env({"DATABASE_URL": url}).ingest_processes == min(os.cpu_count() or 1, 4)
    assert from_env({"DATABASE_URL": url, "INGEST_PROCESSES": "7"}).ingest_processes == 7


@pytest.mark.parametrize("number", ["0", "-1", "65", "two", "2"])
def test_a_number_of_ingest_processes_that_cannot_work_is_named(number: str) -> None:
    with pytest.raises(BadConfiguration, match="INGEST_PROCESSES"):
        from_env({"INGEST_PROCESSES": number})


def test_hosts_are_a_list_with_commas() -> None:
    assert from_env({"ALLOWED_HOSTS": "a.example.org, b.example.org,"}).allowed_hosts == (
        "a.example.org",
        "b.example.org",
    )


def test_secrets_are_made_once_and_read_again(tmp_path: Path) -> None:
    assert load_secrets(tmp_path) == load_secrets(tmp_path)


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    first, second = load_secrets(tmp_path / "a"), load_secrets(tmp_path / "b")
    assert first.django_secret_key != second.django_secret_key
    assert first.key_pepper != second.key_pepper
    assert first.content_key != second.content_key


def test_only_the_owner_may_read_the_secrets(tmp_path: Path) -> None:
    home = tmp_path / "home"
    load_secrets(home)
    assert stat.S_IMODE((home / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_the_repr_of_secrets_hides_them(tmp_path: Path) -> None:
    kept = load_secrets(tmp_path)
    assert kept.django_secret_key not in repr(kept)
    assert kept.key_pepper.hex() not in repr(kept)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"django_secret_key": "x"}',
        '{"django_secret_key": "x", "key_pepper": "zz", "content_key": ""}',
    ],
)
def test_a_broken_secrets_file_is_never_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "secrets.json").write_text(text)
    with pytest.raises(BadConfiguration, match="backup"):
        load_secrets(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == text


def test_processes_that_start_together_agree_on_the_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: load_secrets(tmp_path), range(16)))
    assert len({secret.django_secret_key for secret in found}) == 1
    assert (
        json.loads((tmp_path / "secrets.json").read_text())["django_secret_key"] == found[0].django_secret_key
    )
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]


def test_a_home_that_cannot_be_made_is_said_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    make_home(tmp_path / "deep" / "home")
    assert (tmp_path / "deep" / "home").is_dir()
    with pytest.raises(BadConfiguration, match="TUTELA_HOME"):
        make_home(tmp_path / "file" / "home")


def test_mail_goes_nowhere_until_somebody_says_where() -> None:
    assert from_env({}).email is None
    mail = from_env({"EMAIL_URL": "smtp+starttls://out%40armor:p%2Fw@mail.example.org"}).email
    assert mail == Email("mail.example.org", 587, "out@armor", "p/w", "starttls")
    assert "p/w" not in repr(mail)
    assert from_env({"EMAIL_URL": "file:///var/mail/out"}).email == Email(folder=Path("/var/mail/out"))


@pytest.mark.parametrize("url", ["mail.example.org", "smtp://", "http://a", "smtp://a:99999", "file:"])
def test_a_mail_server_that_cannot_be_is_named_without_its_password(url: str) -> None:
    with pytest.raises(BadConfiguration, match="EMAIL_URL"):
        from_env({"EMAIL_URL": url})


def test_mails_link_to_the_public_address() -> None:
    assert from_env({"PORT": "9000"}).public_url == "http://127.0.0.1:9000"
    assert from_env({"PUBLIC_URL": "https://ai.example.org/"}).public_url == "https://ai.example.org"
    with pytest.raises(BadConfiguration, match="PUBLIC_URL"):
        from_env({"PUBLIC_URL": "ai.example.org"})
