"""Mail to the owner of the data, through a real mail server: what it says, when it goes, how it fails."""

import io
import json
import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.base import Connection
from lumbung import mailing, pipeline
from lumbung.cli.exits import ExitCode
from lumbung.errors import MailError
from lumbung.hub import open_hub
from lumbung.settings import Settings
from tests.cli_project import (
    BAD,
    GOOD,
    PERSONAL,
    SECRET,
    CliProject,
    assert_one_line,
    made,
    residents,
    shield,
)
from tests.mail_server import Mailbox, mail_server

OWNER = "data@disdukcapil.example"


@pytest.fixture
def project(
    tmp_path: Path,
    warehouse_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CliProject:
    """The small project, whose owner has an address."""
    shield(monkeypatch, warehouse_url, tmp_path / "home")
    project = made(tmp_path / "project", capsys)
    support = [
        {"channel": "chat", "url": "https://chat.example"},
        {"channel": "email", "url": f"mailto:{OWNER}"},
    ]
    team = {"name": "disdukcapil", "description": "Dinas Kependudukan"}
    project.contract("sources/warga/residents", {**residents(), "support": support, "team": team})
    return project


def connect(monkeypatch: pytest.MonkeyPatch, box: Mailbox, **fields: Any) -> None:
    """Let mail go to this server."""
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "lumbung@kota.example", "timeout": 5}
    said = {"conn_type": "smtp", "host": "127.0.0.1", "port": box.port, "extra": extra, **fields}
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(said))


def body(mail: EmailMessage) -> str:
    found = mail.get_body()
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def test_the_owner_is_told_of_what_changed(project: CliProject, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as box:
        connect(monkeypatch, box)
        for rows in (GOOD, GOOD + BAD, GOOD + BAD, GOOD + BAD[:1], GOOD):
            project.rows(rows)
            assert project.run("sync", "warga").err == ""
    assert box.recipients == [[OWNER]] * 3, "loads without news send nothing"
    assert [mail["Subject"] for mail in box.mails] == [
        "Data Data warga.residents: 3 baris perlu diperbaiki (naik 3)",
        "Data Data warga.residents: 1 baris perlu diperbaiki (turun 2)",
        "Data Data warga.residents: semua kesalahan sudah diperbaiki",
    ]
    text = body(box.mails[1])
    assert text.startswith("Yth. Dinas Kependudukan,\n\ndata Data warga.residents telah dimuat (nomor 4, ")
    assert "9 baris dibaca, 8 diterima, 1 ditolak." in text
    assert "- Bentuk NIK tidak sesuai ketentuan. 1 baris (tetap). Tulis NIK" in text
    assert "- Jumlah terlalu kecil. Selesai diperbaiki (turun 1)." in text


def test_a_body_has_no_personal_value_and_the_list_is_attached(
    project: CliProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as box:
        connect(monkeypatch, box)
        project.rows(GOOD + BAD)
        project.run("sync", "warga")
    (mail,) = box.mails
    head = mail.as_string().partition("Content-Disposition")[0]
    text = body(mail)
    assert not [value for value in PERSONAL if value in head or value in text]
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "kesalahan-residents-1.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(attached.get_content()))
    assert book.sheetnames == ["Ringkasan", "Daftar kesalahan"]
    assert book["Daftar kesalahan"].max_row == 4


def test_a_load_is_told_once_unless_somebody_asks(
    project: CliProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as box:
        connect(monkeypatch, box)
        project.rows(GOOD + BAD)
        project.run("sync", "warga")
        hub = open_hub(Settings.from_environment(project.folder))
        assert pipeline.notify(hub, 1).recipient_count == 0, "a task that runs again sends nothing again"
        assert project.run("quarantine", "mail", "1").out == "Mailed to 1 address.\n"
    assert len(box.mails) == 2


def test_a_mail_that_fails_fails_no_load_and_is_told(
    project: CliProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.rows(GOOD + BAD)
    with mail_server(login=("lumbung", "another")) as box:
        connect(monkeypatch, box, login="lumbung", password=SECRET)
        synced = project.run("sync", "warga")
        assert (synced.code, box.mails) == (0, [])
        assert_one_line(synced.err, "smtp_default: the mail server refused (535)")
    status = project.run("status").out
    assert "the mail about load 1 did not get out" in status and SECRET not in status
    refused = project.run("quarantine", "mail", "1")
    assert refused.code == ExitCode.ACT
    assert_one_line(refused.err, "no mail through 127.0.0.1: ConnectionRefusedError")
    with mail_server() as box:
        connect(monkeypatch, box)
        assert project.run("quarantine", "mail", "1").code == 0
    assert "did not get out" not in project.run("status").out


def test_the_owner_of_a_refused_load_is_told_why_and_of_each_row(
    project: CliProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with mail_server() as box:
        connect(monkeypatch, box)
        project.run("sync", "warga")
        project.rows([*GOOD[:1], *BAD, *BAD[1:2]])
        for _ in range(2):
            refused = project.run("sync", "warga")
            assert refused.code == ExitCode.REFUSED
            assert_one_line(refused.err, "maxRefusedPct")
        assert len(box.mails) == 1, "refused again for as many rows is no news"
        assert project.run("quarantine", "mail", "2").code == 0
    mail, text = box.mails[0], body(box.mails[0])
    assert mail["Subject"] == "Data Data warga.residents: muatan ditolak, 4 baris perlu diperbaiki"
    assert (
        "ditolak: 4 dari 5 baris (80,0 %) tidak memenuhi ketentuan, lebih dari batas 60 %. Data lama" in text
    )
    assert "- Jumlah terlalu kecil. 2 baris. Periksa Jumlah" in text and "naik" not in text
    assert not [value for value in PERSONAL if value in text or value in mail["Subject"]]
    (attached,) = mail.iter_attachments()
    book = openpyxl.load_workbook(io.BytesIO(attached.get_content()))
    said = {row[0].value: row[1].value for row in book["Ringkasan"].iter_rows()}
    assert str(said["Status"]).startswith("Muatan ditolak: 4 dari 5 baris")
    assert said["Baris yang perlu diperbaiki"] == "4 (muatan ditolak, data lama tetap berlaku)"
    told = [[cell.value for cell in row][1:5] for row in book["Daftar kesalahan"].iter_rows(min_row=2)]
    assert [4, "6171010101900020", "Jumlah", "-5"] in told and len(told) == 6
    assert project.run("quarantine", "list").out == "0 entries.\n", "nothing of it is in the quarantine"
    export = ("quarantine", "export", "warga.residents", "--load", "2", "-o", str(tmp_path / "x.xlsx"))
    assert project.run(*export).out.startswith("6 defects written")
    hub = open_hub(Settings.from_environment(project.folder))
    with hub.warehouse.connect() as session:
        session.execute("UPDATE ops.load SET finished_at = now() - interval '8 days' WHERE load_id = 2")
    pipeline.retain(hub)
    assert_one_line(project.run(*export).err, "load 2, which was refused", "kept for 7 days")


def test_a_refused_load_whose_mail_fails_stays_a_refused_load(
    project: CliProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBUNG_MAIL_CONNECTION", "surat")
    project.rows(GOOD[:1] + BAD)
    refused = project.run("sync", "warga")
    assert refused.code == ExitCode.REFUSED
    assert "maxRefusedPct" in refused.err and "set AIRFLOW_CONN_SURAT" in refused.err


def test_without_a_connection_nothing_is_sent_and_nothing_said(project: CliProject) -> None:
    project.rows(GOOD + BAD)
    assert project.run("sync", "warga").err == ""
    assert_one_line(project.run("quarantine", "mail", "1").err, "set AIRFLOW_CONN_SMTP_DEFAULT")


def test_a_connection_that_is_named_has_to_be_there(
    project: CliProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBUNG_MAIL_CONNECTION", "surat")
    project.rows(GOOD + BAD)
    synced = project.run("sync", "warga")
    assert synced.code == 0
    assert_one_line(synced.err, "set AIRFLOW_CONN_SURAT")


def test_addresses_that_the_server_refuses_are_told_by_number(
    project: CliProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(refuses=frozenset({OWNER})) as box:
        connect(monkeypatch, box)
        project.rows(GOOD + BAD)
        synced = project.run("sync", "warga")
    assert_one_line(synced.err, "refused 1 of the addresses")
    assert OWNER not in synced.err


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Key and certificate of a mail server at 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path / "mail.pem"
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


@pytest.mark.parametrize("starttls", [False, True], ids=["from the start", "by STARTTLS"])
def test_mail_goes_by_tls_to_a_server_that_is_trusted_alone(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, starttls: bool
) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "lumbung@kota.example", OWNER
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with mail_server(tls=context, starttls=starttls) as box:
        extra = {"disable_ssl": starttls}
        known = Connection("mail", "smtp", host="127.0.0.1", port=box.port, extra=extra)
        with pytest.raises(MailError, match="SSLCertVerificationError"):
            mailing.send(known, message, is_personal=True)
        assert box.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        mailing.send(known, message, is_personal=True)
    assert (len(box.mails), box.secured) == (1, 2)


@pytest.mark.parametrize(
    ("host", "extra", "told"),
    [("mail..example", {}, "no mail with these settings"), ("127.0.0.1", {"timeout": "-1"}, "timeout")],
)
def test_settings_that_can_not_work_are_told(host: str, extra: dict[str, str], told: str) -> None:
    with pytest.raises(MailError, match=f"connection mail: {told}"):
        mailing.send(Connection("mail", "smtp", host=host, extra=extra), EmailMessage(), is_personal=False)


def test_personal_data_does_not_leave_the_machine_in_the_clear() -> None:
    plain = Connection(
        "mail", "smtp", host="mail.example", extra={"disable_ssl": "True", "disable_tls": True}
    )
    with pytest.raises(MailError, match="not sent unencrypted"):
        mailing.send(plain, EmailMessage(), is_personal=True)
