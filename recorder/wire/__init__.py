"""Bytes on the wire: SSE streams and content codings, read incrementally and within bounds."""
