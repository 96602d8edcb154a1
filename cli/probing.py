"""What `wiretape probe` shows while it walks: answers on stdout, time passing on stderr."""

import math
import threading
import webbrowser
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from wiretape.recorder.log.printable import printable
from wiretape.recorder.probe.plan import Planned, most_requests
from wiretape.recorder.probe.sender import REPEATS
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Answer, Ask

_COLOURS = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}


class ProbeView:
    """Prints a line for every answer, and beneath what a step learnt."""

    def __init__(self, *, quiet: bool) -> None:
        self._out = Console(highlight=False, soft_wrap=True, quiet=quiet)
        self._err = Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, line: str) -> None:
        """Print a line."""
        self._out.print(Text(printable(line)))

    def warn(self, line: str) -> None:
        """Print a warning, in any case."""
        self._err.print(Text(f"warning: {printable(line)}", style="yellow"))

    def plan(self, plan: Iterable[Planned], per_second: float) -> None:
        """Print which steps run and what they cost."""
        items = tuple(plan)
        for item in items:
            step = item.step
            browser = ", opens the browser" if step.visits else ""
            why = f"  (left out: {item.left_out})" if item.left_out else ""
            line = f"{step.id:15}{step.effect:13}≤ {step.most:<4}{step.title}{browser}{why}"
            self._out.print(Text(line, style="dim" if why else ""))
        self.say("")
        self.cost(items, per_second)

    def cost(self, plan: Iterable[Planned], per_second: float) -> None:
        """Print the bounds of a plan."""
        self.say(
            f"at most {most_requests(plan)} requests, {per_second:g} per second; one that is"
            f" answered with Retry-After is repeated up to {REPEATS} times"
        )

    def begins(self, step: Step) -> None:
        """Print the step's heading."""
        self._out.print()
        self._out.print(Text.assemble((step.id, "bold"), f"  {step.title}"))

    def answered(self, ask: Ask, answer: Answer) -> None:
        """Print an answer."""
        media_type = (answer.header("content-type") or "").partition(";")[0]
        status = (f"  {answer.status}", _COLOURS.get(answer.status // 100, ""))
        rest = (f"  {printable(media_type)}", "dim")
        self._out.print(Text.assemble(status, f"  {ask.label}", rest))

    def failed(self, what: str, why: str) -> None:
        """Print what went wrong."""
        self._out.print(Text(f"  {printable(what)}: {printable(why)}", style="red"))

    def note(self, text: str) -> None:
        """Print what was learnt."""
        self._out.print(Text(f"       {printable(text)}", style="italic"))

    def left_out(self, step: Step, why: str) -> None:
        """Print that a step does not run."""
        self._out.print()
        self._out.print(Text(f"{step.id}  left out: {why}", style="dim"))

    def visit(self, url: str) -> None:
        """Open the browser, and say where in case it does not."""
        self._err.print(Text(f"  consent in your browser: {printable(url)}", style="bold"))
        # Some browsers return only when they are closed, and the callback must be served meanwhile.
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

    @contextmanager
    def waiting(self, title: str, seconds: float) -> Iterator[Callable[[float], None]]:
        """Show a bar and the time left; where there is no terminal, say how long it takes."""
        show = self._err.is_terminal
        if not show and seconds > 0:
            self._err.print(Text(f"  waiting {seconds:.0f} s: {printable(title)}"))
        columns = (
            TextColumn("  {task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[left]} left"),
        )
        with Progress(*columns, console=self._err, transient=True, disable=not show) as progress:
            task = progress.add_task(f"waiting: {printable(title)}", total=seconds, left="")

            def tick(left: float) -> None:
                told = timedelta(seconds=math.ceil(left))
                progress.update(task, completed=seconds - left, left=told)

            yield tick
