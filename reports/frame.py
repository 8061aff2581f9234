"""What all pages share: one self-contained HTML file in the house's dress, and pictures that travel within it."""

import base64
from importlib import resources
from pathlib import Path
from typing import Any

from shards import atomic, image

_MIME = {"jpeg": "image/jpeg", "png": "image/png"}


def write(path: Path, template: str, **values: Any) -> None:
    """Renders a template that extends `frame.html`, and writes it whole or not at all; equal values give equal bytes.

    Args:
        path: the HTML file; its folder is made where absent.
        template: its name in `reports/templates/`.
        values: what it shows, `title` and `facts` among them; `data_uri` is there for all.
    """
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates = resources.files("reports.templates")
    dress = {
        "style": Markup((templates / "page.css").read_text(encoding="utf-8")),
        "script": Markup((templates / "page.js").read_text(encoding="utf-8")),
    }
    atomic.write_text(path, environment.get_template(template).render(data_uri=data_uri, **dress, **values))


def data_uri(picture: bytes) -> str:
    """Encoded image bytes as an address that needs no request.

    Raises:
        ValueError: the bytes are neither JPEG nor PNG.
    """
    kind = image.header(picture).format
    if kind not in _MIME:
        raise ValueError(f"a page holds JPEG and PNG images, not {kind}")
    return f"data:{_MIME[kind]};base64,{base64.b64encode(picture).decode()}"
