"""The compatibility report: JSON for programs, Markdown and HTML for people."""
