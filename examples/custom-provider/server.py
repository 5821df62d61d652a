#!/usr/bin/env python3
"""Inbox: a small service with queues, so that the example has something to manage.

Usage: server.py [--port PORT] [--port-file FILE] [--token TOKEN]

Keeps everything in memory. `POST /queues/NAME/messages` puts a message into a queue.
"""

import argparse
import json
import re
import uuid
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qs, unquote, urlsplit

queues = {}
lock = Lock()


class Refused(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.body = status, {"code": code, "message": message}


def checked(fields):
    if not 1 <= fields.get("retention_days", 7) <= 30:
        raise Refused(422, "bad_retention", "retention_days must be 1 to 30")
    return {key: fields[key] for key in ("retention_days", "labels") if key in fields}


def answer(method, path, query, body):
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts == ["queues"] and method == "GET":
        skip, take = int(query.get("skip", ["0"])[0]), int(query.get("take", ["50"])[0])
        found = sorted(queues.values(), key=lambda queue: queue["name"])
        return 200, {"items": found[skip : skip + take], "total": len(found)}
    if parts == ["queues"] and method == "POST":
        name = body.get("name", "")
        if not re.fullmatch("[a-z][a-z0-9-]{2,31}", name):
            raise Refused(422, "bad_name", "the name is not usable")
        if name in queues:
            raise Refused(409, "queue_exists", "there is a queue of this name")
        created = datetime.now(timezone.utc).isoformat(timespec="seconds")
        queue = {"name": name, "retention_days": 7, "labels": {}, "messages": 0, "created_at": created}
        queue.update(checked(body))
        queues[name] = queue
        return 201, queue
    if len(parts) in (2, 3) and parts[0] == "queues":
        queue = queues.get(parts[1])
        if queue is None:
            raise Refused(404, "no_queue", "there is no such queue")
        if method == "POST" and parts[2:] == ["messages"]:
            queue["messages"] += 1
            return 202, queue
        if parts[2:]:
            raise Refused(404, "no_such_path", "there is nothing here")
        if method == "GET":
            return 200, queue
        if method == "PUT":
            queue.update(checked(body))
            return 200, queue
        if method == "DELETE":
            del queues[parts[1]]
            return 204, None
    raise Refused(404, "no_such_path", "there is nothing here")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    token = ""

    def handle_any(self):
        url = urlsplit(self.path)
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if self.headers.get("Authorization") != "Bearer " + self.token:
                raise Refused(401, "bad_token", "the token is not accepted")
            with lock:
                status, body = answer(self.command, url.path, parse_qs(url.query), json.loads(text or b"{}"))
        except Refused as refused:
            status, body = refused.status, refused.body
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("X-Request-Id", uuid.uuid4().hex)
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8085)
    parser.add_argument("--port-file")
    parser.add_argument("--token", default="inbox-demo-token")
    options = parser.parse_args()
    Handler.token = options.token
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    if options.port_file:
        with open(options.port_file, "w", encoding="utf-8") as file:
            file.write(str(server.server_address[1]))
    print("inbox listens on http://127.0.0.1:%d" % server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
