"""A server that stands in for yours: `service.toml` says how it is to behave, and it does.

    python -m server

with `examples` on the path and the options of `wiretape replay`: it is that profile, brought to
life.
"""
