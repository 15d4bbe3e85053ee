"""Settings come from the environment, touch nothing, and never show a password."""

from pathlib import Path

import pytest

from lumbung.errors import SettingsError
from lumbung.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "city" / "schemas").mkdir(parents=True)
    return tmp_path / "city"


def test_without_any_setting_the_repository_is_the_project() -> None:
    settings = Settings.from_environment(environment={})
    assert settings.project == ROOT
    assert settings.home == ROOT / "var"
    assert settings.warehouse_url is None


def test_the_environment_names_project_and_home(project: Path, tmp_path: Path) -> None:
    settings = Settings.from_environment(environment={"LUMBUNG_PROJECT": str(project)})
    assert (settings.project, settings.home) == (project, project / "var")
    home = tmp_path / "state"
    settings = Settings.from_environment(project, {"LUMBUNG_PROJECT": "elsewhere", "LUMBUNG_HOME": str(home)})
    assert (settings.project, settings.home) == (project, home)
    assert not home.exists()


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no folder schemas/"):
        Settings.from_environment(tmp_path, {})


@pytest.mark.parametrize(
    "url", ["mysql://u:s3cret@h/d", "u:s3cret@h/d", "postgresql+asyncpg://u:s3cret@h/d", "//[s3cret"]
)
def test_a_warehouse_that_is_no_postgresql_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="LUMBUNG_WAREHOUSE_URL: expected postgresql://") as refusal:
        Settings.from_environment(environment={"LUMBUNG_WAREHOUSE_URL": url})
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["postgresql://u:s3cret@h:5432/d", "postgres://u:s3cret@h/d"])
def test_a_warehouse_url_is_kept_but_never_shown(url: str) -> None:
    settings = Settings.from_environment(environment={"LUMBUNG_WAREHOUSE_URL": url})
    assert settings.warehouse_url == url
    assert "s3cret" not in repr(settings)


def test_an_empty_variable_is_as_good_as_none() -> None:
    settings = Settings.from_environment(environment={"LUMBUNG_WAREHOUSE_URL": " ", "LUMBUNG_HOME": ""})
    assert settings.warehouse_url is None
    assert settings.home == ROOT / "var"
