// A server that says which process answers: node server.js PORT. HOST says where it listens, 127.0.0.1 unless set.
"use strict";

const http = require("node:http");

const server = http.createServer((request, response) => {
  response.setHeader("Content-Type", "text/plain");
  response.end(request.url === "/healthz" ? "ok\n" : `hello from process ${process.pid}\n`);
});

// Longer than nginx keeps an idle connection to a backend (60 s): nginx closes it, and never finds it closed.
server.keepAliveTimeout = 75_000;
server.listen(Number(process.argv[2]), process.env.HOST || "127.0.0.1");

// What is being answered is finished; idle connections are closed at once.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
