"""The mitmproxy add-on and what it feeds: from traffic that passes to records."""
