"""Trees of elements for SVG and HTML: built, never concatenated, so that escaping is not a choice.

Numbers are rounded to a tenth, attributes keep the order they are given in, and text passes
through :func:`ringwall.report.words.clean`, so equal input gives equal bytes and every tree prints
as well-formed XML.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from ringwall.report.words import clean

Child = Element | str
Attribute = str | float | None

SVG = "http://www.w3.org/2000/svg"


def number(value: float) -> str:
    """A coordinate: at most one decimal, no minus zero."""
    text = f"{round(value, 1) + 0.0:.1f}"
    return text.removesuffix(".0")


def element(tag: str, *children: Child, **attributes: Attribute) -> Element:
    """An element. ``class_`` and ``for_`` lose the underscore, ``aria_label`` gets its hyphen;
    attributes that are None are left off."""
    made = Element(tag)
    for key, value in attributes.items():
        if value is not None:
            name = key.rstrip("_").replace("_", "-")
            made.set(name, clean(value) if isinstance(value, str) else number(value))
    extend(made, *children)
    return made


def extend(parent: Element, *children: Child) -> None:
    """Append elements and text in order."""
    for child in children:
        if isinstance(child, Element):
            parent.append(child)
        elif len(parent):
            parent[-1].tail = (parent[-1].tail or "") + clean(child)
        else:
            parent.text = (parent.text or "") + clean(child)


def camel(made: Element, **attributes: str) -> Element:
    """Set SVG's camel-case attributes (``viewBox``) as they are spelt."""
    for key, value in attributes.items():
        made.set(key, value)
    return made
