"""A sealed export: its receiver knows whose it is, that nothing was changed, and that every answer has its event."""

import hashlib
import json
import zipfile

import pytest

from helpers.errors import RecordError
from helpers.study.accounts import Account, add_account
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.events import Event
from helpers.study.export import export_readings, export_sealed
from helpers.study.sealed import opened, seal
from helpers.study.signing import fingerprint, public_part, signing_key
from helpers.study.store import Store

READERS = ("ada", "ben", "guest")
OTHERS = {"consent.en.txt": b"You are asked to read.", "frozen_plan.json": b"{}"}


@pytest.fixture
def plan(plan_of):
    return plan_of(count=3, readers=READERS)


@pytest.fixture
def key(tmp_path):
    return signing_key(tmp_path / "key.pem")


@pytest.fixture
def study(tmp_path, plan):
    store = Store(tmp_path / "readings.sqlite", plan)
    add_account(store, plan, Account("ada", 12, "=formula"))
    for reader in READERS:
        desk = Desk(store, plan, reader)
        desk.answer(desk.current.trial_id, "s0", Answer(2))
        desk.undo()
        for number in range(3):
            desk.answer(desk.current.trial_id, f"s{number + 1}", Answer(number - 1, active_ms=1000.5))
    yield store
    store.dispose()


def export(store, plan, file, key, **more):
    return export_sealed(store, plan, file, key, {"run": "tiny"}, OTHERS, ["ada"], **more)


def test_what_was_sealed_is_opened_with_all_that_belongs_to_it(study, plan, key, tmp_path):
    export(study, plan, tmp_path / "out.zip", key)
    sealed = opened(tmp_path / "out.zip", fingerprint(public_part(key)).upper())
    assert sealed.key == fingerprint(public_part(key)) and sealed.manifest["run"] == "tiny"
    assert {"readings.csv", "codebook.csv", "set_aside.csv", "events.jsonl", "log.jsonl", *OTHERS} < set(sealed.files)
    assert (sealed.manifest["answers"], sealed.manifest["readers"]) == (3, ["ada"])
    assert [len(rows) for rows in sealed.record.events.values()] == [5, 5], "the guest stays at home"
    assert sealed.manifest["chains"]["readers"]["ada"]["length"] == 5
    texts = b"".join(sealed.files.values())
    with study.reading() as connection:
        secrets = connection.exec_driver_sql("SELECT salt, digest, code_name FROM accounts").one()
    assert not any(f'"{secret}"'.encode() in texts for secret in secrets)


def test_the_same_state_gives_the_same_bytes_and_another_answer_others(study, plan, key, tmp_path):
    for name in ("a", "b", "c", "d"):
        if name == "d":
            Desk(study, plan, "ben").undo()
        export(study, plan, tmp_path / f"{name}.zip", key)
        export_readings(study, plan, tmp_path / name, ["ada"])
    first, again, third, later = ((tmp_path / f"{name}.zip").read_bytes() for name in ("a", "b", "c", "d"))
    assert first == again == third != later


def test_an_answer_that_comes_while_it_is_sealed_waits_for_the_next_export(study, plan, key, tmp_path, monkeypatch):
    import helpers.study.export as module

    whole = module.readings_table

    def answer_meanwhile(*arguments):
        table = whole(*arguments)
        Desk(Store(study.name, plan), plan, "ben").undo()
        return table

    monkeypatch.setattr(module, "readings_table", answer_meanwhile)
    export_sealed(study, plan, tmp_path / "out.zip", key, {}, {}, ["ben"])
    assert len(opened(tmp_path / "out.zip").record.events["ben"]) == 5


def repacked(source, target, change):
    """A zip of the same files after ``change`` of them by name."""
    with zipfile.ZipFile(source) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda files: files.update({"readings.csv": files["readings.csv"].replace(b",1,", b",2,")}),
            "readings.csv is",
        ),
        (lambda files: files.pop("consent.en.txt"), "consent.en.txt is missing"),
        (lambda files: files.update({"more.csv": b"x"}), "more.csv was added"),
        (lambda files: files.update({"manifest.json": files["manifest.json"] + b" "}), "manifest.json is not what was"),
        (lambda files: files.update(signature=b"00"), "manifest.json is not what was signed"),
        (lambda files: files.pop("manifest.json"), "not a sealed export"),
    ],
)
def test_the_first_file_that_differs_is_named(study, plan, key, tmp_path, change, said):
    export(study, plan, tmp_path / "out.zip", key)
    with pytest.raises(RecordError, match=said):
        opened(repacked(tmp_path / "out.zip", tmp_path / "changed.zip", change))


def sealed_again(source, target, key, change):
    """What a dishonest owner of the key would make of an export: other content, and a signature that fits it."""
    with zipfile.ZipFile(source) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name not in ("manifest.json", "signature")}
        about = json.loads(archive.read("manifest.json"))
    change(files)
    seal(target, files, about, key)
    return target


def other_rating(files):
    rows = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    rows[3]["payload"] = rows[3]["payload"].replace('"rating": 0', '"rating": 2')
    files["events.jsonl"] = "\n".join(map(json.dumps, rows)).encode()


def without_an_event(files):
    files["events.jsonl"] = b"\n".join(files["events.jsonl"].splitlines()[:-1])


def other_reading(files):
    files["readings.csv"] = files["readings.csv"].replace(b"2026-", b"2025-")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (other_rating, r"reader ada, event 4 \(answered\): altered"),
        (without_an_event, "reader ben, event 5: removed"),
        (other_reading, "readings.csv, reader ada, trial ada-0: not an answer that the events have"),
    ],
)
def test_an_owner_who_seals_other_content_is_given_away_by_the_chains(study, plan, key, tmp_path, change, said):
    export(study, plan, tmp_path / "out.zip", key)
    with pytest.raises(RecordError, match=said):
        opened(sealed_again(tmp_path / "out.zip", tmp_path / "again.zip", key, change))


def test_an_export_by_another_key_is_told_from_this_one(study, plan, key, tmp_path):
    export(study, plan, tmp_path / "out.zip", key)
    other = signing_key(tmp_path / "other.pem")
    with pytest.raises(RecordError, match="sealed with key .*, not with"):
        opened(tmp_path / "out.zip", fingerprint(public_part(other)))


@pytest.mark.parametrize("content", [b"", b"noise", b"PK\x03\x04 and then nothing"])
def test_what_is_no_zip_is_said_in_a_line(tmp_path, content):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(RecordError, match="x.zip: cannot be read"):
        opened(tmp_path / "x.zip")
    with pytest.raises(RecordError, match="cannot be read"):
        opened(tmp_path / "none.zip")


def test_the_digest_of_a_consent_text_in_it_is_the_one_that_readers_agree_to(study, plan, key, tmp_path):
    digest = hashlib.sha256(OTHERS["consent.en.txt"]).hexdigest()
    Desk(study, plan, "ben").agree(digest)
    export(study, plan, tmp_path / "out.zip", key)
    sealed = opened(tmp_path / "out.zip")
    assert sealed.manifest["files"]["consent.en.txt"] == digest
    assert digest in sealed.record.events["ben"][-1]["payload"]


def test_what_is_stored_and_not_sound_hinders_no_export(study, plan, key, tmp_path):
    bad = {"rating": 1, "cue": "other", "cue_text": "half \ud83d"}
    for number, payload in enumerate((bad, [], "x", {"content": "y", "more": 1})):
        study.extend("ben", 0, lambda news, p=payload, n=number: Event("answered", "ben-9", f"bad-{n}", p, "then"))
    study.extend("ben", 5 + 4, lambda news: Event("nonsense", None, None, {}, "then"))
    export(study, plan, tmp_path / "out.zip", key)
    assert b"ben,10," in opened(tmp_path / "out.zip").files["set_aside.csv"]
