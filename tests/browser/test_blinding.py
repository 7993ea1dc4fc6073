"""What a reader's browser is told, all of it recorded, holds nothing of the truth; and it gets at nothing else."""

import http.client
import json
import re
import struct
from collections import defaultdict
from urllib.parse import urlsplit

import pandas as pd
import pytest

from helpers.findings import ORIGINAL
from helpers.runs import PROJECT
from helpers.study.settings import GUEST
from helpers.tables import PLAN, read_table, write_table

QUESTIONS = {finding.name: finding.question["en"] for finding in ORIGINAL}

pytestmark = pytest.mark.browser

SOURCES = {"gan": "generatorzwei", "diffusion": "generatordrei"}  # words that no library uses
CHECKPOINT, SEED, PROMPT = "c0ffee" * 10 + "5eed", 730_914_655, "promptofthesample"
FIELDS = ("repeat_of",)  # of the plan


@pytest.fixture
def run(run):
    """The tiny run with sources, seeds and checkpoints that cannot be taken for anything else."""
    file = run.stage_folder("06_study_plan") / "plan.csv"
    plan = read_table(file, PLAN)
    write_table(plan.assign(source=plan.source.replace(SOURCES)), file, PLAN)
    samples = pd.DataFrame({"source": SOURCES.values(), "prompt": PROMPT, "seed": SEED, "checkpoint": CHECKPOINT})
    write_table(samples, run.stage_folder("04_sample") / "samples.csv")
    return run


@pytest.fixture
def plan(run) -> pd.DataFrame:
    return read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN)


@pytest.fixture
def room(run, serve):
    """The address of the reading room of guest."""
    return serve("helpers.reading", "--run=tiny", f"--reader={GUEST}", folder=PROJECT, ready="/door")


def secrets_of(plan: pd.DataFrame, run) -> set[str]:
    """Every word by which something of the truth, a file or another reader may be told."""
    images = {name for column in (plan.images.str.split("|").explode(), plan.case) for name in column}
    display = pd.read_csv(run.stage_folder("06_study_plan") / "display.csv")
    others = set(plan.trial_id[plan.reader != GUEST]) | {"reader-1"}
    files = {"display/", "display.csv", "plan.csv", "samples.csv", "readings.sqlite", str(run.folder), str(PROJECT)}
    files |= {file.split("/")[-1].removesuffix(".png") for file in display.file}
    return images | files | others | set(SOURCES.values()) | {CHECKPOINT, str(SEED), PROMPT} | set(FIELDS)


def listen(page, received: list, sent: list) -> None:
    """Note every frame of the page's sockets from now on, as bytes."""

    def note(frames):
        return lambda frame: frames.append(frame if isinstance(frame, bytes) else frame.encode())

    page.on("websocket", lambda socket: socket.on("framereceived", note(received)))
    page.on("websocket", lambda socket: socket.on("framesent", note(sent)))


def messages_of(frames: list[bytes]) -> list[tuple[dict, list[int]]]:
    """The server's messages, and the lengths of what follows them."""
    found = []
    for frame in frames:
        if frame[:1] == b"{":
            found.append((json.loads(frame), []))
            continue
        (length,) = struct.unpack("<I", frame[:4])
        head = json.loads(frame[4 : 4 + length])
        assert sum(head["lengths"]) == len(frame) - 4 - length
        found.append((head["message"], head["lengths"]))
    return found


def read_to_the_end(page, begin, turning) -> None:
    """Answer every case, undecided, by keys."""
    begin(page)
    while page.locator(".rr").get_attribute("data-screen") == "case":
        with turning(page):
            page.keyboard.press("3")
            page.keyboard.press("Enter")


def test_a_whole_session_tells_the_browser_nothing(chromium, room, run, plan, begin, turning, read_state, tmp_path):
    context = chromium.new_context(
        viewport={"width": 1400, "height": 900},
        record_har_path=tmp_path / "all.har",
        record_har_content="embed",
    )
    page, frames, sent = context.new_page(), [], []
    listen(page, frames, sent)
    page.goto(room)
    read_to_the_end(page, begin, turning)
    told = page.content()
    context.close()
    assert read_state()[0].is_finished
    entries = json.loads((tmp_path / "all.har").read_text())["log"]["entries"]
    bodies = [json.dumps(entry["response"]) for entry in entries] + [told]
    assert len(frames) > 2 * len(plan) / 2 and len(sent) >= len(plan) / 2 and len(bodies) > 5

    foreign = [
        entry for entry in entries if urlsplit(entry["request"]["url"]).netloc not in (urlsplit(room).netloc, "")
    ]
    assert {entry["response"].get("_failureText") for entry in foreign} <= {"csp"}, "nothing is asked of other servers"
    everything = b"\0".join([*frames, *sent, *(body.encode() for body in bodies)])
    secret = re.compile(rb"|".join(rb"\b" + re.escape(word.encode()) for word in sorted(secrets_of(plan, run))))
    assert secret.search(everything) is None, everything[secret.search(everything).start() - 80 :][:200]
    assert set(plan.trial_id[plan.reader == GUEST]) <= {
        found.decode() for found in re.findall(rb"[0-9a-f]{20}", everything)
    }
    check_that_messages_are_alike(messages_of(frames), plan[plan.reader == GUEST].set_index("trial_id"))


def check_that_messages_are_alike(messages, trials: pd.DataFrame) -> None:
    """Of every case the same is said in as many bytes, wherever its images are from; only practice is explained."""
    assert {said["is"] for said, _ in messages} == {"room", "case", "turn"}
    shapes, sources, explained = defaultdict(set), defaultdict(set), 0
    for said, lengths in messages:
        explained += bool(said.get("feedback"))
        if said.get("is") == "case":
            trial = trials.loc[said["trial"]]
            named = QUESTIONS[trial.finding]
            assert (named in said.pop("question")) == (trial.task == "conditionality"), "the finding alone differs"
            shapes[trial.task].add((tuple(said), len(json.dumps(said)), tuple(lengths)))
            sources[trial.task].add((trial.source, trial.side))
    assert {task: len(of_task) for task, of_task in shapes.items()} == {"realism_pair": 1, "conditionality": 1}
    assert {source for source, _ in sources["conditionality"]} == {"real", *SOURCES.values()}
    assert len(sources["realism_pair"]) == 4, "both sources on both sides"
    assert explained == trials.is_practice.sum()


APPLICATION = ["api/contents", "api/sessions", "api/kernels", "api/status", "lab", "tree", "terminals/1", "metrics"]
FILES = [
    "room.ipynb",
    "conversation.py",
    "strings.json",
    "plan.csv",
    "../study/plan.py",
    "page.html",
    "browser/room.js",
]
FOLDERS = ["static", "files", "browser", "server", "display"]
UPWARDS = ["../" * 12, "..%2f" * 12, "%2e%2e/" * 12, "/"]


def asked(room: str, method: str, path: str) -> tuple[int, bytes]:
    """State and body of a request whose path goes out as it is written; a redirection is followed."""
    connection = http.client.HTTPConnection(urlsplit(room).netloc, timeout=60)
    connection.request(method, "/" + path, body=b"{}" if method == "POST" else None)
    reply = connection.getresponse()
    body, further = reply.read(), reply.getheader("Location")
    connection.close()
    return asked(room, "GET", urlsplit(further).path.lstrip("/")) if further else (reply.status, body)


def test_requests_for_anything_else_are_refused(room, run, read_state):
    read_state()  # makes the database
    files = [f"{folder}/{file}" for folder in FOLDERS for file in FILES]
    climbs = [f"{folder}/{up}{run.database.relative_to('/')}" for folder in FOLDERS for up in UPWARDS]
    for path in APPLICATION + FILES + files + climbs:
        status, body = asked(room, "GET", path)
        assert status >= 400 and b"SQLite format" not in body and str(run.folder).encode() not in body, (path, status)
    for path in ("", "room.js", "socket", "api/kernels", "api/contents"):
        assert asked(room, "POST", path)[0] >= 400, path


def test_what_goes_wrong_is_told_without_names(page, room, run, plan):
    for file in (run.stage_folder("06_study_plan") / "display").iterdir():
        file.unlink()
    (run.stage_folder("06_study_plan") / "plan.csv").write_text("reader,position\n1,2\n")
    frames = []
    listen(page, frames, frames)
    page.goto(room)
    page.get_by_text("cannot be opened now").wait_for()
    everything = page.content().encode() + b"".join(frames)
    assert not [word for word in secrets_of(plan, run) if word.encode() in everything]
