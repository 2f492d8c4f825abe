"""Rewrites recorded provenances of version 0.1.0, whose paths are absolute, with the paths that later versions write: relative to the folder in which `run` was started.

    python3 provenance/relative-paths.py FOLDER

FOLDER is the folder in which the runs were started, as it is in the files. Nothing else changes: a line that has such a path as its value is written again with another path, byte for byte
otherwise, and files without one are not written at all. Running it again changes nothing.
"""

import pathlib
import posixpath
import re
import sys

VALUE = re.compile(r'("value" : ")(/[^"\\]*)(")')


def relative(started):
    return lambda match: match[1] + posixpath.relpath(match[2], started) + match[3]


def main():
    if len(sys.argv) != 2 or not sys.argv[1].startswith("/"):
        sys.exit("usage: relative-paths.py FOLDER, the absolute path of the folder in which the runs were started")
    started = sys.argv[1]
    above = posixpath.dirname(started)
    for file in sorted(pathlib.Path(__file__).parent.rglob("*.json")):
        before = file.read_bytes()
        # Only paths in the folder or beside it: a value that begins with a slash may be something else.
        after = VALUE.sub(lambda match: relative(started)(match) if match[2].startswith(above + "/") else match[0], before.decode("utf-8")).encode("utf-8")
        if after != before:
            file.write_bytes(after)
            print(file)


main()
