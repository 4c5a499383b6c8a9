"""Which classes are public results, found from the annotations of what is public."""

import builtins
import importlib
import inspect
import pkgutil
import sys
import types
import typing
from functools import cached_property

import fs_risk as fs

APART = {
    "CaseloadModel", "Document", "Factors", "FlowModel", "Forest", "OriginRows", "Pull",
    "RollingFits",
}  # fmt: skip
"""What a result is worked out from, reached only through it; each prints in a line or two."""


class _Any(type):
    def __getattr__(cls, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return cls

    def __getitem__(cls, of):
        return cls


class Foreign(metaclass=_Any):
    """What another library gives; its own displays are its own."""


class _Names(dict):
    """Names in annotations: the module's own, else any class of ours, else something foreign."""

    def __init__(self, module):
        super().__init__(vars(module))

    def __missing__(self, name):
        if hasattr(builtins, name):
            raise KeyError(name)
        ours = (getattr(module, name, None) for key, module in list(sys.modules.items())
                if key.startswith("fs_risk."))  # fmt: skip
        return next((each for each in ours if inspect.isclass(each)), Foreign)


def _returned(function):
    """Give the classes in what a function says that it returns."""
    said = getattr(function, "__annotations__", {}).get("return")
    if isinstance(said, str):
        said = eval(said, {}, _Names(sys.modules[function.__module__]))
    return _classes(said)


def _classes(said):
    if isinstance(said, str):
        return _classes(_Names(fs)[said])
    found = {said} if inspect.isclass(said) and not isinstance(said, types.GenericAlias) else set()
    for part in typing.get_args(said):
        found |= _classes(part)
    return {each for each in found if each.__module__.startswith("fs_risk.")}


def _methods(kind):
    for name in dir(kind):
        if name.startswith("_"):
            continue
        held = inspect.getattr_static(kind, name)
        if isinstance(held, property):
            held = held.fget
        elif isinstance(held, cached_property):
            held = held.func
        elif isinstance(held, classmethod | staticmethod):
            held = held.__func__
        if inspect.isfunction(held) and held.__module__.startswith("fs_risk."):
            yield held


def public_results():
    """Give every class that public functions, and methods of public results, return.

    Classes whose mistakes are raised, and those kept `APART`, are left out.
    """
    for room in ("demand", "evaluation", "features", "model", "model_cards", "outcomes", "triage"):
        folder = importlib.import_module(f"fs_risk.{room}")
        for found in pkgutil.iter_modules(folder.__path__, f"fs_risk.{room}."):
            if not found.name.startswith("fs_risk.triage.service"):
                importlib.import_module(found.name)
    public = [getattr(fs, name) for name in fs.__all__ if name != "__version__"]
    todo = {each for each in public if inspect.isclass(each)}
    for each in public:
        todo |= _returned(each) if inspect.isfunction(each) else set()
    found = set()
    while todo:
        kind = todo.pop()
        if kind in found or issubclass(kind, Exception) or kind.__name__ in APART:
            continue
        found.add(kind)
        for method in _methods(kind):
            todo |= _returned(method)
    return sorted(found, key=lambda kind: (kind.__module__, kind.__name__))
