"""What passed, as observers see it: exchanges, and the JSON-RPC messages in them."""
