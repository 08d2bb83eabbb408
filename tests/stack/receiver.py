# SPDX-License-Identifier: Apache-2.0
"""Takes Alertmanager's notifications by webhook, and keeps them to be asked for."""
import http.server
import json
import re
import threading


class Notice:
    """One alert of one notification."""

    def __init__(self, receiver, alert):
        self.receiver, self.status = receiver, alert["status"]
        self.labels, self.annotations = alert["labels"], alert["annotations"]

    def __str__(self):
        labels = " ".join(f"{k}={v}" for k, v in self.labels.items() if k not in ("job", "instance"))
        return f"[{self.receiver}] {self.status} {labels}: {self.annotations.get('description', '')}"


class Receiver:
    """POST to /NAME is a notification for the receiver of that name; GET / lists all as text."""

    def __init__(self, echo=None):
        """`echo`: is given every Notice at once."""
        self._lock, self._notices = threading.Lock(), []
        keep = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for alert in body["alerts"]:
                    keep._keep(Notice(self.path.strip("/"), alert), echo)
                self._answer("")

            def do_GET(self):
                self._answer("".join(f"{notice}\n" for notice in keep.notices()))

            def _answer(self, text):
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _keep(self, notice, echo):
        with self._lock:
            self._notices.append(notice)
        if echo:
            echo(notice)

    def notices(self, alert=None, **labels):
        """Those of an alert with these labels, oldest first."""
        with self._lock:
            return [n for n in self._notices if alert in (None, n.labels["alertname"])
                    and n.labels | labels == n.labels]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def everything_to(url, alertmanager):
    """An Alertmanager configuration with the same routes, whose receivers all lead to `url`/NAME."""
    routes, receivers = alertmanager.split("\nreceivers:\n")
    text = routes + "\nreceivers:\n"
    for name in re.findall(r"^  - name: (\w+)$", receivers, re.M):
        resolved = str(name != "deadman").lower()
        text += f"  - name: {name}\n    webhook_configs:\n      - url: {url}/{name}\n        send_resolved: {resolved}\n"
    return text
