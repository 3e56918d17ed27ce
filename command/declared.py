"""What the addons' source declares: tests, and exclusion constraints.

Odoo is content when a test file is not imported or a constraint could not be
made; these lists are what reality is compared with.
"""

import ast
import re
from pathlib import Path
from typing import NamedTuple


class Test(NamedTuple):
    """One test method as Odoo names it in its log."""

    addon: str
    module: str
    name: str

    def __str__(self):
        return f"{self.addon}/tests/{self.module}.py {self.name}"


def tests(addons_folder, names, takes=lambda tags: True):
    """The tests the addons declare, each a `Test`.

    Mixins (no base class, or named …Mixin) hold tests for their heirs only;
    what is tagged -standard runs when somebody asks for it by name.

    :param takes: whether classes with these tags count
    """
    found = set()
    for name in names:
        folder = Path(addons_folder) / name / "tests"
        for path in sorted(folder.glob("test_*.py")):
            for node in ast.parse(path.read_text()).body:
                if not isinstance(node, ast.ClassDef) or not collected(node):
                    continue
                if takes(tags(node)):
                    found |= {
                        Test(name, path.stem, f"{node.name}.{method.name}")
                        for method in node.body
                        if isinstance(method, ast.FunctionDef)
                        and method.name.startswith("test")
                        and "-standard" not in tags(method)
                    }
    return found


def needs_update(addons_folder, names):
    """Whether a test class runs during the installation of its addon."""
    for name in names:
        for path in (Path(addons_folder) / name / "tests").glob("test_*.py"):
            for node in ast.parse(path.read_text()).body:
                if (
                    isinstance(node, ast.ClassDef)
                    and collected(node)
                    and "-at_install" not in tags(node)
                ):
                    return True
    return False


def collected(node):
    """Whether Odoo's loader runs the class by itself."""
    bases = {ast.unparse(base) for base in node.bases} - {"object"}
    return bases and not node.name.endswith("Mixin") and "-standard" not in tags(node)


def tags(node):
    """The words in the node's @tagged decorator."""
    return {
        argument.value
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        and ast.unparse(decorator.func).rpartition(".")[2] == "tagged"
        for argument in decorator.args
        if isinstance(argument, ast.Constant)
    }


EXCLUDE = re.compile(r"\bEXCLUDE\s+USING\s+\w+", re.IGNORECASE)


def exclusions(addons_folder, names):
    """{file: how many exclusion constraints its code writes}.

    Both forms count: models.Constraint("EXCLUDE …") and SQL run by init().
    """
    found = {}
    for name in names:
        for path in sorted((Path(addons_folder) / name).rglob("*.py")):
            if "tests" in path.parts:
                continue
            count = sum(len(EXCLUDE.findall(text)) for text in literals(path))
            if count:
                found[str(path.relative_to(addons_folder))] = count
    return found


def literals(path):
    """The string literals of a Python file, documentation left out."""
    tree = ast.parse(path.read_text())
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in prose:
                yield node.value
