"""What is installed: the wheel's files, its words about itself, and that it works by itself."""

import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import tomllib
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

DATA = {
    "demand/published_prior.json",
    "model/vignettes.toml",
    "py.typed",
    "synthetic/parameters.toml",
}
"""Files that are not code: a new one is added here, or does not belong in the wheel."""

PAGES = {".css", ".j2", ".js"}
"""Kinds of file that a folder of templates may hold."""

SMALL = 500_000
"""Bytes that no single file comes near: data belong elsewhere."""


@pytest.fixture(scope="module")
def builder(tmp_path_factory):
    """The environment in which the build backend can be imported."""
    if find_spec("hatchling"):
        return dict(os.environ)
    folder = tmp_path_factory.mktemp("backend")
    command = [sys.executable, "-m", "pip", "install", "-q", "-t", str(folder), "hatchling"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("hatchling is neither installed nor to be had: the wheel cannot be built")
    return {**os.environ, "PYTHONPATH": str(folder)}


def build(builder, source, target, *kinds):
    """Build, and give the one file made of the last kind."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(target)]
    for kind in kinds:
        command += ["-t", kind]
    subprocess.run(command, cwd=source, env=builder, check=True, capture_output=True)
    (made,) = target.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """A copy of the tree as it is at one moment: what is edited meanwhile is in neither build."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("the tree is not git's: nothing says which of its files are the project's")
    folder = tmp_path_factory.mktemp("snapshot")
    for name in filter(None, done.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def built(builder, snapshot, tmp_path_factory):
    """The wheel, and the source archive beside it."""
    return build(builder, snapshot, tmp_path_factory.mktemp("built"), "sdist", "wheel")


def test_a_file_edited_after_the_snapshot_is_in_neither_build(snapshot):
    """The builds read the copy alone: no path of theirs leads back to the tree."""
    assert not snapshot.is_relative_to(ROOT)
    assert not any(path.is_symlink() for path in snapshot.rglob("*"))


@pytest.fixture(scope="module")
def held(built):
    """Each file of the wheel with its bytes."""
    with zipfile.ZipFile(built) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(held):
    (name,) = (name for name in held if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(held[name])


@pytest.fixture(scope="module")
def alone(held, tmp_path_factory):
    """Run Python with the wheel's files before all others, and without this folder's."""
    target = tmp_path_factory.mktemp("alone")
    for name, content in held.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    packages = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    places = os.pathsep.join([str(target), *packages])

    def run(*arguments):
        # -S: no site, so no editable installation either
        command = [sys.executable, "-S", *arguments]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=target,
            env={**os.environ, "PYTHONPATH": places},
        ).stdout  # fmt: skip

    run.target = target
    return run


def ours(held):
    return {name.removeprefix("fs_risk/") for name in held if name.startswith("fs_risk/")}


class TestWhatItHolds:
    def test_the_package_and_its_papers_and_nothing_else(self, held):
        assert {name.split("/")[0] for name in held} == {
            "fs_risk", f"fs_risk-{PROJECT['version']}.dist-info",
        }  # fmt: skip

    def test_code_templates_and_named_data_only(self, held):
        others = {name for name in ours(held) if not name.endswith(".py")}
        templates = {
            name for name in others if "/templates/" in name and Path(name).suffix in PAGES
        }

        assert others - templates == DATA

    def test_all_of_the_package(self, held, snapshot):
        source = snapshot / "src" / "fs_risk"
        there = {
            path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()
        }

        assert ours(held) == there

    def test_no_tests_notebooks_or_documents(self, held):
        assert [name for name in ours(held) if re.search(r"(^|/)(tests?|docs)/", name)] == []
        assert [name for name in ours(held) if Path(name).name.startswith(("test_", "conf"))] == []
        assert [name for name in held if Path(name).suffix in {".ipynb", ".md", ".csv"}] == []

    def test_each_file_that_is_not_code_is_asked_for_by_name(self, held):
        code = "\n".join(
            content.decode() for name, content in held.items()
            if name.startswith("fs_risk/") and Path(name).suffix in {".py", *PAGES}
        )  # fmt: skip
        others = {Path(name).name for name in ours(held) if not name.endswith(".py")}

        # py.typed is asked for by type checkers
        assert [name for name in others - {"py.typed"} if f'"{name}"' not in code] == []

    def test_no_file_is_large(self, held):
        assert [name for name, content in held.items() if len(content) > SMALL] == []

    def test_the_source_archive_builds_the_same_wheel(self, builder, built, held, tmp_path):
        (archive,) = built.parent.glob("*.tar.gz")
        with tarfile.open(archive) as opened:
            opened.extractall(tmp_path / "unpacked", filter="data")
        (unpacked,) = (tmp_path / "unpacked").iterdir()
        again = build(builder, unpacked, tmp_path / "built", "wheel")

        assert again.name == built.name
        with zipfile.ZipFile(again) as opened:
            remade = {name: opened.read(name) for name in opened.namelist()}
        assert set(remade) == set(held)
        assert [name for name in held if remade[name] != held[name]] == []

    def test_the_source_archive_holds_the_package_and_its_papers(self, built):
        (archive,) = built.parent.glob("*.tar.gz")
        with tarfile.open(archive) as opened:
            names = {name.split("/", 1)[1] for name in opened.getnames()}

        assert {name for name in names if not name.startswith("src/fs_risk/")} == {
            ".gitignore", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml",
        }  # fmt: skip


class TestWhatItSays:
    def test_name_version_python_and_licence(self, metadata, held, snapshot):
        assert metadata["Name"] == "fs-risk"
        assert metadata["Version"] == PROJECT["version"]
        assert metadata["Requires-Python"] == ">=3.11"
        assert metadata["License-Expression"] == "MIT"
        (licence,) = (name for name in held if name.endswith("licenses/LICENSE"))
        assert held[licence] == (snapshot / "LICENSE").read_bytes()

    def test_extras_and_dependencies_are_those_of_the_project(self, metadata):
        needs = metadata.get_all("Requires-Dist")

        assert set(metadata.get_all("Provides-Extra")) == set(PROJECT["optional-dependencies"])
        assert sum("extra ==" not in need for need in needs) == len(PROJECT["dependencies"])
        assert len(needs) == len(PROJECT["dependencies"]) + sum(
            len(extra) for extra in PROJECT["optional-dependencies"].values()
        )

    def test_one_command(self, held):
        (name,) = (name for name in held if name.endswith("entry_points.txt"))

        assert held[name].decode().split() == ["[console_scripts]", "fs-risk", "=",
                                               "fs_risk.cli:main"]  # fmt: skip

    def test_the_readme_is_its_description_in_markdown(self, metadata, snapshot):
        assert metadata["Description-Content-Type"] == "text/markdown"
        assert metadata.get_payload(decode=True).decode().strip() == (
            (snapshot / "README.md").read_text(encoding="utf-8").strip()
        )


class TestThatItWorks:
    def test_without_this_folder_it_invents_reads_and_writes_pages(self, alone, tmp_path):
        made = f"fs.make_authority(children=300, years=3, seed=0).to_ssd({str(tmp_path)!r})"
        out = alone("-c", f"import fs_risk as fs; {made}; print(fs.__file__)")
        page = tmp_path / "quality.html"
        alone("-m", "fs_risk", "check", str(tmp_path), "--html", str(page))

        assert out.strip() == str(alone.target / "fs_risk" / "__init__.py")
        assert "<html" in page.read_text(encoding="utf-8")

    def test_importing_it_takes_no_longer_than_importing_numpy(self, alone):
        timed = "import time; begun = time.perf_counter(); import {}; "
        timed += "print(time.perf_counter() - begun)"
        rounds = [
            [float(alone("-c", timed.format(name))) for name in ("fs_risk", "numpy")]
            for _ in range(3)
        ]
        mine, numpys = (min(column) for column in zip(*rounds, strict=True))

        assert mine <= 1.2 * numpys


@pytest.mark.nightly
@pytest.mark.timeout(1_800)
def test_a_fresh_environment_with_the_wheel_alone_runs_the_demo(built, tmp_path):
    venv.create(tmp_path / "fresh", with_pip=True)
    folder = tmp_path / "fresh" / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(folder / "python"), "-m", "pip"]
    subprocess.run([*pip, "install", "-q", str(built)], check=True, capture_output=True)
    checked = subprocess.run([*pip, "check"], check=True, capture_output=True, text=True)
    begun = time.perf_counter()
    demo = [str(folder / "fs-risk"), "demo", "--children", "12000", "--years", "8"]
    subprocess.run(demo, check=True, capture_output=True, cwd=tmp_path)

    assert "No broken requirements" in checked.stdout
    for name in ("results.html", "week_list.csv", "model/model.json"):
        assert (tmp_path / "fs-risk-demo" / name).stat().st_size > 0
    assert time.perf_counter() - begun < 600
