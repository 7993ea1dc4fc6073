// Which page is shown before, between and after the cases, and what follows it.

import { displayFacts } from "./display.js";
import { fill } from "./dom.js";
import { timeInWords } from "./times.js";

const MINUTE_MS = 60000;

/** The pages of one room. `begun`: instructions and display check are done; `part`: which one is being read. */
export class Screens {
  constructor(room) {
    Object.assign(this, { room, texts: room.texts, begun: false, part: null, worked: 0 });
  }

  /** Show the state of the session; a break may be offered after an answer. */
  turn(isAnswered) {
    const { room } = this;
    const { turn } = room;
    if (!turn.trial) return this.end();
    if (!turn.agreed) return this.consent();
    if (!this.begun) return this.start();
    if (turn.feedback) return room.showFeedback(turn.feedback);
    if (turn.is_paused) return this.pause();
    if (isAnswered && this.isBreakDue()) return this.pause(() => room.talk.ask({ do: "pause" }));
    this.case();
  }

  /** The current case, after the announcement of a new part if it begins one. */
  case() {
    const { room } = this;
    const { part } = room.cases.get(room.turn.trial);
    const isAnother = this.part !== null && part !== this.part;
    this.part = part;
    if (!isAnother) return room.showCase();
    room.pages.part(room.turn.parts[part], () => room.showCase());
    room.turnTo("part");
  }

  /** The consent text: before anything else, and again if it has been amended. What has been chosen stays. */
  consent() {
    const { room } = this;
    if (room.screen === "consent") return;
    this.agreed = true;
    room.pages.consent(() => room.talk.waiting || room.talk.ask({ do: "agree" }));
    room.turnTo("consent");
    if (room.isPage) room.focus();
  }

  /** The instructions; not shown again if the sitting continues after a reload. */
  start() {
    const { room } = this;
    const sight = room.memory.sitting(displayFacts(room.page.look()));
    if (sight) return this.goOn(sight);
    if (["start", "ramp"].includes(room.screen)) return;
    room.pages.start(room.turn, () => this.ramp());
    room.turnTo("start");
    if (room.isPage || this.agreed) room.focus();
  }

  goOn(sight) {
    Object.assign(this.room, { sight, ramp: sight.ramp });
    this.begun = true;
    if (this.room.isPage) this.room.focus();
    this.turn(false);
  }

  ramp() {
    const { room } = this;
    room.pages.ramp(displayFacts(room.page.look()), (ramp) => {
      room.ramp = ramp;
      this.begun = true;
      if (room.turn.is_paused) room.talk.ask({ do: "resume" });
      else this.turn(false);
    });
    room.turnTo("ramp");
    room.focus();
    room.root.scrollIntoView({ block: "nearest" });
  }

  /** Whether a break is due: after every so many cases, or so many minutes of reading without a break. */
  isBreakDue() {
    const { turn, model } = this.room;
    if (turn.is_practice) return false;
    const isLong = this.worked >= model.get("break_minutes") * MINUTE_MS;
    return isLong || (turn.n > 1 && (turn.n - 1) % model.get("break_every") === 0);
  }

  /** A break: already taken, or offered if `take` is given. */
  pause(take = null) {
    const { texts, room } = this;
    const { turn } = room;
    this.worked = 0;
    const left = turn.seconds_left === null ? "" : ` · ${timeInWords(texts, turn.seconds_left)}`;
    const progress = fill(texts.so_far, { answered: turn.answered, total: turn.total_all }) + left;
    const goOn = () => (room.turn.is_paused ? room.talk.ask({ do: "resume" }) : this.case());
    room.pages.pause(progress, goOn, take, turn.can_undo ? [room.tool("undo")] : []);
    room.turnTo("break");
    room.focus();
  }

  elsewhere() {
    const { texts, room } = this;
    room.pages.notice(texts.elsewhere_title, texts.elsewhere_lead, room.pages.primary(texts.read_here, () => room.readHere()));
    room.turnTo("elsewhere");
  }

  /** The reader has a new access code: this page receives nothing more. */
  ended() {
    const { texts, room } = this;
    room.talk.end();
    room.pages.notice(texts.ended_title, texts.trouble_ended);
    room.turnTo("elsewhere");
  }

  end() {
    const { texts, room } = this;
    const { turn } = room;
    const [title, lead] = turn.is_closed ? ["closed_title", "closed_lead"] : ["thanks_title", "thanks_lead"];
    this.begun = true;
    room.clear();
    room.pages.notice(texts[title], fill(texts[lead], { total: turn.total_all }), turn.can_undo ? [room.tool("undo")] : []);
    room.turnTo("end");
  }
}
