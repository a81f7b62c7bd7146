"""Files that may be damaged: they load, or are refused in a line that names them."""

import re


def loaded(cls, file):
    """The object of a file; None where it was refused as it should be."""
    try:
        return cls.load(file)
    except ValueError as error:
        text = str(error)
    if not re.match(re.escape(f"{file}: "), text) or "\n" in text:
        raise AssertionError(text)
    return None
