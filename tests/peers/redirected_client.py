"""Post one `initialize` and follow every redirect as httpx does: after 301 a POST becomes a GET.

Takes the server's URL; prints each request it sent as method, URL and status.
"""

import json
import sys

import httpx

HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "redirected", "version": "1"},
}


def main() -> None:
    with httpx.Client(follow_redirects=True) as client:
        last = client.post(
            sys.argv[1],
            headers={"accept": "application/json, text/event-stream"},
            json={"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO},
        )
    hops = [
        (answer.request.method, str(answer.url), answer.status_code)
        for answer in (*last.history, last)
    ]
    print(json.dumps(hops))


if __name__ == "__main__":
    main()
