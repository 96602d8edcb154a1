"""What pages have in common: one HTML file each, which needs no network and no script.

All that was recorded passes the templates' escaping, and never becomes a link. Should any of it
slip through, the page's policy lets it load, run and send nothing (W3C, Content Security Policy 3):
only the page's own style, known by its hash.
"""

from base64 import b64encode
from hashlib import sha256

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from wiretape.analysis.report.phrases import pieces
from wiretape.recorder.log.printable import printable

_PACKAGE = "wiretape.analysis.report"


def environment(package: str, *styles: str) -> Environment:
    """Give the templates of a package, whose pages extend `page.html`; `styles` are more of CSS."""
    templates = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(_PACKAGE)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
    )
    assert templates.loader is not None
    sources = (templates.loader.get_source(templates, name) for name in ("report.css", *styles))
    style = "".join(source for source, _, _ in sources)
    templates.globals |= {"style": Markup(style), "policy": _policy(style)}  # noqa: S704  # our own
    templates.filters["sentence"] = _sentence
    return templates


def _policy(style: str) -> str:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _plain(value: object) -> object:
    """Show what a browser or an editor might obey or hide; round pixels."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value


def _sentence(text: str) -> Markup:
    """Set as code what stands between backticks."""
    return Markup("").join(
        Markup("<code>{}</code>").format(printable(part)) if is_code else printable(part)
        for part, is_code in pieces(text)
    )
