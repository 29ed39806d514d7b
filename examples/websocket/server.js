// Rooms in which every client hears what the others say: node server.js PORT. Without a library, to show what passes nginx;
// use one in earnest. HOST says where it listens, 127.0.0.1 unless set.
"use strict";

const crypto = require("node:crypto");
const http = require("node:http");

const ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, section 1.3
const [CLOSE, PING, PONG] = [0x8, 0x9, 0xa];
const rooms = new Map();

const PAGE = `<!doctype html><meta charset="utf-8"><title>Room</title>
<form><input autofocus> <button>Say</button></form><pre></pre>
<script>
  const live = new WebSocket(location.origin.replace("http", "ws") + "/live?room=lobby");
  live.onmessage = (said) => document.querySelector("pre").append(said.data + "\\n");
  document.querySelector("form").onsubmit = (event) => {
    event.preventDefault();
    live.send(event.target[0].value);
    event.target.reset();
  };
</script>`;

const server = http.createServer((request, response) => {
  const isHealth = request.url === "/healthz";
  response.setHeader("Content-Type", isHealth ? "text/plain" : "text/html");
  response.end(isHealth ? "ok\n" : PAGE);
});

server.on("upgrade", (request, socket) => {
  const key = request.headers["sec-websocket-key"];
  if (!key) return socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  const accept = crypto.createHash("sha1").update(key + ACCEPT).digest("base64");
  socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
  const name = new URL(request.url, "http://localhost").searchParams.get("room") || "lobby";
  const room = rooms.get(name) || rooms.set(name, new Set()).get(name);
  room.add(socket);
  let rest = Buffer.alloc(0);
  socket.on("data", (data) => { rest = frames(Buffer.concat([rest, data]), socket, room); });
  socket.on("error", () => {});
  socket.on("close", () => { room.delete(socket); if (!room.size) rooms.delete(name); });
});

// Takes whole frames from what has come in; what is left is the beginning of the next one.
function frames(data, socket, room) {
  while (data.length >= 6) {
    const short = data[1] & 0x7f;
    const head = short === 126 ? 4 : 2;
    if (short === 127 || !(data[1] & 0x80)) { socket.destroy(); break; } // longer than a line, or not masked
    if (data.length < head + 4) break;
    const length = short === 126 ? data.readUInt16BE(2) : short;
    if (data.length < head + 4 + length) break;
    const mask = data.subarray(head, head + 4);
    const body = Buffer.from(data.subarray(head + 4, head + 4 + length).map((byte, at) => byte ^ mask[at % 4]));
    const kind = data[0] & 0x0f;
    if (kind === CLOSE) { socket.end(frame(CLOSE, body)); break; }
    if (kind === PING) socket.write(frame(PONG, body));
    else if (kind !== PONG) for (const one of room) one.write(frame(0x1, body));
    data = data.subarray(head + 4 + length);
  }
  return data;
}

function frame(kind, body) {
  const head = body.length < 126 ? Buffer.from([0x80 | kind, body.length]) : Buffer.from([0x80 | kind, 126, 0, 0]);
  if (body.length >= 126) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

// Longer than nginx keeps an idle connection to a backend (60 s): nginx closes it, and never finds it closed.
server.keepAliveTimeout = 75_000;
server.listen(Number(process.argv[2]), process.env.HOST || "127.0.0.1");

// Clients are told to come back (1001): they reach the process that follows.
process.on("SIGTERM", () => {
  for (const room of rooms.values()) for (const one of room) one.end(frame(CLOSE, Buffer.from([0x03, 0xe9])));
  server.close(() => process.exit(0));
});
