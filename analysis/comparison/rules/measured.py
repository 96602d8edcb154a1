"""What differs between any two recordings: when, where, by whom, how fast, how often."""

from wiretape.analysis.comparison.rule import Rule

RULE = Rule(
    title="Measured",
    tolerates=("clients.*", "endpoint.*", "errors.*", "latency.*"),
)
