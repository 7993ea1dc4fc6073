"""What all commands share: consent texts are noted when a command first sees them."""

import json

from helpers.reading import room
from helpers.reading.readers import main
from helpers.study.schema import LOG


def test_the_log_has_every_consent_text_that_was_in_force_with_the_digest_that_readers_agree_to(run, capsys):
    plan, store = room.open_study("tiny")
    opened = room.open_room("tiny", "reader-1").conversation
    for words in (None, "One.\n\nTwo\nlines.", "One.\n\nTwo\nlines."):
        if words:
            (run.folder / "consent.en.txt").write_text(words)
        assert main(["progress", "--run", "tiny"]) == 0
    rows = [json.loads(row.payload) for row in store.read(LOG.select().where(LOG.c.kind == "consent"))]
    assert [row["language"] for row in rows] == ["en", "es", "en"] and rows[-1]["text"] == "One.\n\nTwo lines."
    amended = room.open_room("tiny", "reader-1").conversation
    assert [rows[0]["sha256"], rows[2]["sha256"]] == [opened.consent_sha256, amended.consent_sha256]
    capsys.readouterr()
    assert main(["log", "--run", "tiny"]) == 0 and "text: One.??Two lines." in capsys.readouterr().out
