#!/usr/bin/python3
"""An OTLP/HTTP collector: keeps each span that comes as a line of JSON, and prints its port.

    collector.py SPANS
"""
import http.server
import json
import re
import sys


def checked(span):
    """The span, if it is as the protocol's JSON has it; ids in hex, kinds as numbers."""
    assert re.fullmatch("[0-9a-f]{32}", span["traceId"]) and re.fullmatch("[0-9a-f]{16}", span["spanId"])
    assert re.fullmatch("[0-9a-f]{16}", span.get("parentSpanId", "0" * 16))
    assert 1 <= span["kind"] <= 5 and span["name"]
    assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
    return span


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with open(sys.argv[1], "a", encoding="utf-8") as out:
            for resource in body.get("resourceSpans", []):
                for scope in resource["scopeSpans"]:
                    for span in scope["spans"]:
                        print(json.dumps(checked(span)), file=out)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *words):
        """What was asked goes beside what was sent."""
        with open(sys.argv[1] + ".log", "a", encoding="utf-8") as out:
            print(words[0] % words[1:], file=out)


open(sys.argv[1], "w", encoding="utf-8").close()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
print(server.server_address[1], flush=True)
server.serve_forever()
