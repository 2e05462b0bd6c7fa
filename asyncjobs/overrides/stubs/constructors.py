# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a class is made with: PyGObject takes properties by name, and an override what it likes."""

from signatures import Parameter, Signature


def _split(parameters):
    """What goes by position, what by name, and whether all else is passed on."""
    by_position, by_name = [], []
    passes_on = False
    here = by_position
    for parameter in parameters:
        if parameter.stars == "**":
            passes_on = True
        elif parameter.stars:
            if parameter.type is not None:
                by_position.append(parameter)
            here = by_name
        else:
            here.append(parameter)
    return by_position, by_name, passes_on


def _overrides(gir, override, name, line):
    """The classes in Python among those that a class derives from, the nearest first."""
    above = [override.classes[owner.name] for owner in gir.line(name) if owner.name in override.classes]
    return [*line, *[one for one in above if one not in line]]


def properties_of(gir, name):
    return [one for owner in reversed(list(gir.line(name))) for one in owner.properties.values()]


def constructor(gir, override, name, line=()):
    """Of a class in C, and of those in Python that derive from it."""
    classes = _overrides(gir, override, name, line) if override is not None else []
    inits = [one for one in classes if one.init is not None]
    by_position, by_name = [], {}
    passes_on = True
    # Each one passes on what it does not know
    for number, one in enumerate(inits):
        if passes_on:
            first, named, passes_on = _split(one.init.parameters)
            if number == 0:
                by_position = first
            else:
                named = [*first, *named]
            for parameter in named:
                by_name.setdefault(parameter.name, parameter)

    if classes and classes[0].makes and classes[0].name == name:
        first, named, _ = _split(override.own_parameters(classes[0].makes))
        # May be left out, as classes that derive from it do not take it
        by_position += [parameter._replace(default="...") for parameter in first]
        by_name = {parameter.name: parameter for parameter in named} | by_name
    if passes_on:
        seconds = set().union(*[one.seconds for one in inits])
        known = {parameter.name for parameter in by_position}
        for one in properties_of(gir, name):
            if one.is_writable and one.name not in known:
                kind = "float | None" if one.name in seconds else one.takes
                by_name.setdefault(one.name, Parameter(one.name, kind, "..."))
    if by_name and not any(parameter.stars for parameter in by_position):
        by_position.append(Parameter("", None, stars="*"))
    parameters = [*by_position, *by_name.values()]
    if list(gir.line(name))[-1].parent != "GObject.Object":
        # What it derives from is in another GIR, and has properties too
        parameters.append(Parameter("properties", "Any", stars="**"))
    return Signature("__init__", parameters, "None")
