"""The truth of a template's conditions, by the three-valued rules: yes, no, not known."""

from __future__ import annotations

from collections.abc import Mapping

from ringwall.model.errors import InputError
from ringwall.sources.cloudformation.references import References, Truth
from ringwall.sources.cloudformation.template import did_you_mean
from ringwall.sources.cloudformation.values import (
    Unresolved,
    Value,
    known_text,
    plain,
    symbols_in,
    why_unknown,
)


class Conditions(References):
    """The second layer: conditions over references."""

    __slots__ = ()

    def condition(self, name: str, place: Value) -> Truth:
        """Is a named condition true, under the parameters as they are known?"""
        if name in self.known:
            return self.known[name]
        written = self.template.conditions.get(name)
        if written is None:
            if self.template.transforms:
                return Unresolved(name, f"the condition `{name}` is not in the template")
            message = f"`{name}` is no condition of this template"
            help = did_you_mean(name, list(self.template.conditions))
            raise self.error(place, "RW-CFN-006", message, help)
        circle = f"condition {name}"
        if circle in self.under_way:
            message = f"the condition `{name}` is made from itself"
            raise self.error(written, "RW-CFN-008", message, "break the circle of conditions")
        self.under_way.append(circle)
        self.known[name] = self.truth(written)
        self.under_way.pop()
        return self.known[name]

    def truth(self, node: Value) -> Truth:
        """The truth of a condition's expression; Unresolved where it depends on the unknown."""
        if not isinstance(node.data, Mapping) or len(node.data) != 1:
            raise self._no_condition(node)
        ((name, argument),) = node.data.items()
        if name == "Condition":
            return self.condition(known_text(argument.data) or "", argument)
        if name == "Fn::Not":
            (one,) = self.arguments(argument, name, 1, 1)
            found = self.truth(one)
            return found if isinstance(found, Unresolved) else not found
        if name in ("Fn::And", "Fn::Or"):
            return self._all_or_any(name, argument)
        if name == "Fn::Equals":
            return self._equal(argument)
        raise self._no_condition(node)

    def _no_condition(self, place: Value) -> InputError:
        message = "a condition is one of `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not`, `Condition`"
        return self.error(place, "RW-CFN-007", message)

    def _all_or_any(self, name: str, argument: Value) -> Truth:
        decides = name == "Fn::Or"
        found = [self.truth(one) for one in self.arguments(argument, name, 1, 10)]
        if decides in found:
            return decides
        unknown = [one for one in found if isinstance(one, Unresolved)]
        return unknown[0] if unknown else not decides

    def _equal(self, argument: Value) -> Truth:
        left, right = (self.value(one) for one in self.arguments(argument, "Fn::Equals", 2, 2))
        if plain(left) == plain(right):
            return True
        for side in (left, right):
            symbol = next(iter(symbols_in(side)), None)
            if symbol is not None:
                return Unresolved("condition", why_unknown(symbol))
        if isinstance(left.data, tuple | Mapping) or isinstance(right.data, tuple | Mapping):
            return False
        return known_text(left.data) == known_text(right.data)
