"""Lists the packages that are linked into the program, with version, licence and source, as Markdown; fails if a licence is not on the list."""

import json
import subprocess
import sys

ALLOWED = {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "OFL-1.1", "Unicode-3.0", "0BSD", "Unlicense", "CC0-1.0"}


def is_allowed(expression):
    """Whether a licence expression leaves a choice of allowed ones. Of "A AND B" both must be."""
    alternatives = expression.replace("/", " OR ").replace("(", " ").replace(")", " ").split(" OR ")
    return any(all(part.strip() in ALLOWED for part in one.split(" AND ")) for one in alternatives)


def main():
    target = sys.argv[1]
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    # What is linked: normal dependencies, from the root on.
    linked, open_ids = set(), [metadata["resolve"]["root"]]
    while open_ids:
        for dependency in nodes[open_ids.pop()]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]) and dependency["pkg"] not in linked:
                linked.add(dependency["pkg"])
                open_ids.append(dependency["pkg"])
    rows = sorted((packages[id]["name"], packages[id]["version"], packages[id]["license"] or "") for id in linked)
    refused = [row for row in rows if not is_allowed(row[2])]
    if refused:
        sys.exit("licences that are not on the list: " + ", ".join(" ".join(row) for row in refused))
    print("# What is linked into ridethrough\n\nOf each package, the licence that it states.\n\n| package | version | licence |\n|---|---|---|")
    for name, version, licence in rows:
        print(f"| {name} | {version} | {licence} |")


main()
