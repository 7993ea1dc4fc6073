// The page of `make read`: the door, then the room, which talks with the server over one websocket.

import { make } from "./dom.js";
import { showDoor } from "./door.js";
import { Room } from "./room.js";

const FIRST_WAIT_MS = 250, LONGEST_WAIT_MS = 8000; // wait before the server is tried again
const GIVE_UP = 1013; // the room cannot be opened now

/** What the room uses as a widget's model: values, messages, and a connection that is restored when lost. */
class Connection {
  constructor({ onRoom, onRefused, onTicketEnded }) {
    Object.assign(this, { onRoom, onRefused, onTicketEnded, values: null, listeners: new Set(), wait: FIRST_WAIT_MS });
    this.connect();
  }

  get(name) {
    return this.values[name];
  }

  on(_, listener) {
    this.listeners.add(listener);
  }

  off(_, listener) {
    this.listeners.delete(listener);
  }

  /** Nothing is queued: whatever needs a reply is requested again when the connection is back. */
  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  connect() {
    const address = new URL("socket", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.socket = new WebSocket(address);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => this.receive(data);
    this.socket.onclose = ({ code }) => this.comeBack(code);
  }

  async comeBack(code) {
    if (code === GIVE_UP && !this.values) return this.onRefused();
    await new Promise((done) => setTimeout(done, this.wait * (1 + Math.random())));
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
    const door = await fetch("door").then((reply) => reply.json()).catch(() => null);
    if (!door || door.open) return this.connect();
    this.room?.leave(); // an unfinished answer is kept
    this.onTicketEnded(this.values?.texts ?? door.texts); // in the reader's language, if known
  }

  /** Reload without asking: an unfinished answer is kept. */
  reload() {
    this.room?.leave();
    location.reload();
  }

  receive(data) {
    const [message, buffers] = typeof data === "string" ? [JSON.parse(data), []] : unframed(data);
    if (message.is === "room") return this.begin(message);
    this.listeners.forEach((listener) => listener(message, buffers));
  }

  begin(values) {
    this.wait = FIRST_WAIT_MS;
    const before = this.values && JSON.stringify(this.values);
    this.values = values;
    if (!before) return (this.room = this.onRoom(this));
    if (before !== JSON.stringify(values)) return this.reload(); // an amended consent text
    this.listeners.forEach((listener) => listener({ is: "back" }, []));
  }
}

/** Message and buffers of a binary frame. */
function unframed(data) {
  const length = new DataView(data).getUint32(0, true);
  const { message, lengths } = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  let from = 4 + length;
  const buffers = lengths.map((bytes) => new DataView(data, (from += bytes) - bytes, bytes));
  return [message, buffers];
}

/** The room in place of the door. */
function showRoom(texts) {
  const host = make("div");
  const onRoom = (model) => {
    const words = model.get("texts");
    document.documentElement.lang = words.language;
    document.title = words.room;
    document.body.replaceChildren(host);
    return new Room(model, host);
  };
  const onRefused = () => document.body.replaceChildren(make("form.door", {}, make("p", { role: "alert" }, texts.door_closed)));
  const onTicketEnded = (words) => showDoor(words, words.room, showRoom, words.door_again);
  new Connection({ onRoom, onRefused, onTicketEnded });
}

const door = await fetch("door").then((reply) => reply.json());
if (door.open) showRoom(door.texts);
else showDoor(door.texts, door.texts.room, showRoom);
