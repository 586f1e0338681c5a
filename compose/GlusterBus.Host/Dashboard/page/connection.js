// The way to the instance: requests, the token where one is needed, and the live stream that resumes by position.

const tokenKey = "glusterbus-token";

/** The token is kept for this tab alone. */
export const token = {
  get: () => sessionStorage.getItem(tokenKey),
  set: value => sessionStorage.setItem(tokenKey, value),
  clear: () => sessionStorage.removeItem(tokenKey),
};

export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** A request; the answer's JSON. */
export async function ask(path, parameters = {}, signal = undefined) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== ""));
  const headers = token.get() ? { Authorization: `Bearer ${token.get()}` } : {};
  const response = await fetch(`${path}?${query}`, { headers, signal, cache: "no-store" });
  if (response.ok) return response.json();
  const body = await response.json().catch(() => ({}));
  throw new Refusal(response.status, body.error ?? `${path} answered ${response.status}`);
}

/** The stream: calls `onbatch(transitions, missed)`, `onstate(true|false)`. Goes on by itself where it was after every loss. */
export class Stream {
  constructor({ onbatch, onstate, onready }) {
    Object.assign(this, { onbatch, onstate, onready, position: null, pause: 500 });
  }

  open() {
    const url = new URL("v1/stream", location.href.replace(/^http/, "ws"));
    url.hash = "";
    if (this.position !== null) url.searchParams.set("after", this.position);
    const protocols = ["glusterbus.v1"];
    if (token.get()) protocols.push(`glusterbus.token.${base64url(token.get())}`);
    const socket = new WebSocket(url, protocols);
    this.socket = socket;
    socket.onmessage = event => this.take(JSON.parse(event.data));
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.onstate(false);

      // Not all clients of an instance that was restarted come back in the same moment.
      setTimeout(() => this.socket === socket && this.open(), this.pause * (0.5 + Math.random()));
      this.pause = Math.min(this.pause * 2, 10_000);
    };
  }

  take(message) {
    if (message.subscribed) {
      this.pause = 500;
      const isFirst = this.position === null;
      this.position = message.position;
      this.onstate(true);
      this.onready(isFirst);
      return;
    }
    if (message.position !== undefined) this.position = message.position;
    if (message.transitions || message.missed) this.onbatch(message.transitions ?? [], message.missed === true);
  }
}

function base64url(text) {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
