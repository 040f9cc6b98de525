"""New rows at once: SQLModel sets and looks at each field by itself, which costs more than writing the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from sqlalchemy.orm import Mapper
from sqlmodel import SQLModel

_T = TypeVar("_T", bound=SQLModel)


def fresh(model: type[_T], /, **values: Any) -> _T:
    """The same row as `model(**values)` makes of a table. Raises TypeError for a field that there is not."""
    plain, factories = _defaults(model)
    if unknown := values.keys() - model.model_fields.keys():
        raise TypeError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
    row: _T = _mapper(model).class_manager.new_instance()
    made = {name: make() for name, make in factories.items() if name not in values}
    # Of a row that is new, the session writes all that stands here.
    row.__dict__.update({**plain, **made, **values})
    return row


def _mapper(model: type[SQLModel]) -> Mapper[Any]:
    mapper: Mapper[Any] = model.__mapper__  # type: ignore[attr-defined]
    return mapper


@cache
def _defaults(model: type[SQLModel]) -> tuple[Mapping[str, Any], Mapping[str, Callable[[], Any]]]:
    fields = {name: f for name, f in model.model_fields.items() if not f.is_required()}
    factories = {name: f.default_factory for name, f in fields.items() if f.default_factory is not None}
    plain = {name: f.default for name, f in fields.items() if f.default_factory is None}
    return plain, factories  # type: ignore[return-value]
